/* An HDF5 output that is updated: a whole new file is made beside it, of the
 * rows that stay, by reference where the file system can do that, of those that
 * were computed, and of whatever else it has; and takes its name. */
#ifndef FORAY_TOOLS_HOG_UPDATE_HDF5_H
#define FORAY_TOOLS_HOG_UPDATE_HDF5_H

#include <foray/dataset.h>
#include <foray/pool.h>

#include "hog/output.h"
#include "hog/update_ragged.h"
#include "images/index_in.h"

/* What its features are. `pool` may be NULL.
 * Errors: FORAY_ENOENT, FORAY_ENOTSUP (compressed); those of
 * HDF5. */
int update_hdf5_features(struct foray_dataset *out, const char *path,
                         struct foray_pool *pool, struct foray_error *err);

/* Whether an index is of this file: 0, or -1 after a message. */
int update_hdf5_check_index(const char *path, const struct index_in *index,
                            const char *index_path);

/* The name of the new file, behind links; NULL after a message. Owner: the
 * caller. */
char *update_hdf5_whole(const char *path);

/* Remove it. 0, or -1 after a message. */
int update_hdf5_discard(const char *path);

/* Give it the name of the output; it may have it already.
 * Errors: FORAY_EIO, FORAY_ENOMEM. */
int update_hdf5_install(const char *path, struct foray_error *err);

/* The output, locked against whoever writes it with the HDF5 library: a
 * descriptor to be closed, or -1 after a message. */
int update_hdf5_lock(const char *path);

/* What was computed: row k becomes row put[k], or none (FORAY_NO_ROW). */
struct update_rows {
    const struct foray_array *features;
    const size_t *put;
    const struct update_ragged *ragged; /* if images keep their sizes, and then
                                           about->places below */
};

/* Make the new file, of which about->n are all rows. It is on the disk when
 * this returns. Returns 0, or -1 after a message: then there is none. */
int update_hdf5_build(const char *path, const struct update_rows *computed,
                      const struct hog_output_about *about,
                      struct foray_pool *pool);

#endif
