/* Nobody gets in: what another user puts where foray makes or looks for
 * something is neither followed nor trusted nor removed, and what foray makes
 * is its user's alone. */
#include "strangers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers.h"

enum { LIMIT = 60 /* s */ };

struct campaign strangers_campaign;
char shared[128]; /* a folder like /tmp */

const char *in_shared(const char *name)
{
    static char ring[8][256];
    static int next;
    char *path = ring[next++ % 8];

    snprintf(path, sizeof ring[0], "%s/%s", shared, name);
    return path;
}

int as(uid_t user, int (*fn)(const void *arg), const void *arg)
{
    int status, hung = 0;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        setpgid(0, 0);
        if (user && !namespace_become(user))
            _exit(99);
        _exit(fn(arg));
    }
    status = child < 0 ? 99 << 8 : campaign_wait(child, LIMIT, &hung);
    return hung ? 201 : WIFEXITED(status) ? WEXITSTATUS(status) : 200;
}

void put_words(const char *path, const char *text, mode_t mode, uid_t user)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

    if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchmod(fd, mode) ||
        fchown(fd, user, user))
        exit(99);
    close(fd);
}

bool holds_words(const char *path, const char *text)
{
    char bytes[64] = "";
    int fd = open(path, O_RDONLY | O_NOFOLLOW);
    ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof bytes - 1);

    if (fd >= 0)
        close(fd);
    return n >= 0 && !strcmp(bytes, text);
}

void empty_shared(void)
{
    char line[256];

    snprintf(line, sizeof line, "rm -rf '%s'", shared);
    if (system(line) || mkdir(shared, 0700) || chmod(shared, 01777))
        exit(99);
}

size_t count_case(size_t *cases, bool failed, const char *what, int answer)
{
    ++*cases;
    if (failed)
        campaign_fault(&strangers_campaign, "%s: %d", what, answer);
    return failed;
}

static void try_users(void)
{
    empty_shared();
    try_privacy();
    try_plants();
    try_clean();
    try_folders();
    try_modules();
}

int main(int argc, char **argv)
{
    struct traces before;
    size_t left;

    campaign_begin(&strangers_campaign, argc, argv);
    snprintf(shared, sizeof shared, "%s/shared", test_folder());
    if (geteuid() == 0) {
        namespace_mount("/dev/shm", "size=64m");
        chmod("/dev/shm", 01777);
        chmod(test_folder(), 0755);
        try_users();
    } else {
        campaign_skip(&strangers_campaign,
                      "what other users plant is not trusted", "needs root");
    }
    traces_look(&before);
    try_variables();
    left = traces_left(&strangers_campaign, &before, "variables");
    if (left)
        campaign_row(&strangers_campaign, "nothing is left", 1, left);
    return campaign_end(&strangers_campaign);
}
