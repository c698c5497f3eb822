/* What a file says of one of its datasets, found out in a worker. */
#ifndef FORAY_HDF5_ABOUT_H
#define FORAY_HDF5_ABOUT_H

#include <stdint.h>

#include <foray/dataset.h>

#include "hdf5/filter.h"
#include "hdf5/handle.h"

enum { FORAY__H5_MAX_FILL = 512 };

/* By which a file is known again, and whether it was changed. */
struct foray__h5_file {
    uint64_t device, inode, size;
    int64_t seconds, nanoseconds; /* when it was changed last */
};

/* Plain bytes: it travels from the worker to the parent and to other workers,
 * without its name. */
struct foray__h5_about {
    struct foray_dataset dataset; /* its name is NULL */
    struct foray__h5_file file;
    bool chunked;
    bool direct;     /* chunks are decoded without the HDF5 library */
    bool raw_edges;  /* chunks at the end of an axis are not filtered */
    bool has_fill;   /* elements that were never written are not zeros */
    bool extendable; /* along axis 0 */
    size_t chunk_nbytes;
    struct foray__h5_filters filters;
    unsigned char fill[FORAY__H5_MAX_FILL]; /* an element */
    char unfit[64];  /* empty, or what its elements are: "references" */
    char filter[48]; /* empty, or one that is not there */
};

/* A dataset that is open. `name` as messages have it.
 * Errors: FORAY_EFORMAT. */
int foray__h5_about(struct foray__h5_about *out, hid_t dataset,
                    const char *name, struct foray_error *err);

/* The state that the file of an open dataset is in. It is not the one that was
 * opened if its name leads through an external link. */
int foray__h5_file_state(struct foray__h5_file *out, hid_t dataset,
                         const char *name, struct foray_error *err);

/* The same of a descriptor, to be compared. */
bool foray__h5_file_is(const struct foray__h5_file *file, int fd);

#endif
