/* A copy of a file that shares its blocks, to be changed in its place. */
#ifndef FORAY_HDF5_CLONE_H
#define FORAY_HDF5_CLONE_H

#include <stdbool.h>

#include "storage/draft.h"

/* Make one of the file that is open as `fd` and has the name `path`, with the
 * same owner, permissions and attributes, under a temporary name beside it.
 * False, and nothing is left: the file system has no such copies, or one would
 * not be the same file to everybody else; then the file itself is changed. */
bool foray__clone(struct foray__draft *out, const char *path, int fd);

#endif
