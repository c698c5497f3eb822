/* Reductions: slices of arrays to one result, the same however it is run.
 *
 *     static int count(struct foray_task *task)
 *     {
 *         const struct foray_array *x = foray_task_in(task, 0);
 *         uint64_t *counts = foray_task_partial(task);
 *
 *         for (size_t i = 0; i < x->shape[0]; i++)
 *             counts[FORAY_AT(x, uint8_t, i)]++;
 *         return 0;
 *     }
 *
 *     static void add(void *into, const void *from, const void *params)
 *     {
 *         (void)params;
 *         for (int k = 0; k < 256; k++)
 *             ((uint64_t *)into)[k] += ((const uint64_t *)from)[k];
 *     }
 *
 *     int histogram(uint64_t counts[256], struct foray_pool *pool,
 *                   const struct foray_array *x, struct foray_error *err)
 *     {
 *         struct foray_reduce reduce = {.fn = count,
 *                                       .in = {x},
 *                                       .size = 256 * sizeof *counts,
 *                                       .combine = add};
 *
 *         return foray_reduce(pool, &reduce, counts, NULL, err);
 *     }
 *
 * foray_reduce is a foray_map each of whose tasks fills a partial result of
 * its own. When all are done the caller combines them in a binary tree that
 * depends on their number only:
 *
 *   tree(first, n) = partial `first`                        where n is 1
 *                  = combine(tree(first, half),
 *                            tree(first + half, n - half))
 *
 * with `half` the largest power of two below n. The order of tasks is kept, so
 * `combine` need not be commutative; sums of floats are the same bits with any
 * number of workers, any backend and any timing. The tasks are those of
 * foray_map: with `chunk` 0 their number depends on shapes and dtypes only.
 * With skip a failed task contributes nothing: where one side of a node is
 * empty the node is the other side.
 */
#ifndef FORAY_REDUCE_H
#define FORAY_REDUCE_H

#include <stddef.h>
#include <stdint.h>

#include <foray/array.h>
#include <foray/error.h>
#include <foray/export.h>
#include <foray/map.h>
#include <foray/pool.h>
#include <foray/task.h>

FORAY_BEGIN

/* Combine `from` with what precedes it, `into`; both 64-byte aligned. Called
 * in the caller's process, in the thread that called foray_reduce; `params` is
 * the caller's pointer. */
typedef void (*foray_combine_fn)(void *into, const void *from,
                                 const void *params);

/* As struct foray_map; zero everywhere means default. */
struct foray_reduce {
    foray_task_fn fn;
    const struct foray_array *in[FORAY_MAX_ARRAYS]; /* cut, read-only */
    const struct foray_array *whole[FORAY_MAX_ARRAYS - 1];
    int axis;
    size_t chunk;
    struct foray_blocks blocks;
    const void *params;
    size_t params_size;
    size_t size;              /* bytes of a partial and of the result */
    foray_combine_fn combine; /* associative */
    const void *initial;      /* `size` bytes that each partial begins with, of
                                 no effect when combined; NULL: zeros */
    enum foray_access access;
    enum foray_on_error on_error;
    uint8_t *status;
    foray_failed_fn failed;
    void *failed_arg;
};

/** Run a function over slices and combine what the tasks found.
 *  `result`: `size` bytes; `initial` or zeros if no task contributed (arrays
 *  without rows, every task failed under skip). Memory: `size`, rounded up to
 *  64 bytes, for each task. `pool` may be NULL, see pool.h; `report` may be
 *  NULL; its seconds are those of the tasks.
 *  Errors: those of foray_map; FORAY_EINVAL (`size` 0, no `combine`),
 *  FORAY_ERANGE (sizes overflow). `result` is untouched then.
 *  Threads, fork: as foray_map. */
FORAY_API FORAY_CHECK int foray_reduce(struct foray_pool *pool,
                                       const struct foray_reduce *reduce,
                                       void *result,
                                       struct foray_report *report,
                                       struct foray_error *err);

/** This task's partial result, to be written: `size` bytes, 64-byte aligned,
 *  `initial` or zeros when the task begins. NULL, and the task fails, in runs
 *  that are not foray_reduce's. */
FORAY_API void *foray_task_partial(struct foray_task *task);

/* Of all elements of an array: any strides, either byte order, any dtype but
 * complex ones and FORAY_OPAQUE (FORAY_EDTYPE); bool counts as 0 and 1. `pool`
 * may be NULL, see pool.h. The first failed task ends the run, whatever the
 * pool's policy. After an error *out is untouched. Other errors, threads, fork:
 * as foray_reduce. */

/** The sum: 0 of an empty array. Integers are added exactly and rounded once.
 *  Floats are added in f64 along with the rounding errors of the additions
 *  (Neumaier): as if in twice the digits. NaN and infinities as numpy.sum. */
FORAY_API FORAY_CHECK int foray_array_sum(double *out, struct foray_pool *pool,
                                          const struct foray_array *array,
                                          struct foray_error *err);

/** The exact sum of integers.  Errors: FORAY_EDTYPE (floats), FORAY_ERANGE
 *  (the sum does not fit; sums on the way to it may be of any size). */
FORAY_API FORAY_CHECK int foray_array_sum_i64(int64_t *out,
                                              struct foray_pool *pool,
                                              const struct foray_array *array,
                                              struct foray_error *err);
FORAY_API FORAY_CHECK int foray_array_sum_u64(uint64_t *out,
                                              struct foray_pool *pool,
                                              const struct foray_array *array,
                                              struct foray_error *err);

/** The sum, as foray_array_sum, divided by the number of elements: NaN of an
 *  empty array. */
FORAY_API FORAY_CHECK int foray_array_mean(double *out, struct foray_pool *pool,
                                           const struct foray_array *array,
                                           struct foray_error *err);

/** The least and the greatest element; of 64-bit integers the f64 nearest to
 *  it. NaN if an element is NaN, as numpy.min.
 *  Errors: FORAY_ESHAPE (an empty array has none). */
FORAY_API FORAY_CHECK int foray_array_min(double *out, struct foray_pool *pool,
                                          const struct foray_array *array,
                                          struct foray_error *err);
FORAY_API FORAY_CHECK int foray_array_max(double *out, struct foray_pool *pool,
                                          const struct foray_array *array,
                                          struct foray_error *err);

/** Where the least and the greatest element is: its number in C order, of
 *  equal ones the first. The first NaN if there is one, as numpy.argmin.
 *  64-bit integers are compared exactly.
 *  Errors: FORAY_ESHAPE (an empty array has none). */
FORAY_API FORAY_CHECK int foray_array_argmin(size_t *out,
                                             struct foray_pool *pool,
                                             const struct foray_array *array,
                                             struct foray_error *err);
FORAY_API FORAY_CHECK int foray_array_argmax(size_t *out,
                                             struct foray_pool *pool,
                                             const struct foray_array *array,
                                             struct foray_error *err);

FORAY_END
#endif
