#include "storage/medium.h"

#include <linux/magic.h>
#include <sys/vfs.h>

bool foray__medium_is_disk(int fd)
{
    struct statfs about;

    if (fstatfs(fd, &about))
        return false;
    switch ((unsigned long)about.f_type) {
    case TMPFS_MAGIC:
    case RAMFS_MAGIC:
    case HUGETLBFS_MAGIC:
        return false;
    default:
        return true;
    }
}
