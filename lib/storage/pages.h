/* Mapping files, reserving their space first, with large pages where the
 * kernel gives them. */
#ifndef FORAY_STORAGE_PAGES_H
#define FORAY_STORAGE_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/array.h>
#include <foray/error.h>

/* Map a whole file from offset 0 in one of the four modes; aligned for large
 * pages when it is long enough. NULL with errno. */
void *foray__map(int fd, size_t length, enum foray_mode mode);

/* Make a new, empty file in memory (tmpfs, memfd) `length` bytes long in large
 * pages, all space reserved, and map it for writing. *out is NULL, and the file
 * empty again, when the kernel does not give them, or not fast enough. 0, or a
 * code: there is no space. */
int foray__map_large(void **out, int fd, size_t length, const char *name,
                     struct foray_error *err);

/* The same for any file, in large pages if `large`, else or failing that in
 * small ones. A file system that cannot reserve gets zeros written. */
int foray__map_new(void **out, int fd, size_t length, bool large,
                   const char *name, struct foray_error *err);

#endif
