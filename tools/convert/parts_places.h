/* Where the features of images that keep their sizes are, of parts together. */
#ifndef FORAY_TOOLS_CONVERT_PARTS_PLACES_H
#define FORAY_TOOLS_CONVERT_PARTS_PLACES_H

#include "convert/parts.h"

/* Write the datasets `offsets` and `shapes` of all parts into a file.
 * Errors: FORAY_EFORMAT, FORAY_ESHAPE, and those of HDF5. */
int parts_places_join(const struct parts *parts, struct foray_pool *pool,
                      const char *file, struct foray_error *err);

#endif
