/* Parts of a dataset, and bytes from chunks into an array of such a part, or
 * back. No HDF5 in here. */
#ifndef FORAY_HDF5_REGION_H
#define FORAY_HDF5_REGION_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/hdf5.h>

/* A slab that was checked: every step is at least 1, and 1 where at most one
 * element is taken. */
struct foray__h5_region {
    int ndim;
    size_t start[FORAY_MAX_NDIM];
    size_t count[FORAY_MAX_NDIM];
    size_t step[FORAY_MAX_NDIM];
};

/* Check a slab of a dataset of this shape; NULL: all of it.
 * Errors: FORAY_ERANGE. */
int foray__h5_region_make(struct foray__h5_region *out, int ndim,
                          const size_t *shape,
                          const struct foray_hdf5_slab *slab, const char *name,
                          struct foray_error *err);

/* Whether it takes any of the elements [at, at + length) of each axis. */
bool foray__h5_region_touches(const struct foray__h5_region *region,
                              const size_t *at, const size_t *length);

/* A chunk of a dataset: its elements in C order. Those beyond the dataset's
 * shape are there, but mean nothing. */
struct foray__h5_block {
    const size_t *at;    /* of its first element in the dataset */
    const size_t *shape; /* of the chunk */
    void *bytes;
    size_t itemsize;
};

/* The address in `array` that a whole chunk may be decoded to, because its
 * elements lie there in one piece; or NULL. */
void *foray__h5_block_place(const struct foray__h5_block *block,
                            const struct foray__h5_region *region,
                            const struct foray_array *array);

/* Copy what the region takes of a chunk into `array`, which has the region's
 * shape and any strides; or from there into the chunk. */
void foray__h5_block_read(const struct foray__h5_block *block,
                          const struct foray__h5_region *region,
                          const struct foray_array *array);
void foray__h5_block_write(const struct foray__h5_block *block,
                           const struct foray__h5_region *region,
                           const struct foray_array *array);

#endif
