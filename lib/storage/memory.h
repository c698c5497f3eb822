/* How much memory this process may still take: of the machine and of every
 * control group it is in. Beyond a group's limit the kernel kills without an
 * error code, so it is asked before. */
#ifndef FORAY_STORAGE_MEMORY_H
#define FORAY_STORAGE_MEMORY_H

#include <stddef.h>

struct foray__memory {
    size_t free_bytes; /* SIZE_MAX when nothing says */
    const char *limit; /* whose: "the machine", "the control group" */
};

/* `root` is put before /proc and /sys: "" but in tests. */
struct foray__memory foray__memory_free(const char *root);

#endif
