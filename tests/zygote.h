/* For tests of workers that a zygote forks, of the default pool. */
#ifndef FORAY_TESTS_ZYGOTE_H
#define FORAY_TESTS_ZYGOTE_H

#include <sys/types.h>

#include <foray.h>

/* A pool of that many workers, of no backend in particular. Owner: the
 * caller. */
struct foray_pool *open_jobs(int n_jobs);

/* The parent of a pool's worker; 0: the run failed. Asserts nothing, so that
 * children may ask. */
pid_t zygote_of(struct foray_pool *pool);

/* A task: of every five the fourth dies of SIGKILL, the fifth calls
 * _exit(9). */
int kill_itself(struct foray_task *task);

#endif
