/* For tests of the backend threads: a pool of it, and a task that counts who
 * runs it. */
#ifndef FORAY_TESTS_THREADS_H
#define FORAY_TESTS_THREADS_H

#include <pthread.h>
#include <stdatomic.h>

#include <foray.h>

/* `more` may be NULL. Owner: the caller. */
struct foray_pool *open_threads(int n_jobs, const struct foray_config *more);

/* Who calls begin_counting, and how often count_me has run since, by whom. */
extern pthread_t caller;
extern atomic_int n_seen, n_in_caller;
void begin_counting(void);

/* A task of 500 us, or (i) -> i: counts in the program's own memory. */
int count_me(struct foray_task *task);

#endif
