/* The kernel's kills for lack of memory, which look like any other SIGKILL to
 * the parent: it counts them. */
#ifndef FORAY_ENGINE_OOM_H
#define FORAY_ENGINE_OOM_H

#include <stdbool.h>
#include <stdint.h>

/* How many there have been in this process's control group, or, where that is
 * not told, on the machine. `root` is put before /proc and /sys: "" but in
 * tests. */
uint64_t foray__oom_count(const char *root);

/* When the first workers begin: those until now were others. */
void foray__oom_begin(void);

/* Whether there is one more than those known; then it is known. It may have
 * been another process of the group. */
bool foray__oom_take(void);

#endif
