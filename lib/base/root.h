/* Files in which the kernel describes the machine, this one or a captured one
 * below a folder. */
#ifndef FORAY_BASE_ROOT_H
#define FORAY_BASE_ROOT_H

#include <stdio.h>

/* Open root + folder/name to read, "" the root of this machine; NULL if that
 * cannot be. */
FILE *foray__root_open(const char *root, const char *folder, const char *name);

#endif
