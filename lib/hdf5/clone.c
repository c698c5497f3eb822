#include "hdf5/clone.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* A name that is a link would become a file, one of several names would part
 * from the others. */
static bool is_alone(const char *path)
{
    struct stat st;

    return !lstat(path, &st) && S_ISREG(st.st_mode) && st.st_nlink == 1;
}

/* Whoever changes a file does not become its owner. */
static bool give_owner(int to, int from)
{
    struct stat old, new;

    if (fstat(from, &old) || fstat(to, &new))
        return false;
    if (old.st_uid != new.st_uid || old.st_gid != new.st_gid)
        if (fchown(to, old.st_uid, old.st_gid))
            return false;
    return !fchmod(to, old.st_mode & 07777);
}

/* What the system gives to each file need not, and may not, be set. `room` is
 * for two values. */
static bool give_attribute(int to, int from, const char *name, char *room)
{
    char *value = room, *there = room + XATTR_SIZE_MAX;
    ssize_t size = fgetxattr(from, name, value, XATTR_SIZE_MAX);

    if (size < 0)
        return errno == ENODATA;
    if (fgetxattr(to, name, there, XATTR_SIZE_MAX) == size &&
        !memcmp(there, value, (size_t)size))
        return true;
    return !fsetxattr(to, name, value, (size_t)size, 0);
}

/* Access lists and labels among them. */
static bool give_attributes(int to, int from)
{
    char *names = malloc(XATTR_LIST_MAX + 2 * XATTR_SIZE_MAX);
    ssize_t size = names ? flistxattr(from, names, XATTR_LIST_MAX) : -1;
    bool given = names && (size >= 0 || errno == EOPNOTSUPP);

    for (ssize_t at = 0; given && at < size;
         at += (ssize_t)strlen(names + at) + 1)
        given = give_attribute(to, from, names + at, names + XATTR_LIST_MAX);
    free(names);
    return given;
}

bool foray__clone(struct foray__draft *out, const char *path, int fd)
{
    if (!is_alone(path) || foray__draft_open(out, path, 0600, NULL))
        return false;
    if (!ioctl(out->fd, FICLONE, fd) && give_owner(out->fd, fd) &&
        give_attributes(out->fd, fd) && !foray__draft_name(out, path, NULL))
        return true;
    foray__draft_drop(out);
    return false;
}
