/* Results: what became of one call.
 *
 *     static int print_all(struct foray_run *run, struct foray_error *err)
 *     {
 *         struct foray_result result;
 *         int code;
 *
 *         while ((code = foray_run_next(run, &result, err)) > 0) {
 *             printf("%zu: %g\n", result.index, foray_result_f64(&result, 0));
 *             foray_result_free(&result);
 *         }
 *         return code;
 *     }
 *
 * A result is the caller's, a plain struct with some memory of its own; a copy
 * of the struct is the same result, and is freed once.
 * Threads, fork: as any memory of the caller's.
 */
#ifndef FORAY_RESULT_H
#define FORAY_RESULT_H

#include <foray/call.h>
#include <foray/error.h>
#include <foray/export.h>
#include <foray/map.h>

FORAY_BEGIN

struct foray_result_memory;

struct foray_result {
    int code;                    /* 0, or why it failed: foray_result_error */
    enum foray_status status;    /* FORAY_TASK_OK, ... */
    size_t index;                /* of the call, in the order they were made */
    int worker;                  /* slot that ran it, or -1 */
    int attempt;                 /* the try that this came of, from 1 */
    double seconds;              /* that try took in the worker */
    size_t n;                    /* values returned */
    struct foray_value first[2]; /* the values, if n <= 2 and all are */
    struct foray_result_memory *memory; /* numbers; else here. Use the
                                           functions */
};

/** Kind of value k; NONE when there is no k-th. */
FORAY_API enum foray_kind foray_result_kind(const struct foray_result *result,
                                            int k);

/** Value k. Numbers convert where the value stays the same; anything else
 *  gives 0, NaN, NULL or an empty range.
 *  Owner: strings, bytes and arrays are the result's. A large array lies in
 *  shared memory, mapped, mode r+. */
FORAY_API bool foray_result_bool(const struct foray_result *result, int k);
FORAY_API int64_t foray_result_i64(const struct foray_result *result, int k);
FORAY_API uint64_t foray_result_u64(const struct foray_result *result, int k);
FORAY_API double foray_result_f64(const struct foray_result *result, int k);
FORAY_API struct foray_value
foray_result_c128(const struct foray_result *result, int k);
FORAY_API const char *foray_result_str(const struct foray_result *result,
                                       int k);
FORAY_API struct foray_bytes
foray_result_bytes(const struct foray_result *result, int k);
FORAY_API const struct foray_array *
foray_result_array(const struct foray_result *result, int k);

/** Take array k out of the result: it outlives it, and foray_array_close gives
 *  it back. One that came in a segment is not copied.
 *  Errors: FORAY_EINVAL (value k is no array, or was taken), FORAY_ENOSPC,
 *  FORAY_ENOMEM. */
FORAY_API FORAY_CHECK int foray_result_take_array(struct foray_array *out,
                                                  struct foray_result *result,
                                                  int k,
                                                  struct foray_error *err);

/** Why the call failed; NULL when it did not.  Owner: the result. */
FORAY_API const struct foray_error *
foray_result_error(const struct foray_result *result);

/** What the call, and processes that it started, wrote to standard output and
 *  error, in a pool that captures (pool.h); "" otherwise. Of the last try, as
 *  far as it came: also of one that crashed or took too long, up to the last
 *  end of a line. At most the last 64 KiB, behind a line "[1234 bytes cut]".
 *  "[output lost]" where it could not be read, or without memory for it.
 *  That of the call that ended an iterator is in foray_run_failure.
 *  *size, if not NULL: bytes, without the zero byte behind them.
 *  Owner: the result. */
FORAY_API const char *foray_result_output(const struct foray_result *result,
                                          size_t *size);

/** Give back what a result holds, and zero it. Nothing happens to a zeroed one.
 *  Arrays that were taken stay. */
FORAY_API void foray_result_free(struct foray_result *result);

/** foray_result_free of n. */
FORAY_API void foray_results_free(struct foray_result *results, size_t n);

FORAY_END
#endif
