/* Atomic operations on elements that several tasks change at once.
 *
 *     static int count_bytes(struct foray_task *task)
 *     {
 *         const struct foray_array *bytes = foray_task_in(task, 0);
 *         const struct foray_array *counts = foray_task_whole(task, 0);
 *
 *         for (size_t i = 0; i < bytes->shape[0]; i++) {
 *             size_t k = FORAY_AT(bytes, uint8_t, i);
 *
 *             foray_atomic_add(&FORAY_AT(counts, int64_t, k), 1);
 *         }
 *         return 0;
 *     }
 *
 * They work between processes that share the element, in an array of the
 * run's `whole` with mode r+ or w+, and between threads. The element lies as
 * C aligns its type, which foray_array_require checks, and in this machine's
 * byte order. Every operation but compare_exchange returns the value before
 * it, and all of them are in one order that every process sees (seq_cst).
 * None of them waits for another process: one that dies leaves the old value
 * or the new one.
 *
 * Integers, minima and maxima come out the same in any order. Sums of floats
 * are rounded at every step, and their last bits depend on timing: where that
 * matters, give each task an element of its own and add them up afterwards.
 * Many tasks on one element wait for its cache line: count in the task, and
 * add once.
 *
 * foray_atomic_add(at, value), foray_atomic_min, foray_atomic_max and
 * foray_atomic_compare_exchange(at, expected, desired) choose the function by
 * the type of `at`, in C; C++ calls the functions by their names.
 * Fork, threads: made for them.
 */
#ifndef FORAY_ATOMIC_H
#define FORAY_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

#include <foray/export.h>

FORAY_BEGIN

/** Add to an element; its old value. Integers wrap around. */
FORAY_API int32_t foray_atomic_add_i32(int32_t *at, int32_t value);
FORAY_API int64_t foray_atomic_add_i64(int64_t *at, int64_t value);
FORAY_API uint32_t foray_atomic_add_u32(uint32_t *at, uint32_t value);
FORAY_API uint64_t foray_atomic_add_u64(uint64_t *at, uint64_t value);
FORAY_API float foray_atomic_add_f32(float *at, float value);
FORAY_API double foray_atomic_add_f64(double *at, double value);

/** Lower an element to `value` if that is less; its old value.
 *  Floats: as IEEE 754-2019's minimum. NaN wins over every number, as in
 *  NumPy's minimum, so that one NaN makes the result NaN; -0 is less than 0. */
FORAY_API int32_t foray_atomic_min_i32(int32_t *at, int32_t value);
FORAY_API int64_t foray_atomic_min_i64(int64_t *at, int64_t value);
FORAY_API uint32_t foray_atomic_min_u32(uint32_t *at, uint32_t value);
FORAY_API uint64_t foray_atomic_min_u64(uint64_t *at, uint64_t value);
FORAY_API float foray_atomic_min_f32(float *at, float value);
FORAY_API double foray_atomic_min_f64(double *at, double value);

/** Raise an element to `value` if that is greater; its old value.
 *  Floats: as IEEE 754-2019's maximum. NaN wins over every number, as in
 *  NumPy's maximum, so that one NaN makes the result NaN; 0 is greater than
 *  -0. */
FORAY_API int32_t foray_atomic_max_i32(int32_t *at, int32_t value);
FORAY_API int64_t foray_atomic_max_i64(int64_t *at, int64_t value);
FORAY_API uint32_t foray_atomic_max_u32(uint32_t *at, uint32_t value);
FORAY_API uint64_t foray_atomic_max_u64(uint64_t *at, uint64_t value);
FORAY_API float foray_atomic_max_f32(float *at, float value);
FORAY_API double foray_atomic_max_f64(double *at, double value);

/** Store `desired` if the element is *expected, and say whether; if it is not,
 *  *expected becomes what it is. With both equal: a way to read. Floats are
 *  compared by their bits: a NaN is equal to itself, 0 is not to -0.
 *  Other operations are made of it:
 *
 *     static void multiply(double *at, double factor)
 *     {
 *         double old = 0;
 *
 *         while (!foray_atomic_compare_exchange(at, &old, old * factor))
 *             ;
 *     }
 */
FORAY_API bool foray_atomic_compare_exchange_i32(int32_t *at, int32_t *expected,
                                                 int32_t desired);
FORAY_API bool foray_atomic_compare_exchange_i64(int64_t *at, int64_t *expected,
                                                 int64_t desired);
FORAY_API bool foray_atomic_compare_exchange_u32(uint32_t *at,
                                                 uint32_t *expected,
                                                 uint32_t desired);
FORAY_API bool foray_atomic_compare_exchange_u64(uint64_t *at,
                                                 uint64_t *expected,
                                                 uint64_t desired);
FORAY_API bool foray_atomic_compare_exchange_f32(float *at, float *expected,
                                                 float desired);
FORAY_API bool foray_atomic_compare_exchange_f64(double *at, double *expected,
                                                 double desired);

/* C++ has no _Generic. */
#ifndef __cplusplus
/* clang-format off */
#define FORAY__ATOMIC_PICK(at, verb)                                            \
    _Generic((at),                                                             \
        int32_t *: foray_atomic_##verb##_i32,                                  \
        int64_t *: foray_atomic_##verb##_i64,                                  \
        uint32_t *: foray_atomic_##verb##_u32,                                 \
        uint64_t *: foray_atomic_##verb##_u64,                                 \
        float *: foray_atomic_##verb##_f32,                                    \
        double *: foray_atomic_##verb##_f64)
/* clang-format on */
#define foray_atomic_add(at, value) FORAY__ATOMIC_PICK(at, add)(at, value)
#define foray_atomic_min(at, value) FORAY__ATOMIC_PICK(at, min)(at, value)
#define foray_atomic_max(at, value) FORAY__ATOMIC_PICK(at, max)(at, value)
#define foray_atomic_compare_exchange(at, expected, desired)                   \
    FORAY__ATOMIC_PICK(at, compare_exchange)(at, expected, desired)
#endif

FORAY_END
#endif
