#include "engine/pidfd.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "base/feature.h"
#include "storage/file.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434 /* the same on every architecture */
#endif

int foray__pidfd_open(pid_t pid)
{
    if (!foray__feature("pidfd"))
        return -1;
    return foray__above_streams((int)syscall(SYS_pidfd_open, pid, 0U));
}
