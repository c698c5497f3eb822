/* Configuration: defaults for the pools that this thread opens.
 *
 *     struct foray_config config = {.n_jobs = 4, .inner_threads = 1};
 *     struct foray_pool *pool = NULL;
 *     struct foray_error err;
 *
 *     if (foray_config_push(&config, &err)) {
 *         fprintf(stderr, "%s\n", err.msg);
 *     } else {
 *         if (foray_pool_open(&pool, NULL, &err))
 *             fprintf(stderr, "%s\n", err.msg);
 *         foray_pool_close(pool);
 *         foray_config_pop();
 *     }
 *
 * What a field is, the first of these decides that sets it:
 *
 * - the config given to foray_pool_open,
 * - foray_config_push, the innermost level first,
 * - a variable of the environment: FORAY_N_JOBS (as foray_n_jobs_parse),
 *   FORAY_BACKEND, FORAY_INNER_THREADS, FORAY_TEMP_FOLDER, FORAY_MAX_NBYTES
 *   (as foray_size_parse, or "never"), FORAY_MMAP_MODE, FORAY_PRE_DISPATCH,
 *   FORAY_BATCH_SIZE (a number or "auto"), FORAY_RETRIES, FORAY_TIMEOUT and
 *   FORAY_GRACE (seconds), FORAY_ON_ERROR ("stop" or "skip"),
 *   FORAY_IDLE_TIMEOUT (seconds, or "never"), FORAY_MAX_TASKS, FORAY_MAX_RSS
 *   (as FORAY_MAX_NBYTES), FORAY_MEMORY (likewise), FORAY_BIND ("1" or "0"),
 * - the default that struct foray_config names.
 *
 * FORAY_FORCE_BACKEND is above them all. An empty variable is not set. One
 * that makes no sense is FORAY_EINVAL wherever a pool is opened, also when
 * another level decides.
 *
 * FORAY_ONLY_TASK=17 is for a debugger: foray_map, foray_for, foray_parallel,
 * iterators and futures run task 17 and no other, in the caller's process and
 * thread (the backend is serial, no worker is made). The others count as not
 * run; an iterator passes over them. What that task runs itself is whole. The
 * sentence of every failed task says so, where there is room:
 * "...; FORAY_ONLY_TASK=17 runs it alone".
 *
 * Tasks, and the pools they open, inherit what foray_config_push set in the
 * thread that began their run, as it was then, with every backend and however
 * old the worker is; but for progress, log, keep_fds and init with fini, which
 * are the program's own. A task's own levels go on top, and end with it.
 *
 * Threads: each has levels of its own, none at first; pop them before it ends.
 * Fork: a child has those of the thread that forked it.
 * Source: joblib.parallel_config.
 */
#ifndef FORAY_CONFIG_H
#define FORAY_CONFIG_H

#include <foray/error.h>
#include <foray/export.h>
#include <foray/pool.h>

FORAY_BEGIN

/** Set defaults until foray_config_pop. Fields that are zero stay what they
 *  were: progress and its arg, log and its arg, keep_fds and their number,
 *  init with fini and their params count as one field each. Strings, keep_fds
 *  and init_params are copied.
 *  Errors: FORAY_EINVAL, as foray_pool_open without a config would answer
 *  inside; FORAY_ENOMEM. Nothing is set then. */
FORAY_API FORAY_CHECK int foray_config_push(const struct foray_config *config,
                                            struct foray_error *err);

/** Undo this thread's last foray_config_push. Open pools stay as they are.
 *  Returns 0; FORAY_EINVAL when there is nothing to undo; what a task inherited
 *  stays. */
FORAY_API int foray_config_pop(void);

/** What a pool opened here without a config would have. Still zero or NULL may
 *  be prefer and require, inner_threads, batch_size, retries, timeout,
 *  temp_folder, callbacks and descriptors.
 *  Errors: FORAY_EINVAL, as foray_pool_open. `out` is left alone then.
 *  Owner: strings and descriptors are the library's or the environment's,
 *  until the next push, pop or change of the environment. */
FORAY_API FORAY_CHECK int foray_config_get(struct foray_config *out,
                                           struct foray_error *err);

/** Workers that a pool opened here with this n_jobs would have, 0: with the
 *  configured one. 1 for the backend serial. In a task it counts the task's
 *  share of the CPUs (pool.h).
 *  Returns 1 or more; FORAY_EINVAL, which is negative, when foray_pool_open
 *  would.  Source: joblib.effective_n_jobs. */
FORAY_API int foray_effective_n_jobs(int n_jobs);

/** How many tasks this code runs in: 0 in the program, 1 in a task of its
 *  pools, 2 in one of a pool that such a task opened.
 *  Threads: one that a task starts itself is in none, where the pool's workers
 *  are threads. */
FORAY_API int foray_depth(void);

FORAY_END
#endif
