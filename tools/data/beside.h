/* Files that appear whole: written beside their name, which they get at the
 * end by rename(2). */
#ifndef FORAY_TOOLS_DATA_BESIDE_H
#define FORAY_TOOLS_DATA_BESIDE_H

#include <stdio.h>

#include <foray/error.h>

/* Begin PATH.partial, whose name `partial` becomes. A folder, a device and a
 * pipe are refused as a PATH, also behind a link: the new file would take the
 * place of the device. Returns NULL after an error; then there is nothing to
 * free. Owner: the caller. */
FILE *beside_open(char **partial, const char *path, struct foray_error *err);

#endif
