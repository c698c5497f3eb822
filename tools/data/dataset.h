/* ARRAY arguments of commands: PATH, PATH:/dataset, FILE.npz:name,
 * FILE.joblib:a/0/b, each with an optional [a:b:s,...] behind it. */
#ifndef FORAY_TOOLS_DATA_DATASET_H
#define FORAY_TOOLS_DATA_DATASET_H

#include <foray/dataset.h>
#include <foray/pool.h>

#include "data/slices.h"

/* What a file is, by its first bytes. */
enum dataset_format { DATASET_NPY, DATASET_NPZ, DATASET_JOBLIB, DATASET_HDF5 };

struct dataset {
    const char *text; /* as it was given */
    char *path;
    char *member; /* NULL: the file's only one */
    char *part;   /* "[...]"; NULL: all of it */
    enum dataset_format format;
    struct slices slices; /* of `part` */
};

/* Find the file that an argument means; names with ":" or "[" in them win over
 * what they could mean else. Returns 0, or an exit status after a message:
 * STATUS_USAGE for brackets that are wrong. */
int dataset_find(struct dataset *out, const char *text);
void dataset_free(struct dataset *dataset);

/* All arrays of its file.  Errors: those of the format's list function. */
int dataset_list(struct foray_dataset_list *out, const struct dataset *dataset,
                 struct foray_pool *pool, struct foray_error *err);

/* The array, as far as the brackets say. `pool` may be NULL.
 * Owner: the caller closes, whatever view it is. */
int dataset_open(struct foray_array *out, const struct dataset *dataset,
                 struct foray_pool *pool, const char *mode,
                 struct foray_error *err);

/* "npy", "npz", "joblib", "hdf5" */
const char *dataset_format_name(enum dataset_format format);

#endif
