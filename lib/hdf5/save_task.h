/* What workers do to save a dataset. */
#ifndef FORAY_HDF5_SAVE_TASK_H
#define FORAY_HDF5_SAVE_TASK_H

#include <limits.h>

#include <foray/task.h>

#include "hdf5/handle.h"
#include "hdf5/plan.h"

/* Open the file that is being changed, or make it.
 * Errors: as foray__h5_open. */
int foray__h5_open_edit(hid_t *file, const char *path, bool is_new,
                        size_t piece, struct foray_error *err);

/* Make room for a dataset of this name.
 * Errors: FORAY_EEXIST (something has it, and overwrite was not said). */
int foray__h5_clear(hid_t file, const char *path, const char *name,
                    bool overwrite, struct foray_error *err);

/* Properties of links that make the groups on their way. */
hid_t foray__h5_links(void);

/* Properties of datasets that do not say when they were made: the same saved
 * again is the same file, as it is in h5py. */
hid_t foray__h5_properties(void);

/* Make the dataset. Arguments: the file being changed, whether it is new, the
 * name, the plan as bytes. Returns the offset of its data, if it is not
 * chunked, and 0. */
int foray__h5_create_task(struct foray_task *task);

/* Params of the task below. */
struct foray__h5_save {
    struct foray__h5_plan plan;
    size_t first; /* row of axis 0 that the array begins at, a whole chunk */
    size_t begin; /* chunk that this round begins at, */
    size_t n;     /* and how many it encodes */
    size_t before, n_before; /* the same of the round before, to be written */
    size_t group;            /* chunks of a task */
    char path[PATH_MAX];
    char name[256];
};

/* Bytes that each chunk has room for among the encoded ones. */
size_t foray__h5_slot(const struct foray__h5_plan *plan);

/* Task 0 writes the chunks of the round before into the file, the others encode
 * those of this round. `whole`, behind what the crew has there: the array; the
 * encoded chunks and (size, mask) of each, of this round and of that before. */
int foray__h5_save_task(struct foray_task *task);

#endif
