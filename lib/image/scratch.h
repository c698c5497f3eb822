/* A growing block of memory, kept from image to image. */
#ifndef FORAY_IMAGE_SCRATCH_H
#define FORAY_IMAGE_SCRATCH_H

#include <stddef.h>

struct foray__scratch {
    void *bytes;
    size_t nbytes;
};

/* At least `nbytes`, 64-byte aligned; what was there is lost. NULL: out of
 * memory, the old block is still there. */
void *foray__scratch_get(struct foray__scratch *scratch, size_t nbytes);

/* Lay out a block: the address of `nbytes` at *at, which moves on to the next
 * multiple of 64, or to SIZE_MAX, and stays there, when that is more than
 * PTRDIFF_MAX. With `base` NULL it only measures, and returns NULL. */
void *foray__scratch_carve(char *base, size_t *at, size_t nbytes);

void foray__scratch_free(struct foray__scratch *scratch);

#endif
