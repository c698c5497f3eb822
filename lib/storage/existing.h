/* Files of somebody else's: opened, mapped as arrays, never trusted. */
#ifndef FORAY_STORAGE_EXISTING_H
#define FORAY_STORAGE_EXISTING_H

#include <stdbool.h>
#include <stdint.h>

#include "storage/make.h"

/* Open a regular file, above the standard streams, and tell its size. Anything
 * else is refused without blocking: it is "not `expected`", as in "a .npy
 * file".  Errors: FORAY_EINVAL (no path), FORAY_ENOENT, FORAY_EACCES,
 * FORAY_EFORMAT. */
int foray__existing_open(int *fd, uint64_t *size, const char *path,
                         bool writable, const char *expected,
                         struct foray_error *err);

/* "r", "r+" or "c"; FORAY_EINVAL otherwise. */
int foray__existing_mode(enum foray_mode *out, const char *mode,
                         struct foray_error *err);

/* Make a segment of a file's first bytes up to the end of the array that
 * begins at `offset`, `nbytes` long. The descriptor is the segment's unless
 * this fails. */
int foray__existing_map(struct foray_array *out, int fd, const char *path,
                        const struct foray__layout *layout, uint64_t offset,
                        uint64_t nbytes, enum foray_mode mode,
                        struct foray_error *err);

#endif
