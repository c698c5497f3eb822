/* The chunks of a dataset: where they lie in the file. */
#ifndef FORAY_HDF5_CHUNKS_H
#define FORAY_HDF5_CHUNKS_H

#include "hdf5/about.h"
#include "hdf5/region.h"

/* A table of 64-bit numbers: one row a chunk, what it holds in these columns.
 */
enum {
    FORAY__H5_ADDRESS,
    FORAY__H5_SIZE,
    FORAY__H5_MASK, /* bit k: filter k was skipped */
    FORAY__H5_AT    /* of its first element, as many as there are axes */
};

/* In a worker: list the chunks that a region touches, checked against the
 * file's size and the dataset's shape. Clears about->direct instead when the
 * HDF5 library would take too long to name them all.
 * Owner: the caller closes *out, also when it is zeroed.
 * Errors: FORAY_EFORMAT, FORAY_ETRUNCATED, FORAY_ENOMEM. */
int foray__h5_chunks(struct foray_array *out, struct foray__h5_about *about,
                     hid_t dataset, const struct foray__h5_region *region,
                     const char *name, struct foray_error *err);

/* "(0, 128)" of a row, for messages. */
struct foray__h5_place {
    char text[80];
};
struct foray__h5_place foray__h5_place(const uint64_t *at, int ndim);

#endif
