#include "shell/command.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "shell/beacon.h"
#include "shell/message.h"
#include "shell/options.h"
#include "shell/progress.h"
#include "shell/values.h"

/* Runs answer with their progress, twice a second; one that plans or commits
 * does not, and is told of without numbers. */
enum { PATIENCE = 2000 /* ms */, MAX_ANSWER = 65536 };

struct status_command {
    bool json;
};

static const struct option_spec status_options[] = {
    {"json", 0, NULL, value_flag, offsetof(struct status_command, json),
     "an object a line"},
    {0}};

/* Connect to a beacon if it is this user's; -1: it is not, or gone. */
static int ask(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(name);
    struct ucred who;
    socklen_t length = sizeof who;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || n >= sizeof address.sun_path - 1)
        return fd;
    memcpy(address.sun_path + 1, name, n);
    if (!connect(fd, (struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n)) &&
        !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) &&
        who.uid == geteuid())
        return fd;
    close(fd);
    return -1;
}

/* All that it says until it hangs up. */
static bool listen_to(int fd, char answer[MAX_ANSWER])
{
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    size_t size = 0;
    ssize_t n = 1;

    while (n > 0 && size < MAX_ANSWER - 1 && poll(&polled, 1, PATIENCE) > 0) {
        n = recv(fd, answer + size, MAX_ANSWER - 1 - size, 0);
        size += n > 0 ? (size_t)n : 0;
    }
    answer[size] = '\0';
    return size && answer[size - 1] == '\n';
}

/* The number behind "NAME": in an answer, or `otherwise`. */
static double number_of(const char *answer, const char *name, double otherwise)
{
    char key[32], *end;
    const char *at;
    double value;

    snprintf(key, sizeof key, "\"%s\": ", name);
    at = strstr(answer, key);
    if (!at)
        return otherwise;
    value = strtod(at + strlen(key), &end);
    return end == at + strlen(key) ? otherwise : value;
}

/* The text behind `name` and before `behind` in an answer, with what JSON had
 * to escape. Returns its length. */
static int text_of(const char *answer, const char *name, const char *behind,
                   const char **begin)
{
    const char *at = strstr(answer, name), *end;

    *begin = "";
    if (!at)
        return 0;
    *begin = at + strlen(name);
    end = strstr(*begin, behind);
    return end ? (int)(end - *begin) : 0;
}

/* The end of the answer: a name that may hold anything, and for how long. */
static const char *slowest_of(char out[PROGRESS_SLOWEST_SIZE],
                              const char *numbers)
{
    static char name[MAX_ANSWER];
    const char *begin;
    int length = text_of(numbers, "\"slowest\": \"", "\"}\n", &begin);

    snprintf(name, sizeof name, "%.*s", length, begin);
    return progress_slowest(
        out, name, length ? number_of(numbers, "slowest_seconds", 0) : 0);
}

/* Behind the command, which may hold anything: the numbers are ours. */
static void print_text(long pid, const char *answer)
{
    const char *command, *folder, *numbers = answer;
    int length = text_of(answer, "\"command\": \"", "\", \"done\": ", &command);
    int in = text_of(answer, "\"folder\": \"", "\", \"command\": ", &folder);
    struct foray_progress now = {0};
    char state[PROGRESS_STATE_SIZE], slowest[PROGRESS_SLOWEST_SIZE];

    numbers = command + length;
    now.completed = (size_t)number_of(numbers, "done", 0);
    now.total = (size_t)number_of(numbers, "total", 0);
    now.failed = (size_t)number_of(numbers, "failed", 0);
    now.rate = number_of(numbers, "rate", 0);
    now.remaining = number_of(numbers, "remaining", -1);
    progress_state(state, &now);
    printf("%ld  %s%s  %.*s%s%.*s\n", pid, state, slowest_of(slowest, numbers),
           length, command, in ? ", in " : "", in, folder);
}

/* Whether it is one of this user's. */
static bool tell_of(const char *name, bool json)
{
    static char answer[MAX_ANSWER];
    long pid = atol(name + strlen(BEACON_PREFIX));
    int fd = ask(name);

    if (fd < 0)
        return false;
    if (listen_to(fd, answer)) {
        if (json)
            fputs(answer, stdout);
        else
            print_text(pid, answer);
    } else if (json) {
        printf("{\"pid\": %ld, \"command\": null}\n", pid);
    } else {
        printf("%ld  busy with something else than tasks\n", pid);
    }
    close(fd);
    return true;
}

/* Every socket without a file has a line "... @name". Returns how many
 * are told of. */
static size_t tell_all(bool json)
{
    FILE *sockets = fopen("/proc/net/unix", "r");
    char line[512], *name;
    size_t n = 0;

    while (sockets && fgets(line, sizeof line, sockets)) {
        name = strstr(line, "@" BEACON_PREFIX);
        if (!name || !strstr(line, " 00010000 ")) /* not one that listens */
            continue;
        line[strcspn(line, "\n")] = '\0';
        n += tell_of(name + 1, json);
    }
    if (sockets)
        fclose(sockets);
    return n;
}

int cmd_status(const struct command *command, int argc, char **argv)
{
    struct status_command c = {0};
    const struct option_table table = {"Options", status_options, &c};
    int first = options_parse(command, &table, 1, argc, argv);

    if (first < 0)
        return first == OPTIONS_HELP ? STATUS_DONE : STATUS_USAGE;
    if (first < argc)
        return options_wrong("%s: status takes no arguments", argv[first]);
    if (!tell_all(c.json) && !c.json)
        message("nothing runs");
    return STATUS_DONE;
}
