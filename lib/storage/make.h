/* New segments: what create, load and dump have in common. */
#ifndef FORAY_STORAGE_MAKE_H
#define FORAY_STORAGE_MAKE_H

#include <foray/storage.h>

#include "storage/layout.h"
#include "storage/sink.h"

/* Puts the data of a new array, which begins at `offset`, into its file. */
typedef int (*foray__fill_fn)(const struct foray__sink *sink, size_t offset,
                              const void *arg, struct foray_error *err);

/* Make a segment. `path` NULL: by the placement. Without `fill` the data is
 * zero. `mode` is what the new array says of itself. */
int foray__make(struct foray_array *out, const struct foray__layout *layout,
                const char *path, const struct foray_placement *placement,
                foray__fill_fn fill, const void *arg, enum foray_mode mode,
                struct foray_error *err);

/* Whether a file lies in memory, where writing alone takes the space. */
bool foray__lies_in_memory(int fd);

/* Put the numbers into an error that a full file system caused: what was to be
 * stored, and what is free there. Returns `code`; touches no other error. */
int foray__explain_full(int code, int fd, size_t nbytes, const char *name,
                        struct foray_error *err);

#endif
