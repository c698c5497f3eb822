/* Where the features of each row are in an HDF5 output that is updated and
 * whose images keep their sizes. */
#ifndef FORAY_TOOLS_HOG_UPDATE_RAGGED_H
#define FORAY_TOOLS_HOG_UPDATE_RAGGED_H

#include <foray/hog_batch.h>

#include "hog/update_match.h"

/* Read `offsets` and `shapes` of a file that has n rows in `length` features.
 * Returns n places, malloc'ed, or NULL after a message. */
struct foray_hog_place *update_ragged_read(const char *path, size_t n,
                                           size_t length);

/* What was computed, and what is to become of it. */
struct update_ragged {
    const struct foray_hog_place *old; /* of the n_old rows there were */
    size_t n_old;
    const struct foray_hog_place *computed; /* of those that were computed, */
    const struct foray_hog_row *rows;       /* with their index, */
    const size_t *put;                      /* and rows, or FORAY_NO_ROW */
    size_t n_computed;
};

/* The places of n rows afterwards, one behind another; what failed, and what is
 * behind the rows, has none. Returns n places, malloc'ed; NULL: no memory. */
struct foray_hog_place *update_ragged_merge(const struct update_ragged *ragged,
                                            size_t n);

#endif
