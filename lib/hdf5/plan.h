/* How a new dataset will be stored. */
#ifndef FORAY_HDF5_PLAN_H
#define FORAY_HDF5_PLAN_H

#include <foray/hdf5.h>

#include "hdf5/filter.h"

/* Plain bytes, for workers. */
struct foray__h5_plan {
    enum foray_dtype dtype;
    bool swapped;
    size_t itemsize;
    int ndim;
    size_t shape[FORAY_MAX_NDIM];
    bool overwrite, extendable, chunked;
    size_t chunk[FORAY_MAX_NDIM];
    size_t chunk_nbytes;
    struct foray__h5_filters filters;
};

/* What the options mean for an array of this type and shape (the rest of it is
 * not looked at). `name` is for messages.
 * Errors: FORAY_EINVAL, FORAY_EDTYPE. */
int foray__h5_plan_make(struct foray__h5_plan *plan,
                        const struct foray_array *like,
                        const struct foray_hdf5_options *options,
                        const char *name, struct foray_error *err);

/* Chunks that rows [first, shape[0]) of axis 0 touch. */
size_t foray__h5_plan_chunks(const struct foray__h5_plan *plan, size_t first);

/* The i-th of these: where its first element is. */
void foray__h5_plan_at(size_t *at, const struct foray__h5_plan *plan,
                       size_t first, size_t i);

#endif
