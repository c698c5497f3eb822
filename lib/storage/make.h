/* New segments: what create, load, dump and save have in common. */
#ifndef FORAY_STORAGE_MAKE_H
#define FORAY_STORAGE_MAKE_H

#include <foray/storage.h>

/* What the array is like, before it has memory. */
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

/* Make a segment. `path` NULL: by the placement. With `source`, an array of
 * the same layout, the data is copied from it by the quickest way, else it is
 * zero. `mode` is what the new array says of itself. */
int foray__make(struct foray_array *out, const struct foray__layout *layout,
                const char *path, const struct foray_placement *placement,
                const struct foray_array *source, enum foray_mode mode,
                struct foray_error *err);

/* An array over `data` as the layout says. */
void foray__layout_apply(struct foray_array *out,
                         const struct foray__layout *layout, void *data);

/* Names of partial.c: PATH.partial, locked by its maker as long as it lives. */
int foray__partial_install(int fd, const char *path, struct foray_error *err);
void foray__partial_remove(const struct foray_segment *segment);
char *foray__partial_name(const char *path);

#endif
