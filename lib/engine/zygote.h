/* The zygote, as the program that made it sees it: a process that was small
 * when it was forked and stays it, so that workers start quickly and nobody
 * holds on to the memory that the program has since grown. */
#ifndef FORAY_ENGINE_ZYGOTE_H
#define FORAY_ENGINE_ZYGOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <foray/error.h>

#include "engine/claims.h"
#include "engine/modules.h"
#include "engine/nesting.h"

/* Whether this process has one; it may have died since. */
bool foray__zygote_is_mine(void);

/* 0 if workers can be had.
 * Errors: FORAY_EINVAL (never made), FORAY_EFORK (of a parent), FORAY_ECRASH
 * (it died). */
int foray__zygote_check(struct foray_error *err);

/* What was loaded when it was made. */
const struct foray__modules *foray__zygote_modules(void);

/* A worker that is wanted. */
struct foray__wanted {
    struct foray__owner owner;
    int area; /* the pool's shared memory */
    size_t area_size;
    int channel, lifeline, alarm; /* the worker's ends */
    int spins, inner_threads;
    struct foray__nesting nesting;
    const int *keep_fds;
    size_t n_keep_fds;
    char **environment; /* NULL: as it was when the zygote was made */
};

/* How many keep_fds it takes at most. */
size_t foray__zygote_max_keep_fds(void);

/* Have a worker forked. *pidfd is -1 where there are none.
 * Errors: FORAY_EAGAIN, FORAY_ENOMEM (refused), FORAY_ECRASH (it died). */
int foray__zygote_fork(const struct foray__wanted *wanted, pid_t *pid,
                       int *pidfd, struct foray_error *err);

/* foray__child_ended and foray__child_reap for its workers. */
bool foray__zygote_saw_end(pid_t pid);
int foray__zygote_reap(pid_t pid);

/* In every child of this process: let go of it, or it would outlive its
 * program. */
void foray__zygote_release(void);

#endif
