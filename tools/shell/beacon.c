#include "shell/beacon.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "shell/message.h"

enum { MAX_WAITING = 8, MAX_COMMAND = 4096 };

static int beacon = -1;
static char command[MAX_COMMAND]; /* with its arguments, spaces between them */
static char folder[MAX_COMMAND];  /* that it was begun in, "" if not known */

static void read_command(void)
{
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, command, sizeof command - 1);

    for (ssize_t i = 0; i + 1 < n; i++)
        if (!command[i])
            command[i] = ' ';
    if (fd >= 0)
        close(fd);
    if (!getcwd(folder, sizeof folder))
        folder[0] = '\0';
}

void beacon_open(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int n = snprintf(address.sun_path + 1, sizeof address.sun_path - 1,
                     BEACON_PREFIX "%ld", (long)getpid());
    socklen_t length =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);

    if (beacon >= 0)
        return;
    beacon = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (beacon < 0)
        return;
    if (bind(beacon, (struct sockaddr *)&address, length) ||
        listen(beacon, MAX_WAITING)) {
        beacon_close();
        return;
    }
    read_command();
}

static bool may_know(int peer)
{
    struct ucred who;
    socklen_t length = sizeof who;

    return !getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &length) &&
           (who.uid == geteuid() || who.uid == 0);
}

/* An object of JSON; NULL: no memory. Owner: the caller. */
static char *describe(const struct foray_progress *now, const char *slowest,
                      size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);

    if (!out)
        return NULL;
    fprintf(out, "{\"pid\": %ld, \"folder\": ", (long)getpid());
    message_json(out, folder);
    fputs(", \"command\": ", out);
    message_json(out, command);
    fprintf(out,
            ", \"done\": %zu, \"total\": %zu, \"failed\": %zu, "
            "\"seconds\": %.1f, \"rate\": %.3f, \"remaining\": ",
            now->completed, now->total, now->failed, now->seconds, now->rate);
    if (now->remaining < 0)
        fputs("null", out);
    else
        fprintf(out, "%.1f", now->remaining);
    fprintf(out,
            ", \"slowest_seconds\": %.1f, \"slowest\": ", now->slowest_seconds);
    if (!*slowest)
        fputs("null", out);
    else
        message_json(out, slowest);
    fputs("}\n", out);
    if (fclose(out)) {
        free(text);
        return NULL;
    }
    return text;
}

void beacon_answer(const struct foray_progress *now, const char *slowest)
{
    char *text;
    size_t size;
    int peer;

    while (beacon >= 0 && (peer = accept4(beacon, NULL, NULL,
                                          SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        text = may_know(peer) ? describe(now, slowest, &size) : NULL;
        if (text) /* who does not listen any more is not waited for */
            (void)send(peer, text, size, MSG_NOSIGNAL);
        free(text);
        close(peer);
    }
}

void beacon_close(void)
{
    if (beacon >= 0)
        close(beacon);
    beacon = -1;
}
