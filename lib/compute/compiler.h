/* The system's C compiler. */
#ifndef FORAY_COMPUTE_COMPILER_H
#define FORAY_COMPUTE_COMPILER_H

#include <stddef.h>

#include <foray/error.h>

#include "base/sha256.h"

struct foray__compiler {
    char path[4096];
};

/* Find it: what CC names, if that is one program and no command with options,
 * else `cc`, in the folders of PATH.
 * Errors: FORAY_ENOENT: says what to install. */
int foray__compiler_find(struct foray__compiler *out, struct foray_error *err);

/* Which program it is, and the CPU it compiles for: what modules depend on. */
void foray__compiler_digest(const struct foray__compiler *compiler,
                            struct foray__sha256 *sha);

/* A file without a name that has these bytes, to be read from its begin.
 * Owner: the caller, close(). */
int foray__compiler_file(int *fd, const void *bytes, size_t nbytes,
                         struct foray_error *err);

/* Run it with arguments that make a shared library for this CPU, of the same
 * bits as any other CPU would compute, then `flags`, then `more`, both with
 * NULL at the end. Standard input is
 * `input` (-1: nothing); standard output goes to `output` (-1: nowhere). What
 * it says on standard error is *words, malloc'ed, "" for nothing, whatever the
 * outcome; NULL only without memory.
 * Errors: FORAY_EINVAL (it failed: the first of its words that is an error),
 * FORAY_EAGAIN, FORAY_ENOMEM. */
int foray__compiler_run(const struct foray__compiler *compiler,
                        const char *const *flags, const char *const *more,
                        int input, int output, char **words,
                        struct foray_error *err);

#endif
