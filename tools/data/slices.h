/* [a:b:s,i,...] behind the name of an array, as NumPy writes it. */
#ifndef FORAY_TOOLS_DATA_SLICES_H
#define FORAY_TOOLS_DATA_SLICES_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/array.h>

/* What is done to one axis, or to all that nothing is said of. */
struct slice_item {
    enum { SLICE_RANGE, SLICE_INDEX, SLICE_ELLIPSIS } kind;
    ptrdiff_t start, stop, step; /* as foray_array_slice; an index is `start` */
};

struct slices {
    struct slice_item items[FORAY_MAX_NDIM + 1];
    int n;
};

/* Where the text's last bracket opens, if it ends in one that closes; NULL. */
const char *slices_begin(const char *text);

/* Read "[...]". NULL, or what is wrong: static storage. */
const char *slices_parse(struct slices *out, const char *text);

/* The part of an array; `array` becomes a view of what it was.
 * Errors: FORAY_ERANGE (an index outside), FORAY_EINVAL (too many axes). */
int slices_apply(struct foray_array *array, const struct slices *slices,
                 const char *name, struct foray_error *err);

#endif
