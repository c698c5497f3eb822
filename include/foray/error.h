/* Errors: a negative code returned, a sentence in the caller's struct.
 *
 *     struct foray_array x = {0};
 *     struct foray_error err;
 *
 *     if (foray_array_open(&x, "x.npy", "r", &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *
 * Every function that can fail returns 0 or one of the negative codes below
 * and takes a `struct foray_error *` as its last argument, which may be NULL.
 * On success the struct is left alone. It is plain bytes: a worker fills one,
 * the parent receives it unchanged. The library itself never prints.
 */
#ifndef FORAY_ERROR_H
#define FORAY_ERROR_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/export.h>

FORAY_BEGIN

/* XX(name, value, meaning). Values are -errno where errno has the meaning;
 * foray's own codes lie below -4096, where no errno is. */
#define FORAY_ERROR_MAP(XX)                                                    \
    XX(EINVAL, -EINVAL, "invalid argument")                                    \
    XX(ENOMEM, -ENOMEM, "out of memory")                                       \
    XX(ENOENT, -ENOENT, "no such file")                                        \
    XX(EACCES, -EACCES, "permission denied")                                   \
    XX(EEXIST, -EEXIST, "exists already")                                      \
    XX(EIO, -EIO, "input or output failed")                                    \
    XX(ENOSPC, -ENOSPC, "no space left")                                       \
    XX(EBUSY, -EBUSY, "in use")                                                \
    XX(EAGAIN, -EAGAIN, "a limit of the system was met")                       \
    XX(ENOTSUP, -ENOTSUP, "not supported")                                     \
    XX(ECANCELED, -ECANCELED, "cancelled")                                     \
    XX(ETIMEDOUT, -ETIMEDOUT, "took too long")                                 \
    XX(ERANGE, -ERANGE, "out of range")                                        \
    XX(EFORMAT, -5001, "the file is not what its format says")                 \
    XX(ETRUNCATED, -5002, "the file ends too early")                           \
    XX(EDTYPE, -5003, "another element type is needed")                        \
    XX(ESHAPE, -5004, "another shape is needed")                               \
    XX(ETOOLARGE, -5005, "larger than the limit")                              \
    XX(EOVERLAP, -5006, "slices overlap")                                      \
    XX(EFORK, -5007, "made by another process")                                \
    XX(ETASK, -5008, "a task failed")                                          \
    XX(ECRASH, -5009, "a worker died")                                         \
    XX(EEXIT, -5010, "a task called exit")                                     \
    XX(ESYSTEM, -5011, "a system call failed")                                 \
    XX(ETOOSMALL, -5012, "smaller than the least")

enum {
#define FORAY_ERROR_ENUM(name, value, meaning) FORAY_##name = (value),
    FORAY_ERROR_MAP(FORAY_ERROR_ENUM)
#undef FORAY_ERROR_ENUM
};

enum {
    FORAY_ERROR_MSG_SIZE = 512,
    FORAY_ERROR_FRAMES = 16,
    FORAY_ERROR_MODULES = 6,
    FORAY_ERROR_MODULE_SIZE = 40
};

/* Where a task crashed, the innermost function first. */
struct foray_frames {
    int n;                                /* 0: unknown */
    uint64_t offsets[FORAY_ERROR_FRAMES]; /* into the module's file, as
                                             addr2line takes them; without a
                                             module: addresses */
    int8_t modules[FORAY_ERROR_FRAMES];   /* which of `names`, or -1 */
    char names[FORAY_ERROR_MODULES][FORAY_ERROR_MODULE_SIZE];
};

struct foray_error {
    int code;                       /* FORAY_E..., 0 when never set */
    int sys_errno;                  /* errno behind it, or 0 */
    int64_t task;                   /* task index, or -1 */
    int worker;                     /* worker slot, or -1 */
    int signal;                     /* signal that killed the worker, or 0 */
    uint64_t fault_address;         /* for SIGSEGV and SIGBUS, or 0 */
    char msg[FORAY_ERROR_MSG_SIZE]; /* one sentence, no newline */
    struct foray_frames frames;     /* foray_error_backtrace */
};

/** The name of a code, "FORAY_EINVAL"; "FORAY_E?" for a value that is none.
 *  Owner: static storage.  Fork, threads: pure. */
FORAY_API const char *foray_error_name(int code);

/** The general meaning of a code, "invalid argument".
 *  Owner: static storage.  Fork, threads: pure. */
FORAY_API const char *foray_error_meaning(int code);

/** The backtrace of a task that crashed, a line a function, cut to fit; "" when
 *  there is none: the error is another, or the worker was killed from outside.
 *
 *  #0  inner+0x4 (libmine.so.1+0x1134)
 *  #1  outer+0x21 (program+0x2301) program.c:17
 *
 *  Functions have names where they are exported (a program's with -rdynamic)
 *  and this process has their module loaded. Where foray was built with libdw
 *  and that is installed, the debug information of the module's file, or what
 *  is installed of it by its build id, tells the others' names, and lines. So
 *  does `addr2line -fe program 0x2301`. Returns `out`.
 *  Fork, threads: as the memory given; not for signal handlers. */
FORAY_API char *foray_error_backtrace(char *out, size_t size,
                                      const struct foray_error *err);

FORAY_END
#endif
