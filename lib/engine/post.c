#include "engine/post.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "engine/pair.h"
#include "storage/file.h"

/* Naps of 1 ms while too many descriptors are on their way, or the kernel has
 * no memory for a message: half of a request cannot be taken back. */
enum { MAX_NAPS = 1000 };

/* Whether the call that failed is worth another try, after a while. */
static bool is_passing(int *naps)
{
    const struct timespec nap = {0, 1000 * 1000};

    if (errno == EINTR)
        return true;
    if ((errno != ETOOMANYREFS && errno != ENOBUFS && errno != ENOMEM) ||
        (*naps)++ == MAX_NAPS)
        return false;
    nanosleep(&nap, NULL);
    return true;
}

/* Room for the descriptors, aligned as the kernel wants it. */
union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(FORAY__MAX_POSTED * sizeof(int))];
};

int foray__post_open(int ends[2], int patience)
{
    struct timeval time = {.tv_sec = patience};

    if (foray__pair_made(
            socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ends))
        return -1;
    if (!setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) &&
        !setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time))
        return 0;
    foray__pair_close(ends);
    return -1;
}

/* The beginning of a message, which carries its descriptors. */
static ssize_t send_first(int socket, const void *bytes, size_t nbytes,
                          const int *fds, size_t n_fds)
{
    struct iovec part = {(void *)(size_t)bytes, nbytes};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    union control control;

    if (n_fds) {
        memset(&control, 0, sizeof control);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(n_fds * sizeof *fds);
        memcpy(CMSG_DATA(&control.header), fds, n_fds * sizeof *fds);
        header.msg_control = &control;
        header.msg_controllen = CMSG_SPACE(n_fds * sizeof *fds);
    }
    return sendmsg(socket, &header, MSG_NOSIGNAL);
}

int foray__post_send(int socket, const void *bytes, size_t nbytes,
                     const int *fds, size_t n_fds)
{
    size_t sent = 0;
    int naps = 0;

    while (sent < nbytes) {
        ssize_t got = sent ? send(socket, (const char *)bytes + sent,
                                  nbytes - sent, MSG_NOSIGNAL)
                           : send_first(socket, bytes, nbytes, fds, n_fds);

        if (got >= 0)
            sent += (size_t)got;
        else if (!is_passing(&naps))
            return -1;
    }
    return 0;
}

static ssize_t receive_first(int socket, void *bytes, size_t nbytes, int *fds,
                             size_t *n_fds)
{
    struct iovec part = {bytes, nbytes};
    union control control;
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control};
    ssize_t got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    const struct cmsghdr *first;
    size_t room = n_fds ? *n_fds : 0, n = 0, n_kept = 0;

    if (got < 0)
        return got;
    first = CMSG_FIRSTHDR(&header);
    if (first && first->cmsg_type == SCM_RIGHTS)
        n = (first->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < n; i++) {
        int fd;

        memcpy(&fd, CMSG_DATA(first) + i * sizeof fd, sizeof fd);
        fd = foray__above_streams(fd);
        if (fd >= 0 && n_kept < room)
            fds[n_kept++] = fd;
        else if (fd >= 0)
            close(fd);
    }
    if (n_fds)
        *n_fds = n_kept;
    return got;
}

int foray__post_receive(int socket, void *bytes, size_t nbytes, int *fds,
                        size_t *n_fds)
{
    size_t received = 0;
    int naps = 0;

    while (received < nbytes) {
        ssize_t got =
            received
                ? recv(socket, (char *)bytes + received, nbytes - received, 0)
                : receive_first(socket, bytes, nbytes, fds, n_fds);

        if (got > 0) {
            received += (size_t)got;
        } else if (got == 0) {
            errno = EPIPE;
            return -1;
        } else if (!is_passing(&naps)) {
            return -1;
        }
    }
    return 0;
}
