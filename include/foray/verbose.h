/* Progress as lines of text, those that joblib prints.
 *
 *     struct foray_verbose verbose = {.verbose = 10, .stream = stderr};
 *     struct foray_config config = {.n_jobs = 4,
 *                                   .progress = foray_verbose_progress,
 *                                   .progress_arg = &verbose,
 *                                   .progress_interval = 0.01};
 *     struct foray_pool *pool;
 *
 *     if (foray_pool_open(&pool, &config, NULL))
 *         return;
 *     verbose.n_jobs = foray_pool_n_jobs(pool);
 *     verbose.backend = foray_pool_backend(pool);
 *     foray_verbose_begin(&verbose);
 *     // foray_map or foray_for
 *     foray_verbose_end(&verbose);
 *     foray_pool_close(pool);
 *
 * prints to `stream`, behind "[Parallel(n_jobs=4)]: " in each line,
 *
 *  Using backend fork with 4 concurrent workers.
 *  Done   2 out of 100 | elapsed:    0.1s remaining:    2.6s
 *  Done  13 out of 100 | elapsed:    0.3s remaining:    2.0s
 *  ...
 *  Done 100 out of 100 | elapsed:    2.3s finished
 *
 * Source: joblib.Parallel(verbose=...).
 * Threads: the one that runs the pool. Fork: the struct is plain memory.
 */
#ifndef FORAY_VERBOSE_H
#define FORAY_VERBOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <foray/export.h>
#include <foray/pool.h>

FORAY_BEGIN

struct foray_verbose {
    int verbose;         /* how many lines, about; 0 or less: none at all */
    int n_jobs;          /* as the lines show it */
    int n_workers;       /* of the first line; 0: foray_n_jobs(n_jobs) */
    const char *backend; /* any name; NULL: "fork" */
    FILE *stream;        /* joblib takes stderr below 50, else stdout;
                            NULL: no lines */
    /* Of the functions below. */
    size_t total, completed;
    double seconds;
    bool told;
};

/** Print which workers there are, and get ready for a run. */
FORAY_API void foray_verbose_begin(struct foray_verbose *verbose);

/** A foray_progress_fn; `arg` is the struct. It prints a line whenever
 *  total / verbose + 1 more tasks are done, where joblib does with
 *  pre_dispatch="all"; none for the last two tasks. With an unknown total (0)
 *  lines are "Done  12 tasks", above verbose 10 at every call, else at growing
 *  distances. A call that comes late prints one line for all that it missed:
 *  `progress_interval` bounds their number too. Numbers are as wide as the
 *  total, at least 3 digits. */
FORAY_API void foray_verbose_progress(const struct foray_progress *progress,
                                      void *arg);

/** Print the last line if the run finished, nothing if it was stopped or never
 *  began. */
FORAY_API void foray_verbose_end(struct foray_verbose *verbose);

FORAY_END
#endif
