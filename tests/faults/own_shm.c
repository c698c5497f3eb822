#include "own_shm.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>

bool own_shm(unsigned mib)
{
    char size[32];

    snprintf(size, sizeof size, "size=%uM", mib);
    return !unshare(CLONE_NEWNS) &&
           !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
           !mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, size);
}
