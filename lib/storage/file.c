#include "storage/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/feature.h"
#include "storage/folder.h"

#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 1U
#endif
#ifndef MFD_ALLOW_SEALING
#define MFD_ALLOW_SEALING 2U
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U /* Linux 6.3 */
#endif

enum { ATTEMPTS = 100 };

int foray__above_streams(int fd)
{
    int high, why;

    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    high = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    why = errno;
    close(fd);
    errno = why;
    return high;
}

int foray__absolute(char **out, const char *path, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE], *copy, *folder;
    const char *slash = path ? strrchr(path, '/') : NULL;
    const char *name = slash ? slash + 1 : path;
    int code = 0;

    *out = NULL;
    if (!name || !*name)
        return foray__fail(err, FORAY_EINVAL, "\"%s\" is no name for a file",
                           path ? foray__tail(tail, path) : "");
    copy = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path))
                 : strdup(".");
    folder = copy ? realpath(copy, NULL) : NULL;
    if (!folder) {
        code = foray__fail_errno(err, errno, "cannot use the folder of %s",
                                 foray__tail(tail, path));
    } else if (asprintf(out, "%s/%s", strcmp(folder, "/") ? folder : "", name) <
               0) {
        *out = NULL;
        code = foray__fail(err, FORAY_ENOMEM, "no memory for a file name");
    }
    free(folder);
    free(copy);
    return code;
}

bool foray__file_is(int fd, const char *path)
{
    struct stat ours, named;

    return !fstat(fd, &ours) && !lstat(path, &named) &&
           ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

static int open_memfd(void)
{
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int fd = (int)syscall(SYS_memfd_create, "foray", flags | MFD_NOEXEC_SEAL);

    if (fd < 0 && errno == EINVAL)
        fd = (int)syscall(SYS_memfd_create, "foray", flags);
    return foray__above_streams(fd);
}

int foray__file_tmpfile(const char *folder, mode_t mode)
{
    if (!foray__feature("tmpfile")) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return foray__above_streams(
        open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
}

bool foray__file_lacks_tmpfile(int code)
{
    return code == EOPNOTSUPP || code == EISDIR || code == EINVAL ||
           code == ENOENT;
}

uint64_t foray__file_random(void)
{
    static _Atomic uint64_t counter;
    uint64_t number;

    if (getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number)
        number = (uint64_t)getpid() << 32 | ++counter;
    return number;
}

int foray__file_named(const char *prefix, mode_t mode, char **name)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        int fd;

        if (asprintf(name, "%s%016llx", prefix,
                     (unsigned long long)foray__file_random()) < 0) {
            *name = NULL;
            errno = ENOMEM;
            return -1;
        }
        fd = foray__above_streams(open(
            *name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, mode));
        if (fd >= 0)
            return fd;
        free(*name);
        *name = NULL;
        if (errno != EEXIST)
            return -1;
    }
    return -1;
}

int foray__file_nameless(int *fd, const char *folder, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE], prefix[4200], *name;

    if (!strcmp(folder, FORAY__MEMFD)) {
        *fd = open_memfd();
    } else {
        *fd = foray__file_tmpfile(folder, 0600);
        if (*fd < 0 && foray__file_lacks_tmpfile(errno)) {
            snprintf(prefix, sizeof prefix, "%s/.foray-", folder);
            *fd = foray__file_named(prefix, 0600, &name);
            if (*fd >= 0) {
                unlink(name);
                free(name);
            }
        }
    }
    if (*fd >= 0)
        return 0;
    return foray__fail_errno(err, errno, "cannot make a file in %s",
                             foray__tail(tail, folder));
}

char *foray__file_folder(const char *path)
{
    char *copy = strdup(path), *folder = NULL;

    if (copy)
        folder = strdup(dirname(copy));
    free(copy);
    return folder;
}

int foray__file_write(int fd, const void *bytes, size_t nbytes, size_t offset,
                      const char *path, struct foray_error *err)
{
    const char *at = bytes;
    char tail[FORAY__TAIL_SIZE];

    while (nbytes) {
        ssize_t n = pwrite(fd, at, nbytes, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return foray__fail_errno(err, n ? errno : ENOSPC,
                                     "cannot write %zu bytes to %s", nbytes,
                                     foray__tail(tail, path));
        at += n;
        offset += (size_t)n;
        nbytes -= (size_t)n;
    }
    return 0;
}

int foray__file_sync(int fd, const char *path, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    if (!fsync(fd) || errno == EINVAL || errno == EROFS)
        return 0;
    return foray__fail_errno(err, errno, "cannot flush %s to the disk",
                             foray__tail(tail, path));
}

void foray__folder_sync(const char *path)
{
    char *folder = foray__file_folder(path);
    int dir = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (dir >= 0) {
        fsync(dir);
        close(dir);
    }
    free(folder);
}
