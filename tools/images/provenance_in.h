/* The provenance that lies beside a .npy file. */
#ifndef FORAY_TOOLS_IMAGES_PROVENANCE_IN_H
#define FORAY_TOOLS_IMAGES_PROVENANCE_IN_H

#include <foray/dataset.h>

/* The JSON beside `path` if there is some, by a foray, that tells of an array
 * of this shape and type; else NULL. Owner: the caller. */
char *provenance_find(const char *path, const struct foray_dataset *array);

/* Print it as two lines of text. */
void provenance_print(const char *json);

#endif
