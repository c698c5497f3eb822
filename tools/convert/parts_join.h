/* What `foray hog` wrote in parts, as one file. */
#ifndef FORAY_TOOLS_CONVERT_PARTS_JOIN_H
#define FORAY_TOOLS_CONVERT_PARTS_JOIN_H

#include <stdbool.h>
#include <stddef.h>

#include "convert/run.h"

/* Whether that is meant: files of foray hog's and a file of HDF5 to be written,
 * no single datasets. */
bool parts_are(const struct convert_run *c, char *const *paths);

/* Write all that is in them, one behind the other, as one run without --shard
 * would have. Features go from file to file; names of images are held in
 * memory. Returns the exit status. */
int parts_join(struct convert_run *c, char **paths, size_t n);

#endif
