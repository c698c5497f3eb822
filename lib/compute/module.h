/* Compiled modules, kept in a folder that nobody else can write. */
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

/* Open the folder, made if need be: $XDG_CACHE_HOME/foray/modules, or that of
 * ~/.cache, or, where neither can be had, one under TMPDIR or /tmp.
 * Errors: FORAY_EACCES (it belongs to somebody else, or others could change
 * it). Owner: the caller, close() of its fd. */
int foray__module_folder_open(struct foray__module_folder *out,
                              struct foray_error *err);

/* Whether it has a module of that digest; `path` is what its path is. A file
 * that is not ours alone does not count.
 * Errors: FORAY_ETOOLARGE (the path). */
int foray__module_find(bool *found, char path[4096],
                       const struct foray__module_folder *folder,
                       const char *digest, struct foray_error *err);

/* Compile what `input` has, `language` as the compiler calls it, with `flags`
 * beyond its usual ones, into the module at `path`: beside it first. `words`
 * and errors: those of foray__compiler_run. */
int foray__module_make(const char *path, const struct foray__compiler *compiler,
                       const char *const *flags, const char *language,
                       int input, char **words, struct foray_error *err);

#endif
