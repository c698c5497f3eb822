/* Bytes that grow: what is written for another process, all of it one run of
 * memory. What lies in them is named by its offset, as they move when they
 * grow. */
#ifndef FORAY_ENGINE_BYTES_H
#define FORAY_ENGINE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed: empty. `data` is aligned to 64. */
struct foray__bytes {
    char *data;
    size_t size, capacity;
};

/* Room for `more` bytes behind those that are there. False, here and below:
 * out of memory, and nothing has changed. */
bool foray__bytes_grow(struct foray__bytes *bytes, size_t more);

/* `size` more bytes, not filled yet, at a multiple of `align`, with zeros
 * before them; *at is where they begin. */
bool foray__bytes_extend(struct foray__bytes *bytes, uint64_t *at, size_t size,
                         size_t align);

/* Append a copy of `size` bytes, of none also from NULL. */
bool foray__bytes_put(struct foray__bytes *bytes, uint64_t *at,
                      const void *what, size_t size, size_t align);

void foray__bytes_free(struct foray__bytes *bytes);

#endif
