#include "engine/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "engine/pair.h"
#include "storage/file.h"

/* Room for one descriptor, aligned as the kernel wants it. */
union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

int foray__channel_open(int ends[2])
{
    return foray__pair_made(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                   ends),
        ends);
}

int foray__channel_send(int end, const struct foray__message *message, int fd)
{
    struct iovec bytes = {(void *)(uintptr_t)message, sizeof *message};
    union control control;
    struct msghdr header = {.msg_iov = &bytes, .msg_iovlen = 1};

    memset(&control, 0, sizeof control);
    if (fd >= 0) {
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
        header.msg_control = &control;
        header.msg_controllen = sizeof control;
    }
    return sendmsg(end, &header, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int foray__channel_receive(int end, struct foray__message *message, int *fd)
{
    struct iovec bytes = {message, sizeof *message};
    union control control;
    struct msghdr header = {.msg_iov = &bytes,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control};
    struct cmsghdr *first;
    ssize_t got = recvmsg(end, &header, MSG_CMSG_CLOEXEC);

    *fd = -1;
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    if ((size_t)got != sizeof *message)
        return -1;
    first = CMSG_FIRSTHDR(&header);
    if (first && first->cmsg_type == SCM_RIGHTS) {
        memcpy(fd, CMSG_DATA(first), sizeof *fd);
        *fd = foray__above_streams(*fd); /* of which some may be closed */
    }
    return 1;
}
