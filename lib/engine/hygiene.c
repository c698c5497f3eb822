#include "engine/hygiene.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/feature.h"

#ifndef SYS_close_range
#define SYS_close_range 436 /* the same on every architecture */
#endif

static void reset_signals(void)
{
    sigset_t none;

    for (int signo = 1; signo <= SIGRTMAX; signo++)
        if (signo != SIGKILL && signo != SIGSTOP)
            signal(signo, signo == SIGINT ? SIG_IGN : SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Close [first, last]. */
static bool close_range_syscall(int first, int last)
{
    if (first > last)
        return true;
    return foray__feature("close_range") &&
           syscall(SYS_close_range, (unsigned)first, (unsigned)last, 0U) == 0;
}

static bool is_kept(const int *keep, size_t n, int fd)
{
    for (size_t i = 0; i < n; i++)
        if (keep[i] == fd)
            return true;
    return fd <= 2;
}

/* Before Linux 5.9: what /proc says is open, or else every number. */
static void close_one_by_one(const int *keep, size_t n)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    struct rlimit limit;

    if (dir) {
        while ((entry = readdir(dir))) {
            int fd = atoi(entry->d_name);

            if (!is_kept(keep, n, fd) && fd != dirfd(dir))
                close(fd);
        }
        closedir(dir);
        return;
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur > 65536)
        limit.rlim_cur = 65536;
    for (int fd = 3; fd < (int)limit.rlim_cur; fd++)
        if (!is_kept(keep, n, fd))
            close(fd);
}

void foray__close_all_but(const int *keep, size_t n)
{
    int first = 3;

    for (size_t i = 0; i < n; i++) {
        if (keep[i] < first)
            continue;
        if (!close_range_syscall(first, keep[i] - 1)) {
            close_one_by_one(keep, n);
            return;
        }
        first = keep[i] + 1;
    }
    if (!close_range_syscall(first, INT_MAX))
        close_one_by_one(keep, n);
}

static void detach_input(void)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (null > 0) {
        dup2(null, 0); /* clears CLOEXEC: what the task executes has it too */
        close(null);
    } else if (null < 0) {
        close(0);
    }
}

void foray__hygiene_apply(const struct foray__hygiene *wanted)
{
    setpgid(0, 0);
    reset_signals();
    prctl(PR_SET_NAME, wanted->name);
    /* What the host had buffered is the host's to write. */
    __fpurge(stdout);
    __fpurge(stderr);
    detach_input();
    foray__close_all_but(wanted->keep_fds, wanted->n_keep_fds);
}
