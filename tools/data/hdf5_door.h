/* The functions of libforay-hdf5, which is loaded when a command first meets a
 * file that needs it: others start without the HDF5 library. */
#ifndef FORAY_TOOLS_DATA_HDF5_DOOR_H
#define FORAY_TOOLS_DATA_HDF5_DOOR_H

#include <foray/hdf5.h>

#include "data/dataset.h"

struct hdf5_door {
    __typeof__(foray_hdf5_list) *list;
    __typeof__(foray_hdf5_open) *open;
    __typeof__(foray_hdf5_save) *save;
    __typeof__(foray_hdf5_create) *create;
    __typeof__(foray_hdf5_append) *append;
    __typeof__(foray_hdf5_complete) *complete;
    __typeof__(foray_hdf5_save_strings) *save_strings;
    __typeof__(foray_hdf5_load_strings) *load_strings;
    __typeof__(foray_hdf5_strings_free) *strings_free;
    __typeof__(foray_hdf5_read_attributes) *read_attributes;
    __typeof__(foray_hdf5_attributes_free) *attributes_free;
    __typeof__(foray_hdf5_write_attributes) *write_attributes;
};

/* NULL, with FORAY_ENOTSUP, where this foray was built without HDF5 or the
 * library is not installed. */
const struct hdf5_door *hdf5_door(struct foray_error *err);

/* Open a dataset's part: only chunks that it touches are read. */
int hdf5_open_part(struct foray_array *out, const struct dataset *dataset,
                   struct foray_pool *pool, const char *mode,
                   struct foray_error *err);

#endif
