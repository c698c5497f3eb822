/* What an output that is to be updated is of. */
#ifndef FORAY_TOOLS_HOG_UPDATE_ABOUT_H
#define FORAY_TOOLS_HOG_UPDATE_ABOUT_H

#include <stddef.h>

#include <foray/dataset.h>

#include "hog/run.h"

struct update_about {
    struct foray_dataset features;
    size_t rows, cols; /* of each image; of those that keep their sizes 0 */
};

/* What the features of an output are.
 * Errors: those of foray_npy_info, or of HDF5. */
int update_features(struct foray_dataset *out, const char *output,
                    struct foray_error *err);

/* Read the output's header and OUT.json, or its attributes, and compare with
 * the options what the values of a row depend on; how often and how long an
 * image is tried is another matter. Returns 0, or -1 after a message that names
 * a difference. */
int update_about_read(struct update_about *out, const struct hog_run *run);

#endif
