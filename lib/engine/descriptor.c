#include "engine/descriptor.h"

#include <stddef.h>

#include "storage/segment.h"

static enum foray__access access_of(enum foray_mode mode, int read_only)
{
    if (mode == FORAY_COPY)
        return FORAY__ACCESS_COPY;
    if (mode == FORAY_READ || read_only)
        return FORAY__ACCESS_READ;
    return FORAY__ACCESS_WRITE;
}

void foray__descriptor_make(struct foray__descriptor *out,
                            const struct foray_array *array, int read_only)
{
    out->segment = array->segment ? array->segment->id : 0;
    out->access = access_of(array->mode, read_only);
    out->view = *array;
    if (array->segment) {
        out->offset =
            (uint64_t)((char *)array->data - (char *)array->segment->base);
        out->view.data = NULL;
    }
    out->view.segment = NULL;
    /* As numpy.memmap in joblib's workers: a file that exists is not made
     * anew, so w+ arrives as r+. */
    out->view.mode = out->access == FORAY__ACCESS_COPY    ? FORAY_COPY
                     : out->access == FORAY__ACCESS_WRITE ? FORAY_READ_WRITE
                                                          : FORAY_READ;
}

void foray__descriptor_open(struct foray_array *out,
                            const struct foray__descriptor *descriptor,
                            void *base)
{
    *out = descriptor->view;
    out->data = (char *)base + descriptor->offset;
}
