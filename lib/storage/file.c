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
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U /* Linux 6.3 */
#endif

enum { ATTEMPTS = 100 };

static int open_memfd(void)
{
    int fd =
        (int)syscall(SYS_memfd_create, "foray", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

    if (fd < 0 && errno == EINVAL)
        fd = (int)syscall(SYS_memfd_create, "foray", MFD_CLOEXEC);
    return fd;
}

/* O_TMPFILE, where kernel and file system have it. */
static int open_tmpfile(const char *folder, mode_t mode)
{
    if (!foray__feature("tmpfile")) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
}

/* Errors of O_TMPFILE that mean it is absent, not that the folder is bad. */
static bool lacks_tmpfile(int code)
{
    return code == EOPNOTSUPP || code == EISDIR || code == EINVAL ||
           code == ENOENT;
}

static uint64_t random_number(void)
{
    static _Atomic uint64_t counter;
    uint64_t number;

    if (getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number)
        number = (uint64_t)getpid() << 32 | ++counter;
    return number;
}

/* A new file under a name nobody has. *name is malloc'ed. */
static int open_named(const char *prefix, mode_t mode, char **name)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        int fd;

        if (asprintf(name, "%s%016llx", prefix,
                     (unsigned long long)random_number()) < 0) {
            *name = NULL;
            errno = ENOMEM;
            return -1;
        }
        fd = open(*name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC,
                  mode);
        if (fd >= 0)
            return fd;
        free(*name);
        *name = NULL;
        if (errno != EEXIST)
            return -1;
    }
    return -1;
}

int foray__file_nameless(const char *folder, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE], prefix[4200], *name;
    int fd;

    if (!strcmp(folder, FORAY__MEMFD)) {
        fd = open_memfd();
    } else {
        fd = open_tmpfile(folder, 0600);
        if (fd < 0 && lacks_tmpfile(errno)) {
            snprintf(prefix, sizeof prefix, "%s/.foray-", folder);
            fd = open_named(prefix, 0600, &name);
            if (fd >= 0) {
                unlink(name);
                free(name);
            }
        }
    }
    if (fd < 0)
        foray__fail_errno(err, errno, "cannot make a file in %s",
                          foray__tail(tail, folder));
    return fd;
}

/* The folder of a path, in a buffer of its own. */
static char *folder_of(const char *path)
{
    char *copy = strdup(path), *folder = NULL;

    if (copy)
        folder = strdup(dirname(copy));
    free(copy);
    return folder;
}

int foray__draft_open(struct foray__draft *draft, const char *path,
                      struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE], *folder = folder_of(path), *prefix = NULL;
    int code = 0;

    draft->temporary = NULL;
    draft->fd = -1;
    if (!folder || asprintf(&prefix, "%s/.foray-", folder) < 0) {
        free(folder);
        return foray__fail(err, FORAY_ENOMEM, "no memory for a file name");
    }
    /* A nameless file gets its name through /proc. */
    if (!access("/proc/self/fd", X_OK))
        draft->fd = open_tmpfile(folder, 0666);
    else
        errno = EOPNOTSUPP;
    if (draft->fd < 0 && lacks_tmpfile(errno))
        draft->fd = open_named(prefix, 0666, &draft->temporary);
    if (draft->fd < 0)
        code = foray__fail_errno(err, errno, "cannot make %s",
                                 foray__tail(tail, path));
    free(prefix);
    free(folder);
    return code;
}

/* Link a nameless file into its folder under a temporary name. */
static int give_temporary_name(struct foray__draft *draft, const char *path)
{
    char source[64], *folder = folder_of(path);
    int linked = -1;

    snprintf(source, sizeof source, "/proc/self/fd/%d", draft->fd);
    for (int i = 0; folder && i < ATTEMPTS && linked; i++) {
        if (asprintf(&draft->temporary, "%s/.foray-%016llx", folder,
                     (unsigned long long)random_number()) < 0) {
            draft->temporary = NULL;
            errno = ENOMEM;
            break;
        }
        linked = linkat(AT_FDCWD, source, AT_FDCWD, draft->temporary,
                        AT_SYMLINK_FOLLOW);
        if (linked) {
            free(draft->temporary);
            draft->temporary = NULL;
            if (errno != EEXIST)
                break;
        }
    }
    free(folder);
    return linked;
}

int foray__draft_install(struct foray__draft *draft, const char *path,
                         struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    if ((!draft->temporary && give_temporary_name(draft, path)) ||
        rename(draft->temporary, path))
        return foray__fail_errno(err, errno, "cannot name the file %s",
                                 foray__tail(tail, path));
    free(draft->temporary);
    draft->temporary = NULL;
    draft->fd = -1; /* the caller's from now on */
    return 0;
}

void foray__draft_drop(struct foray__draft *draft)
{
    if (draft->temporary)
        unlink(draft->temporary);
    free(draft->temporary);
    draft->temporary = NULL;
    if (draft->fd >= 0)
        close(draft->fd);
    draft->fd = -1;
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
    char tail[FORAY__TAIL_SIZE], *folder = folder_of(path);
    int code = 0, dir;

    if (fsync(fd) && errno != EINVAL && errno != EROFS)
        code = foray__fail_errno(err, errno, "cannot flush %s to the disk",
                                 foray__tail(tail, path));
    dir = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (dir >= 0) {
        fsync(dir); /* some file systems cannot: the name is there anyway */
        close(dir);
    }
    free(folder);
    return code;
}
