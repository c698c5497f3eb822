/* What an output that is to be updated is of. */
#ifndef FORAY_TOOLS_HOG_UPDATE_ABOUT_H
#define FORAY_TOOLS_HOG_UPDATE_ABOUT_H

#include <stddef.h>

#include "hog/run.h"

struct update_about {
    size_t n;          /* rows */
    size_t rows, cols; /* of each image */
};

/* Read the output's header and OUT.json, and compare with the options what the
 * values of a row depend on; how often and how long an image is tried is
 * another matter. Returns 0, or -1 after a message that names a difference. */
int update_about_read(struct update_about *out, const struct hog_run *run);

#endif
