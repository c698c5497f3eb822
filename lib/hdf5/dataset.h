/* Datasets of an open file by name. Only for workers. */
#ifndef FORAY_HDF5_DATASET_H
#define FORAY_HDF5_DATASET_H

#include "hdf5/handle.h"

/* The name in a file as the library wants it, without slashes in front that
 * are too many; NULL is "/data". */
const char *foray__h5_given(const char *name);

/* "PATH:/NAME", short, for messages. */
struct foray__h5_name {
    char text[200];
};
struct foray__h5_name foray__h5_name(const char *path, const char *name);

/* Told of the name of each dataset, without a slash in front; a negative code
 * ends the visit. */
typedef int (*foray__h5_visit_fn)(const char *name, void *arg);

/* Visit all datasets in the order of their names.
 * Errors: FORAY_EFORMAT; what `visit` returned, with `err` as it left it. */
int foray__h5_visit(hid_t file, const char *path, foray__h5_visit_fn visit,
                    void *arg, struct foray_error *err);

/* Whether there is something of that name: 1, or 0; negative: damaged. */
int foray__h5_exists(hid_t file, const char *name);

/* Open a dataset.
 * Errors: FORAY_ENOENT (says which there are), FORAY_EFORMAT. */
int foray__h5_dataset(hid_t *dataset, hid_t file, const char *path,
                      const char *name, struct foray_error *err);

#endif
