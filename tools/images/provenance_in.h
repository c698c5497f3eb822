/* The provenance that lies beside a .npy file, or is in an HDF5 file. */
#ifndef FORAY_TOOLS_IMAGES_PROVENANCE_IN_H
#define FORAY_TOOLS_IMAGES_PROVENANCE_IN_H

#include <foray/dataset.h>

#include "images/provenance.h"

/* The JSON beside `path` if there is some, by a foray, that tells of an array
 * of this shape and type; else NULL. Owner: the caller. */
char *provenance_find(const char *path, const struct foray_dataset *array);

/* Whether it tells of an array of this shape and type. */
bool provenance_tells_of(const char *json, const struct foray_dataset *array);

/* The values that attributes have for the items of a provenance, in the same
 * order; they point into the attributes. */
void provenance_from_attributes(struct provenance *out,
                                const struct foray_hdf5_attributes *attributes,
                                const struct provenance *items);

/* It as JSON; NULL: no memory. Owner: the caller. */
char *provenance_text_of(const struct provenance *provenance);

/* Print it as two lines of text. */
void provenance_print(const char *json);

#endif
