/* Compiled modules, kept in a folder that nobody else can write. It holds the
 * 256 that were used last, or 64 MiB of them, and those in use. */
#ifndef FORAY_COMPUTE_MODULE_H
#define FORAY_COMPUTE_MODULE_H

#include <stdbool.h>

#include <foray/error.h>

#include "base/sha256.h"
#include "compute/compiler.h"

struct foray__module_folder {
    char path[3968]; /* without links */
    int fd;
};

/* A module that stays in the folder until it is released. */
struct foray__module {
    char path[4096];
    int fd; /* with a shared lock; -1: there is none, or it could not be had */
};

/* Open the folder, made if need be: $XDG_CACHE_HOME/foray/modules, or that of
 * ~/.cache, or, where neither can be had, one under TMPDIR or /tmp.
 * Errors: FORAY_EACCES (it belongs to somebody else, or others could change
 * it). Owner: the caller, close() of its fd. */
int foray__module_folder_open(struct foray__module_folder *out,
                              struct foray_error *err);

/* Whether it has a module of that digest, which is used now; `path` is what its
 * path is in any case. A file that is not ours alone does not count.
 * Errors: FORAY_ETOOLARGE (the path).
 * Owner: the caller, foray__module_release, unless there is an error. */
int foray__module_find(bool *found, struct foray__module *out,
                       const struct foray__module_folder *folder,
                       const char *digest, struct foray_error *err);

/* Compile what `input` has, `language` as the compiler calls it, with `flags`
 * beyond its usual ones, into the module that was not found: beside its path
 * first. Others that were not used for long may go. `words` and errors: those
 * of foray__compiler_run. */
int foray__module_make(struct foray__module *module,
                       const struct foray__module_folder *folder,
                       const struct foray__compiler *compiler,
                       const char *const *flags, const char *language,
                       int input, char **words, struct foray_error *err);

void foray__module_release(struct foray__module *module);

/* Remove what is beyond the bounds, and what compilers left that were killed;
 * as far as it can be done. A module that is loaded stays mapped. */
void foray__module_prune(const struct foray__module_folder *folder);

#endif
