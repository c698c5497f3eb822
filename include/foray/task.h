/* Tasks: what a task function sees while it runs.
 *
 *     static int scale_rows(struct foray_task *task)
 *     {
 *         const double *factor = foray_task_params(task);
 *         const struct foray_array *x = foray_task_inout(task, 0);
 *
 *         for (size_t i = 0; i < x->shape[0]; i++)
 *             for (size_t j = 0; j < x->shape[1]; j++)
 *                 FORAY_AT(x, double, i, j) *= *factor;
 *         return 0;
 *     }
 *
 * A task function returns 0 for success. It runs in a worker: in a process of
 * its own, forked from the caller's, whose globals it inherited when the
 * worker was made and whose changes to them nobody sees. It may crash, leak,
 * or call exit: that is an error of this task and of no other. So is a C++
 * exception that it does not catch: it reaches no handler of the caller's, but
 * ends in std::terminate where it was thrown, and the error names it:
 * "task 17 crashed: SIGABRT (abort or failed assertion) with the C++ exception
 * std::runtime_error: no convergence". (The backend serial lets it through.)
 * The struct and everything these functions return ends with the task.
 * Threads: these functions are for the thread that the task function was called
 * in. Threads that a task starts itself get from it what it looked up: arrays,
 * params.
 */
#ifndef FORAY_TASK_H
#define FORAY_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/array.h>
#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

struct foray_task;

/* Returns 0 for success; anything else fails the task. */
typedef int (*foray_task_fn)(struct foray_task *task);

/** Number of this task, 0 .. tasks-1; for foray_for the index itself. */
FORAY_API size_t foray_task_index(const struct foray_task *task);

/** The rows of the cut axis that are this task's, [start, stop), of the first
 *  one in blocks; for foray_for [index, index + 1). */
FORAY_API struct foray_slice foray_task_slice(const struct foray_task *task);

/** The rows that are this task's along the k-th of the axes that are cut,
 *  without halo; [0, 0) when there is no k-th. */
FORAY_API struct foray_slice foray_task_block(const struct foray_task *task,
                                              int k);

/* Rows of `in` slices that are other tasks'. */
struct foray_halo {
    size_t before, after;
};

/** What the `in` slices really have of the halo along the k-th of the axes
 *  that are cut: element 0 of an `out` slice is at `before` in them. Less than
 *  was asked for at the ends of the arrays; none when there is no k-th. */
FORAY_API struct foray_halo foray_task_halo(const struct foray_task *task,
                                            int k);

/** Slot of the worker that runs it, 0 .. n_jobs-1. */
FORAY_API int foray_task_worker(const struct foray_task *task);

/** This task's slice of the k-th array of foray_map's `in`, `inout`, `out`;
 *  the whole of the k-th of `whole`. NULL, and the task fails, when there is
 *  no k-th.
 *  Shape: the array's, with the slice's length on the axes that are cut, for
 *  `in` with the halo (foray_task_halo), or as broadcast. `in` arrays
 *  are read-only: a store is a fault that is reported as this task's. */
FORAY_API const struct foray_array *foray_task_in(struct foray_task *task,
                                                  int k);
FORAY_API const struct foray_array *foray_task_inout(struct foray_task *task,
                                                     int k);
FORAY_API const struct foray_array *foray_task_out(struct foray_task *task,
                                                   int k);
FORAY_API const struct foray_array *foray_task_whole(struct foray_task *task,
                                                     int k);

/** The bytes given as `params`, read-only, 64-byte aligned; NULL if none. */
FORAY_API const void *foray_task_params(const struct foray_task *task);

/** What the configuration's `init` left in *state when this worker began; NULL
 *  without an init. The same in all tasks of a worker, until it is replaced.
 *  Owner: init and fini. */
FORAY_API void *foray_task_state(const struct foray_task *task);

/** Threads that BLAS and OpenMP have in this task: the pool's `inner_threads`,
 *  or more at the end of a run. When fewer tasks than workers are left, the
 *  CPUs of those that will have no work are the others': a task that begins
 *  then has CPUs / tasks left, in the runtimes and for pools that it opens. One
 *  that runs already gets them by this call: make it between two calls of BLAS
 *  in a long task. Its number is what threads of the task's own may be.
 *  Not where inner_threads is set, which makes what BLAS computes the same in
 *  each task; nor with `bind`, nor in `threads`, whose runtimes have one number
 *  for the process; nor while calls are still made: an iterator's end is known
 *  when its producer has ended, that of futures never. `serial` caps nothing
 *  and says what its pool does. A runtime whose number the task or `init` has
 *  set keeps that.
 *  Threads: the task's own. */
FORAY_API int foray_task_threads(struct foray_task *task);

/** Whether the run is being cancelled or stopped by another task's error: a
 *  long task looks now and then and returns early. Once it was told so, any
 *  value but 0 makes it FORAY_TASK_CANCELLED, and no error of the run. */
FORAY_API bool foray_task_cancelled(const struct foray_task *task);

/** Say what this task will need before it allocates: so many bytes, instead of
 *  what it reserved before, are its own of the pool's budget (struct
 *  foray_config, memory) until it ends or reserves another number. Waits until
 *  they are there; a smaller number is given back at once. The task's timeout
 *  stands still meanwhile. Tasks that need little go on beside one that waits
 *  for much. What a task reserves is not held a second time for what its like
 *  were seen to need.
 *  Should every task that holds something wait for more, the one of the worker
 *  with the lowest number gets it, and the budget is exceeded: reserve once,
 *  and first.
 *  Without a budget, and in registered backends (backend.h), it succeeds at
 *  once. Only in the thread that the task function was called in.
 *  Returns 0; FORAY_ENOMEM, and the task fails, when the whole budget is less;
 *  FORAY_ECANCELED when the run ends meanwhile (foray_task_cancelled): return
 *  it. What was reserved before is the task's still then. */
FORAY_API FORAY_CHECK int foray_task_reserve(struct foray_task *task,
                                             size_t bytes);

/** The same for something that has a name, "IMG_17.jpg", which stands in the
 *  sentence of a task that fails so. */
FORAY_API FORAY_CHECK int
foray_task_reserve_for(struct foray_task *task, size_t bytes, const char *name);

/** Fail this task with a sentence: `return foray_task_fail(task, "row %zu: no
 *  convergence", i);`. Returns FORAY_ETASK. */
FORAY_API int foray_task_fail(struct foray_task *task, const char *fmt, ...)
    FORAY_PRINTF(2, 3);

/** Fail this task with the error of another foray function, code and all:
 *  `return foray_task_raise(task, &err);`. Returns err->code. */
FORAY_API int foray_task_raise(struct foray_task *task,
                               const struct foray_error *err);

FORAY_END
#endif
