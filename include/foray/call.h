/* Calls: a task function and its arguments, not yet run; and what it returns.
 *
 *     static int hypotenuse(struct foray_task *task)
 *     {
 *         double a = foray_task_f64(task, 0), b = foray_task_f64(task, 1);
 *
 *         return foray_return(task, a * a + b * b, foray_task_str(task, 2));
 *     }
 *
 *     static struct foray_call make_call(void)
 *     {
 *         return foray_delayed(hypotenuse, 3, 4.5, "first");
 *     }
 *
 * foray_delayed takes up to 16 arguments and turns each into a typed value:
 *
 *   bool                              BOOL
 *   char, signed char, short, int,
 *   long, long long, enumerations     I64
 *   unsigned ..., size_t              U64
 *   float, double, long double        F64 (a long double loses digits)
 *   float, double _Complex            C128
 *   char *, const char *            STR, up to its zero byte
 *   NULL                              NONE; any other void * is refused when
 *                                     the call is submitted
 *   FORAY_BYTES(data, size)           BYTES; a copy of a struct can be read
 *                                     where it lies, at a multiple of 16
 *   struct foray_array *            ARRAY
 *   struct foray_value                itself, for calls built at run time
 *
 * Any other type does not compile. A call borrows its strings, bytes and
 * arrays: they are read when it is submitted (foray_parallel, foray_submit,
 * foray_produce), and may change or go afterwards. Arrays that live in a
 * segment (storage.h) are never copied; the memory they view is passed. So it
 * is with what a task was given and passes to calls of its own, though its
 * views have no segment: it goes on in the mode that the task has it in. Copies
 * are made of arrays of mode c, of slices of outputs in guard mode (pool.h),
 * and where a worker has half of the descriptors that it may have. Of an array
 * in private memory the task gets a snapshot: inline if it is small, or else
 * dumped into shared memory (max_nbytes in pool.h). In foray_parallel without a
 * pool (NULL) on the backend "fork" it is not dumped: the workers are forked
 * with it. That is for mode r; a store into it is a fault but at its first and
 * last page, in arrays with gaps, and few of them above 64 MiB: such a store is
 * lost.
 *
 * In C++ and where the arguments are known at run time only: foray_call_of
 * with the foray_value_... functions beneath.
 *
 * Threads, fork: values and calls are plain structs; what a task asks of its
 * arguments and gives back it does in the thread that it was called in.
 */
#ifndef FORAY_CALL_H
#define FORAY_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/array.h>
#include <foray/export.h>
#include <foray/task.h>

FORAY_BEGIN

enum { FORAY_MAX_ARGUMENTS = 16 };

enum foray_kind {
    FORAY_KIND_NONE,
    FORAY_KIND_BOOL,
    FORAY_KIND_I64,
    FORAY_KIND_U64,
    FORAY_KIND_F64,
    FORAY_KIND_C128,
    FORAY_KIND_STR,
    FORAY_KIND_BYTES,
    FORAY_KIND_ARRAY,
    FORAY_KIND_POINTER /* a void * that is not NULL: cannot travel */
};

struct foray_bytes {
    const void *data;
    size_t size;
};

/* One argument, or one value that a task returned. */
struct foray_value {
    enum foray_kind kind;
    union {
        bool b;
        int64_t i;
        uint64_t u;
        double f;
        double c[2];              /* real, imaginary */
        struct foray_bytes bytes; /* STR too: without its zero byte */
        const struct foray_array *array;
    } as;
};

struct foray_call {
    foray_task_fn fn;
    const char *name; /* of the function, for messages; static, or NULL */
    size_t n;
    struct foray_value args[FORAY_MAX_ARGUMENTS];
};

/** Values of each kind. Strings, bytes and arrays are borrowed; NULL strings
 *  and arrays are NONE. */
FORAY_API struct foray_value foray_value_none(void);
FORAY_API struct foray_value foray_value_bool(bool x);
FORAY_API struct foray_value foray_value_i64(int64_t x);
FORAY_API struct foray_value foray_value_u64(uint64_t x);
FORAY_API struct foray_value foray_value_f64(double x);
FORAY_API struct foray_value foray_value_c128(double re, double im);
FORAY_API struct foray_value foray_value_str(const char *text);
FORAY_API struct foray_value foray_value_bytes(struct foray_bytes bytes);
FORAY_API struct foray_value foray_value_array(const struct foray_array *array);
FORAY_API struct foray_value foray_value_pointer(const void *pointer);

/** A call built at run time. More than 16 values are refused when it is
 *  submitted.  Owner: `name`, strings, bytes and arrays stay the caller's. */
FORAY_API struct foray_call foray_call_of(const char *name, foray_task_fn fn,
                                          size_t n,
                                          const struct foray_value *values);

/** "get_hog("img17.png", 9, f64[1000,20])": what a call would run, as errors
 *  name it; cut to fit `size` bytes, its zero byte included. Returns `out`. */
FORAY_API char *foray_call_text(char *out, size_t size,
                                const struct foray_call *call);

/** Number of arguments of the call a task runs; 0 in foray_map and
 *  foray_for. */
FORAY_API size_t foray_task_n_args(const struct foray_task *task);

/** Kind of argument k; NONE when there is no k-th. */
FORAY_API enum foray_kind foray_task_kind(const struct foray_task *task, int k);

/** Argument k of the call. Numbers convert where the value stays the same
 *  (7 to 7.0, 3u to 3); anything else, and a k that is not there, fails the
 *  task and returns 0 or NULL.
 *  Owner: strings, bytes and arrays end with the task. An array is in the
 *  mode it was passed in: a store into one of mode r is a fault, and reported
 *  as this task's. */
FORAY_API bool foray_task_bool(struct foray_task *task, int k);
FORAY_API int64_t foray_task_i64(struct foray_task *task, int k);
FORAY_API uint64_t foray_task_u64(struct foray_task *task, int k);
FORAY_API double foray_task_f64(struct foray_task *task, int k);
FORAY_API struct foray_value foray_task_c128(struct foray_task *task, int k);
FORAY_API const char *foray_task_str(struct foray_task *task, int k);
FORAY_API struct foray_bytes foray_task_bytes(struct foray_task *task, int k);
FORAY_API const struct foray_array *foray_task_array(struct foray_task *task,
                                                     int k);

/** Which try this is: 1, or more after failures that are retried. */
FORAY_API int foray_task_attempt(const struct foray_task *task);

/** Hand back `n` values; once per task, `return foray_return(task, x, y);`.
 *  They are copied before it returns, but for the memory of a large array:
 *  one in a segment of its own, made by this task with foray_array_create, is
 *  handed over as it is, and is the result's from then on: the task does not
 *  close it (FORAY_EBUSY) nor store into it any more. Another is copied into
 *  shared memory once, and stays the task's to close. The parent maps it.
 *  Returns 0, or the code the task fails with (foray_map and
 *  foray_for take no values; no space). */
FORAY_API int foray_return_values(struct foray_task *task, size_t n,
                                  const struct foray_value *values);

#ifndef __cplusplus

#define FORAY_BYTES(d, n) ((struct foray_bytes){(d), (n)})

/* What foray_delayed and foray_return take types by that have no function of
 * their own. */
static inline struct foray_value foray_value_complex(double _Complex x)
{
    union {
        double _Complex whole;
        double parts[2];
    } z = {x};

    return foray_value_c128(z.parts[0], z.parts[1]);
}

static inline struct foray_value foray_value_same(struct foray_value x)
{
    return x;
}

static inline struct foray_value foray_value_long_double(long double x)
{
    return foray_value_f64((double)x);
}

/* clang-format off */
#define FORAY__VALUE(x)                                                        \
    _Generic((x),                                                              \
        bool: foray_value_bool,                                                \
        char: foray_value_i64,                                                 \
        signed char: foray_value_i64,                                          \
        short: foray_value_i64,                                                \
        int: foray_value_i64,                                                  \
        long: foray_value_i64,                                                 \
        long long: foray_value_i64,                                            \
        unsigned char: foray_value_u64,                                        \
        unsigned short: foray_value_u64,                                       \
        unsigned int: foray_value_u64,                                         \
        unsigned long: foray_value_u64,                                        \
        unsigned long long: foray_value_u64,                                   \
        float: foray_value_f64,                                                \
        double: foray_value_f64,                                               \
        long double: foray_value_long_double,                                  \
        float _Complex: foray_value_complex,                                   \
        double _Complex: foray_value_complex,                                  \
        char *: foray_value_str,                                               \
        const char *: foray_value_str,                                         \
        void *: foray_value_pointer,                                           \
        const void *: foray_value_pointer,                                     \
        struct foray_bytes: foray_value_bytes,                                 \
        struct foray_array *: foray_value_array,                               \
        const struct foray_array *: foray_value_array,                         \
        struct foray_value: foray_value_same)(x)

#define FORAY__COUNT(...)                                                      \
    FORAY__PICK(__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3,  \
                2, 1, 0, )
#define FORAY__PICK(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12,     \
                    a13, a14, a15, a16, n, ...)                                \
    n
#define FORAY__JOIN(a, b) FORAY__JOIN_(a, b)
#define FORAY__JOIN_(a, b) a##b

#define FORAY__V0(f) {FORAY_KIND_NONE, {0}}
#define FORAY__V1(f, x) FORAY__VALUE(x)
#define FORAY__V2(f, x, ...) FORAY__VALUE(x), FORAY__V1(f, __VA_ARGS__)
#define FORAY__V3(f, x, ...) FORAY__VALUE(x), FORAY__V2(f, __VA_ARGS__)
#define FORAY__V4(f, x, ...) FORAY__VALUE(x), FORAY__V3(f, __VA_ARGS__)
#define FORAY__V5(f, x, ...) FORAY__VALUE(x), FORAY__V4(f, __VA_ARGS__)
#define FORAY__V6(f, x, ...) FORAY__VALUE(x), FORAY__V5(f, __VA_ARGS__)
#define FORAY__V7(f, x, ...) FORAY__VALUE(x), FORAY__V6(f, __VA_ARGS__)
#define FORAY__V8(f, x, ...) FORAY__VALUE(x), FORAY__V7(f, __VA_ARGS__)
#define FORAY__V9(f, x, ...) FORAY__VALUE(x), FORAY__V8(f, __VA_ARGS__)
#define FORAY__V10(f, x, ...) FORAY__VALUE(x), FORAY__V9(f, __VA_ARGS__)
#define FORAY__V11(f, x, ...) FORAY__VALUE(x), FORAY__V10(f, __VA_ARGS__)
#define FORAY__V12(f, x, ...) FORAY__VALUE(x), FORAY__V11(f, __VA_ARGS__)
#define FORAY__V13(f, x, ...) FORAY__VALUE(x), FORAY__V12(f, __VA_ARGS__)
#define FORAY__V14(f, x, ...) FORAY__VALUE(x), FORAY__V13(f, __VA_ARGS__)
#define FORAY__V15(f, x, ...) FORAY__VALUE(x), FORAY__V14(f, __VA_ARGS__)
#define FORAY__V16(f, x, ...) FORAY__VALUE(x), FORAY__V15(f, __VA_ARGS__)

/* The first of the arguments is the function, or the task. */
#define FORAY__FIRST(...) FORAY__FIRST_(__VA_ARGS__, )
#define FORAY__FIRST_(first, ...) first
#define FORAY__NAME(...) FORAY__NAME_(__VA_ARGS__, )
#define FORAY__NAME_(first, ...) #first
#define FORAY__VALUES(...)                                                     \
    FORAY__JOIN(FORAY__V, FORAY__COUNT(__VA_ARGS__))(__VA_ARGS__)
#define FORAY__VALUE_LIST(...)                                                 \
    (const struct foray_value[FORAY__COUNT(__VA_ARGS__) + 1])                  \
    {                                                                          \
        FORAY__VALUES(__VA_ARGS__)                                             \
    }

/** foray_delayed(fn, args...): a call. Evaluates each argument once. */
#define foray_delayed(...)                                                     \
    foray_call_of(FORAY__NAME(__VA_ARGS__), FORAY__FIRST(__VA_ARGS__),         \
                  FORAY__COUNT(__VA_ARGS__), FORAY__VALUE_LIST(__VA_ARGS__))

/** foray_return(task, values...): foray_return_values of up to 16. */
#define foray_return(...)                                                      \
    foray_return_values(FORAY__FIRST(__VA_ARGS__), FORAY__COUNT(__VA_ARGS__),  \
                        FORAY__VALUE_LIST(__VA_ARGS__))
/* clang-format on */

#endif

FORAY_END
#endif
