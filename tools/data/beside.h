/* Files that appear whole: written beside their name, which they get at the
 * end by rename(2). */
#ifndef FORAY_TOOLS_DATA_BESIDE_H
#define FORAY_TOOLS_DATA_BESIDE_H

#include <stdio.h>

#include <foray/error.h>

/* Whether a new file may get this name: 0, or the error. A folder, a device and
 * a pipe are refused, also behind a link: the file would take the place of the
 * device. */
int beside_check(const char *path, struct foray_error *err);

/* PATH.partial, where what becomes PATH is written. NULL and FORAY_ENOMEM
 * without memory. Owner: the caller. */
char *beside_name(const char *path, struct foray_error *err);

/* Begin PATH.partial, whose name `partial` becomes. Returns NULL after an
 * error; then there is nothing to free. Owner: the caller. */
FILE *beside_open(char **partial, const char *path, struct foray_error *err);

#endif
