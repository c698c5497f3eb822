/* Mapping files, reserving their space, and large pages where the kernel gives
 * them: faults on small ones are most of what filling a file in memory costs.
 */
#ifndef FORAY_STORAGE_PAGES_H
#define FORAY_STORAGE_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/array.h>
#include <foray/error.h>

/* Map a whole file from offset 0 in one of the four modes; aligned for large
 * pages when it is long enough. NULL with errno. */
void *foray__map(int fd, size_t length, enum foray_mode mode);

/* Make `length` bytes of a new file real, and the file that long; what is real
 * already stays. A file system that cannot reserve gets zeros written.
 * Errors: FORAY_ENOSPC and others of the file system. */
int foray__reserve(int fd, size_t length, const char *name,
                   struct foray_error *err);

/* Whether large pages are worth trying for a file in memory so long. */
bool foray__wants_large_pages(size_t length);

/* Put large pages under the start of a new file in memory (tmpfs, memfd), of
 * `length` bytes without a page and mapped at `base` by foray__map, as long as
 * that takes at most `worth` times what the kernel needs to clear as many small
 * ones. Returns how many bytes are real now and may be stored to. 0 is no
 * error: what follows is still to be reserved or written. */
size_t foray__collapse(int fd, void *base, size_t length, double worth);

#endif
