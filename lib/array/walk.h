/* The order in which a copy visits two arrays of one shape. */
#ifndef FORAY_ARRAY_WALK_H
#define FORAY_ARRAY_WALK_H

#include <foray/array.h>

/* The same elements of both arrays along as few axes as possible, the longest
 * steps of `dst` first. The last axis is the inner loop; the one before it is
 * chosen so that both together visit memory near itself. */
struct foray__walk {
    char *dst;
    const char *src;
    int ndim; /* at least 1 */
    size_t shape[FORAY_MAX_NDIM];
    ptrdiff_t dst_strides[FORAY_MAX_NDIM], src_strides[FORAY_MAX_NDIM];
    size_t tile_rows, tile_items; /* of the last two axes, visited together */
};

/* The shapes are equal and hold at least one element. */
void foray__walk_plan(struct foray__walk *out, const struct foray_array *dst,
                      const struct foray_array *src);

/* Copy one run of `n` elements. */
typedef void (*foray__run_fn)(void *arg, char *dst, ptrdiff_t dst_stride,
                              const char *src, ptrdiff_t src_stride, size_t n);

/* Call `run` until every element was in one run. */
void foray__walk_runs(const struct foray__walk *walk, foray__run_fn run,
                      void *arg);

#endif
