/* Elements from one type to another, a strided row at a time. */
#ifndef FORAY_ARRAY_CONVERT_H
#define FORAY_ARRAY_CONVERT_H

#include <foray/array.h>

/* One side of a conversion: `n` elements, `stride` bytes apart. */
struct foray__row {
    char *data;
    ptrdiff_t stride;
    enum foray_dtype dtype; /* not FORAY_OPAQUE */
    bool swapped;
};

/* Convert as foray_array_copy says. The rows do not overlap, unless they are
 * the same elements. */
void foray__convert_row(const struct foray__row *dst,
                        const struct foray__row *src, size_t n);

#endif
