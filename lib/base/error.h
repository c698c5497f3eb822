/* Filling the caller's struct foray_error. */
#ifndef FORAY_BASE_ERROR_H
#define FORAY_BASE_ERROR_H

#include <foray/error.h>

/* Propagate a failure. */
#define FORAY_TRY(expression)                                                  \
    do {                                                                       \
        int foray_try_code = (expression);                                     \
        if (foray_try_code)                                                    \
            return foray_try_code;                                             \
    } while (0)

/* Fill `err` (may be NULL) and return `code`, so that a failing function ends
 * in `return foray__fail(err, FORAY_EINVAL, "...")`. */
#define foray__fail(err, code, ...)                                            \
    (foray__error_fill((err), (code), __VA_ARGS__), foray__error_code(code))

static inline int foray__error_code(int code)
{
    return code;
}

/* What is behind it: a macro, so that compilers and analyzers see which code a
 * failing function returns. */
void foray__error_fill(struct foray_error *err, int code, const char *fmt, ...)
    FORAY_PRINTF(3, 4);

/* The same for a failed system call: picks the code for `sys_errno` and ends
 * the sentence with its text: "open x.npy: No such file or directory". */
int foray__fail_errno(struct foray_error *err, int sys_errno, const char *fmt,
                      ...) FORAY_PRINTF(3, 4);

/* An error, and where a task crashed, as another process left their bytes,
 * which a task may have scribbled over: the error is one, and its sentence and
 * the names of modules end. */
void foray__error_copy(struct foray_error *out, const void *bytes);
void foray__frames_copy(struct foray_frames *out, const void *bytes);

/* The last bytes of a long path, behind "...", so that a message always holds
 * the file's name. Returns `path` itself or a pointer into `buffer`. */
enum { FORAY__TAIL_SIZE = 128 };
const char *foray__tail(char buffer[FORAY__TAIL_SIZE], const char *path);

#endif
