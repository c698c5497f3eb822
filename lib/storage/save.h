/* Files that are the old one or the whole new one. */
#ifndef FORAY_STORAGE_SAVE_H
#define FORAY_STORAGE_SAVE_H

#include <foray/error.h>

/* Writes the file; `name` is what messages call it. */
typedef int (*foray__save_fn)(int fd, const char *name, const void *arg,
                              struct foray_error *err);

/* Make a file beside `path`, have it written, flush it and give it the name.
 * Errors: those of foray_array_save, and the function's. */
int foray__save(const char *path, foray__save_fn save, const void *arg,
                struct foray_error *err);

#endif
