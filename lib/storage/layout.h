/* What an array is like, before it has memory. */
#ifndef FORAY_STORAGE_LAYOUT_H
#define FORAY_STORAGE_LAYOUT_H

#include <foray/array.h>

#include "array/npy.h"

struct foray__layout {
    enum foray_dtype dtype;
    bool swapped, fortran_order;
    size_t itemsize;
    int ndim;
    size_t shape[FORAY_MAX_NDIM];
    const char *descr; /* NumPy's */
};

/* The layout that a copy of an array has: its order if it is contiguous, else
 * C. `descr` is static or the array's. */
void foray__layout_of(struct foray__layout *layout,
                      const struct foray_array *array);

/* An array over `data` as the layout says. */
void foray__layout_apply(struct foray_array *out,
                         const struct foray__layout *layout, void *data);

/* What a file's header says; `descr` is the header's. */
void foray__layout_of_header(struct foray__layout *layout,
                             const struct foray__npy_header *header);

#endif
