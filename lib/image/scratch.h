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

void foray__scratch_free(struct foray__scratch *scratch);

#endif
