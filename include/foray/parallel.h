/* Parallel: calls in, results out, in order. As a list, as an iterator, or one
 * by one.
 *
 *     static int half(struct foray_task *task)
 *     {
 *         return foray_return(task, foray_task_f64(task, 0) / 2);
 *     }
 *
 *     static int halves(struct foray_pool *pool, struct foray_error *err)
 *     {
 *         struct foray_call calls[10];
 *         struct foray_result results[10];
 *         int code;
 *
 *         for (int i = 0; i < 10; i++)
 *             calls[i] = foray_delayed(half, i);
 *         code = foray_parallel(pool, calls, 10, results, err);
 *         for (int i = 0; i < 10 && !code; i++)
 *             printf("%g\n", foray_result_f64(&results[i], 0));
 *         foray_results_free(results, 10);
 *         return code;
 *     }
 *
 * A list is dispatched in batches that nobody sees. An iterator makes its
 * calls lazily: a producer is asked, in the caller's thread and only inside of
 * foray_run_next and foray_run_start, for as many as the workers need.
 *
 *     int count_words(struct foray_task *task);
 *
 *     static int next_path(struct foray_slot *slot, void *arg)
 *     {
 *         FILE *paths = arg;
 *         char path[4096];
 *
 *         if (!fgets(path, sizeof path, paths))
 *             return 0;
 *         return foray_produce(slot, foray_delayed(count_words, path));
 *     }
 *
 * A pool serves one run at a time: foray_map, foray_parallel, an iterator that
 * is not dropped yet, or futures that are not freed yet.
 * Threads: any, one at a time for a pool and what was begun in it, but for
 * foray_run_cancel. Fork: in a child that the program forked itself codes are
 * FORAY_EFORK, and nothing else happens.
 */
#ifndef FORAY_PARALLEL_H
#define FORAY_PARALLEL_H

#include <foray/call.h>
#include <foray/error.h>
#include <foray/export.h>
#include <foray/pool.h>
#include <foray/result.h>

FORAY_BEGIN

/** Run n calls; results[i] is what became of calls[i].
 *  Returns 0, or the first error as foray_map does: with stop, the lowest
 *  failed index known; results that were there by then are kept, the others
 *  have status FORAY_TASK_NOT_RUN or FORAY_TASK_CANCELLED and code
 *  FORAY_ECANCELED. With skip a run whose calls failed returns 0: look at
 *  results[i].code.
 *  A private array that several calls pass, the same struct or another that
 *  views the same memory, is dumped once. `pool` may be NULL: one is made for
 *  this run, and with the backend "fork" nothing is dumped (pool.h, call.h).
 *  Errors: FORAY_EINVAL (a call without function, a value that cannot travel),
 *  FORAY_EBUSY, FORAY_EFORK, FORAY_ENOSPC, FORAY_ENOMEM, FORAY_ECANCELED, and
 *  those of tasks.
 *  Owner: results are the caller's to free in any case, n of them; `results`
 *  may be NULL if nobody wants them. */
FORAY_API FORAY_CHECK int foray_parallel(struct foray_pool *pool,
                                         const struct foray_call *calls,
                                         size_t n, struct foray_result *results,
                                         struct foray_error *err);

struct foray_slot; /* where a producer puts the call it makes */

/* Makes the next call: returns what foray_produce returned, 0 when there are
 * no more, or a negative code of its own, which ends the run and is what
 * foray_run_next returns. */
typedef int (*foray_next_fn)(struct foray_slot *slot, void *arg);

/** Submit a call from within a producer. Everything it borrows is copied
 *  before this returns. Returns 1, or a negative code to be passed on.
 *  Errors: as foray_parallel's of calls and memory. */
FORAY_API int foray_produce(struct foray_slot *slot, struct foray_call call);

/** Fail from within a producer, with a sentence; returns `code`, which is
 *  negative. */
FORAY_API int foray_produce_fail(struct foray_slot *slot, int code,
                                 const char *fmt, ...) FORAY_PRINTF(3, 4);

/* Zero everywhere means default. */
struct foray_iterator {
    foray_next_fn next;
    void *next_arg;
    bool unordered; /* results as they come, not in the calls' order */
    size_t total;   /* number of calls, for progress; 0: unknown */
    const char *pre_dispatch; /* batches made ahead: the pool's */
    size_t max_unread; /* bytes of results that nobody read yet, before no more
                          calls are made; 0: 64 MiB */
    int batch_size;    /* calls in a batch; 0: the pool's */
    enum foray_on_error on_error; /* the pool's */
};

struct foray_run; /* an iterator under way */

/** Begin: the producer is asked for the first calls.
 *  `pool` may be NULL: one is made for this run, and ends with it (pool.h).
 *  Errors: FORAY_EINVAL (no producer, bad pre_dispatch), FORAY_EBUSY,
 *  FORAY_EFORK, FORAY_ENOMEM, and the producer's own; without a pool, those of
 *  foray_pool_open.
 *  Owner: the caller, foray_run_drop. The pool must outlive it. */
FORAY_API FORAY_CHECK int foray_run_start(struct foray_run **out,
                                          struct foray_pool *pool,
                                          const struct foray_iterator *iterator,
                                          struct foray_error *err);

/** Wait for the next result. Returns 1 with *result filled; 0 at the end; a
 *  negative code when the run ended early, at once and every time from then
 *  on: with stop, because a task failed (the lowest index known); because of
 *  the producer; FORAY_ECANCELED.
 *  Owner: *result is the caller's, foray_result_free. */
FORAY_API FORAY_CHECK int foray_run_next(struct foray_run *run,
                                         struct foray_result *result,
                                         struct foray_error *err);

/** foray_run_next that does not wait: FORAY_EAGAIN when nothing is there. */
FORAY_API FORAY_CHECK int foray_run_try(struct foray_run *run,
                                        struct foray_result *result,
                                        struct foray_error *err);

/** The call that ended a run with stop: its error is what foray_run_next
 *  returned; here are its output, worker, try and seconds, too. NULL when the
 *  run goes on, or ended otherwise.
 *  Owner: the run, until it is dropped. */
FORAY_API const struct foray_result *
foray_run_failure(const struct foray_run *run);

/** A descriptor that is readable when foray_run_try should be called, for
 *  poll, select and event loops; it stays the run's. -1 for `serial`, whose
 *  tasks run inside foray_run_try, and for registered backends. */
FORAY_API int foray_run_fd(struct foray_run *run);

/** Cancel the run: foray_run_next answers FORAY_ECANCELED from then on, at once
 *  also where it waits, unless the end was read already. Unlike
 *  foray_pool_cancel it never means the pool's next run.
 *  Threads: any, also signal handlers, until foray_run_drop. */
FORAY_API void foray_run_cancel(struct foray_run *run);

/** End a run, finished or not, and free it; NULL does nothing. What was not
 *  begun is cancelled; running tasks see foray_task_cancelled, then SIGKILL
 *  after the pool's grace. The pool is free for the next run. `report` may be
 *  NULL. */
FORAY_API void foray_run_drop(struct foray_run *run,
                              struct foray_report *report);

struct foray_future; /* one call, submitted by itself */

/** Submit one call. Everything it borrows is copied before this returns.
 *  Futures of a pool may be many; the calls begin in the order they were
 *  submitted. A failed call is its future's error, whatever the pool's policy.
 *  There is no submitting without a pool: workers that nobody has opened nobody
 *  could close, and one call alone is no reason to make them.
 *  Errors: FORAY_EINVAL (also without a pool), FORAY_EBUSY (a run is on),
 *  FORAY_EFORK, FORAY_ENOSPC, FORAY_ENOMEM.
 *  Owner: the caller, foray_future_free, before the pool is closed. */
FORAY_API FORAY_CHECK int foray_submit(struct foray_future **out,
                                       struct foray_pool *pool,
                                       const struct foray_call *call,
                                       struct foray_error *err);

/** Whether the result is there; never waits. */
FORAY_API bool foray_future_done(struct foray_future *future);

/** Wait at most `seconds` (negative: for ever) and take the result. Returns 0
 *  with *result filled, also when the call failed: result->code.
 *  Errors: FORAY_EAGAIN (not there in time), FORAY_EINVAL (taken before). */
FORAY_API FORAY_CHECK int foray_future_wait(struct foray_future *future,
                                            double seconds,
                                            struct foray_result *result,
                                            struct foray_error *err);

/** Cancel a call that has not begun: its result is FORAY_ECANCELED then.
 *  Returns whether it did; a call that runs or is done is left alone. */
FORAY_API bool foray_future_cancel(struct foray_future *future);

/** Give a future back; a call under way goes on, its result is lost. NULL does
 *  nothing. */
FORAY_API void foray_future_free(struct foray_future *future);

FORAY_END
#endif
