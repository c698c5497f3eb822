/* What workers do to load a dataset. */
#ifndef FORAY_HDF5_LOAD_TASK_H
#define FORAY_HDF5_LOAD_TASK_H

#include <limits.h>

#include <foray/task.h>

#include "hdf5/about.h"
#include "hdf5/region.h"

/* Look at a dataset. Arguments: path, name, the slab as bytes or none.
 * Returns a struct foray__h5_about, the region, the path of the file that it
 * is in, and the table of chunks if they are to be decoded directly. */
int foray__h5_look_task(struct foray_task *task);

/* Params of the tasks below. `whole` of both, behind what the
 * crew has there: the array that is filled. */
struct foray__h5_load {
    struct foray__h5_about about;
    struct foray__h5_region region;
    size_t group; /* chunks of a task; or elements along the axis */
    int axis;     /* that the library's tasks are cut along */
    char path[PATH_MAX];
    char name[256];
    char place[PATH_MAX]; /* the file that the elements lie in: another one, if
                             the name leads through an external link */
};

/* Decode a group of chunks; `whole` has their table, too. */
int foray__h5_decode_task(struct foray_task *task);

/* Have the HDF5 library read a part of the region. */
int foray__h5_read_task(struct foray_task *task);

#endif
