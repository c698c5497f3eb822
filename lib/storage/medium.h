/* Where the bytes of a file are: on a disk behind the page cache, or in memory
 * alone. */
#ifndef FORAY_STORAGE_MEDIUM_H
#define FORAY_STORAGE_MEDIUM_H

#include <stdbool.h>

/* Whether memory can let go of its pages, because they can be read again: not
 * those of tmpfs, memfd and huge pages. False if that cannot be known. */
bool foray__medium_is_disk(int fd);

#endif
