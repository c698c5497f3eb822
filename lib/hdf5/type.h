/* Element types: HDF5's and ours. Only for workers. */
#ifndef FORAY_HDF5_TYPE_H
#define FORAY_HDF5_TYPE_H

#include <hdf5.h>
#include <stdbool.h>

#include <foray/dataset.h>

/* Fill dtype, swapped, itemsize and descr. Returns NULL, or for elements that
 * cannot be an array what they are ("strings of any length"). */
const char *foray__h5_type_read(struct foray_dataset *out, hid_t type);

/* The type in a file, as h5py has it; a handle, or negative. `dtype` is not
 * opaque. */
hid_t foray__h5_type_make(enum foray_dtype dtype, bool swapped);

/* Strings of any length in UTF-8. */
hid_t foray__h5_type_text(void);

#endif
