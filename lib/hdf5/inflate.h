/* Deflate in zlib's wrapping, by the library that was built in: one file for
 * each. */
#ifndef FORAY_HDF5_INFLATE_H
#define FORAY_HDF5_INFLATE_H

#include <stdbool.h>
#include <stddef.h>

/* NULL: no memory. */
void *foray__inflate_new(void);
void foray__inflate_free(void *state);

/* Whether the bytes inflate to `nbytes` and no other number of them. */
bool foray__inflate(void *state, const void *bytes, size_t size, void *out,
                    size_t nbytes);

/* `level` 1 to 9. NULL: no memory. */
void *foray__deflate_new(int level);
void foray__deflate_free(void *state);

/* The size of what was deflated; 0 when it has more than `room` bytes. */
size_t foray__deflate(void *state, const void *bytes, size_t size, void *out,
                      size_t room);

#endif
