/* A /dev/shm of this campaign's own, where one may have it: what others keep
 * there is not counted, and what it holds is as much as one likes. */
#ifndef FORAY_TESTS_OWN_SHM_H
#define FORAY_TESTS_OWN_SHM_H

#include <stdbool.h>

/* Whether this process and those it forks see an empty one of that many MiB
 * from now on. */
bool own_shm(unsigned mib);

#endif
