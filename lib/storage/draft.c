#include "storage/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "storage/file.h"

enum { ATTEMPTS = 100 };

char *foray__draft_beside(const char *path, struct foray_error *err)
{
    char *name = NULL;

    if (asprintf(&name, "%s.partial", path) >= 0)
        return name;
    foray__fail(err, FORAY_ENOMEM, "no memory for a file name");
    return NULL;
}

bool foray__draft_is_held(int fd)
{
    const struct timespec nap = {0, 20 * 1000 * 1000};

    for (int i = 0; i < 50; i++) {
        if (!flock(fd, LOCK_EX | LOCK_NB) || errno != EWOULDBLOCK)
            return false;
        nanosleep(&nap, NULL);
    }
    return true;
}

int foray__draft_take(int fd, const char *name, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    if (!foray__draft_is_held(fd))
        return 0;
    return foray__fail(err, FORAY_EBUSY,
                       "%s is being written by another process: wait for it, "
                       "or choose another output",
                       foray__tail(tail, name));
}

/* Whoever would replace it must hold its lock, so the name cannot change hands
 * between the look and the unlink. Without locks on this file system it counts
 * as dead. */
int foray__draft_remove_dead(const char *name, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    const char *shown = foray__tail(tail, name);
    struct stat st;
    int fd, code = 0;

    if (lstat(name, &st))
        return 0;
    if (st.st_uid != geteuid())
        return foray__fail(err, FORAY_EEXIST,
                           "%s is in the way and another user's: remove it, or "
                           "choose another output",
                           shown);
    if (S_ISLNK(st.st_mode))
        return unlink(name) && errno != ENOENT
                   ? foray__fail_errno(err, errno, "cannot remove %s", shown)
                   : 0;
    if (!S_ISREG(st.st_mode))
        return foray__fail(err, FORAY_EEXIST,
                           "%s is in the way and no file: remove it", shown);
    fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0
                               : foray__fail_errno(err, errno,
                                                   "cannot see whether %s is "
                                                   "in use",
                                                   shown);
    code = foray__draft_take(fd, name, err);
    if (!code && foray__file_is(fd, name) && unlink(name) && errno != ENOENT)
        code = foray__fail_errno(err, errno, "cannot remove %s", shown);
    close(fd);
    return code;
}

/* What a file that already has the name lends. */
struct target {
    bool exists, ours;
    mode_t mode;
};

/* A device or a pipe must not be renamed over, and a write-protected file is
 * protected. */
static int look_at_target(struct target *out, const char *path,
                          struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    struct stat st;

    out->exists = false;
    if (stat(path, &st))
        return 0;
    if (!S_ISREG(st.st_mode))
        return foray__fail(err, FORAY_EINVAL,
                           "%s is a folder, a device or a pipe: an array needs "
                           "the name of a file",
                           foray__tail(tail, path));
    if (eaccess(path, W_OK))
        return foray__fail_errno(err, errno, "cannot replace %s",
                                 foray__tail(tail, path));
    *out = (struct target){true, st.st_uid == geteuid(), st.st_mode & 0777};
    return 0;
}

/* Of a file of somebody else's only what it forbids counts: others would write
 * what is ours. On file systems without permissions nothing happens. */
static void take_permissions(int fd, const struct target *target)
{
    struct stat st;

    if (target->exists && !fstat(fd, &st) &&
        fchmod(fd, target->ours ? target->mode : target->mode & st.st_mode))
        errno = 0;
}

/* Whether a file has the name and is locked: between making and locking it
 * somebody may have taken it for a dead one. */
static bool holds(int fd, const char *name)
{
    return !flock(fd, LOCK_EX | LOCK_NB) && foray__file_is(fd, name);
}

/* A file with the name PATH.partial, locked. A dead one makes room. */
static int open_beside(struct foray__draft *draft, const char *path,
                       mode_t mode)
{
    char *name = foray__draft_beside(path, NULL);
    int fd = -1;

    for (int i = 0; i < ATTEMPTS && name && fd < 0; i++) {
        fd = foray__above_streams(open(
            name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, mode));
        if (fd < 0 && (errno != EEXIST || foray__draft_remove_dead(name, NULL)))
            break;
        if (fd >= 0 && !holds(fd, name)) {
            if (foray__file_is(fd, name)) {
                unlink(name); /* no locks here */
                i = ATTEMPTS;
            }
            close(fd);
            fd = -1;
        }
    }
    if (fd < 0)
        free(name);
    else
        draft->temporary = name;
    return fd;
}

/* Where a living one or a folder has that name, it is another one. */
static int open_named(struct foray__draft *draft, const char *path,
                      const char *folder, mode_t mode)
{
    int fd = open_beside(draft, path, mode);
    char *prefix;

    if (fd >= 0)
        return fd;
    if (asprintf(&prefix, "%s/.foray-", folder) < 0) {
        errno = ENOMEM;
        return -1;
    }
    fd = foray__file_named(prefix, mode, &draft->temporary);
    free(prefix);
    return fd;
}

int foray__draft_open(struct foray__draft *draft, const char *path, mode_t mode,
                      struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE], *folder;
    struct target target = {0};
    int code = 0;

    draft->temporary = NULL;
    draft->fd = -1;
    FORAY_TRY(look_at_target(&target, path, err));
    folder = foray__file_folder(path);
    if (!folder)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a file name");
    /* A nameless file gets its name through /proc. */
    if (!access("/proc/self/fd", X_OK))
        draft->fd = foray__file_tmpfile(folder, mode);
    else
        errno = EOPNOTSUPP;
    if (draft->fd < 0 && foray__file_lacks_tmpfile(errno))
        draft->fd = open_named(draft, path, folder, mode);
    if (draft->fd < 0)
        code = foray__fail_errno(err, errno, "cannot make %s",
                                 foray__tail(tail, path));
    else
        take_permissions(draft->fd, &target);
    free(folder);
    return code;
}

/* A nameless file gets a name through /proc, which needs no privilege. */
static int link_nameless(int fd, const char *path)
{
    char source[64];

    snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

int foray__draft_link(struct foray__draft *draft, const char *path)
{
    struct stat st;

    if (!draft->temporary)
        return link_nameless(draft->fd, path) ? errno : 0;
    if (link(draft->temporary, path)) {
        if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
            return errno;
        /* No hard links here: the best that is left. */
        if (!lstat(path, &st))
            return EEXIST;
        if (rename(draft->temporary, path))
            return errno;
    } else {
        unlink(draft->temporary);
    }
    free(draft->temporary);
    draft->temporary = NULL;
    return 0;
}

int foray__draft_link_beside(struct foray__draft *draft, const char *name,
                             struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    int why = EEXIST, code = 0;

    for (int i = 0; i < ATTEMPTS && why == EEXIST && !code; i++) {
        why = foray__draft_link(draft, name);
        if (why == EEXIST)
            code = foray__draft_remove_dead(name, err);
    }
    if (!why || code)
        return code;
    return foray__fail_errno(err, why, "cannot name the file %s",
                             foray__tail(tail, name));
}

/* Link a nameless file into its folder under a name that nobody has. */
static int link_at_random(struct foray__draft *draft, const char *path)
{
    char *folder = foray__file_folder(path);
    int linked = -1;

    for (int i = 0; folder && i < ATTEMPTS && linked; i++) {
        if (asprintf(&draft->temporary, "%s/.foray-%016llx", folder,
                     (unsigned long long)foray__file_random()) < 0) {
            draft->temporary = NULL;
            errno = ENOMEM;
            break;
        }
        linked = link_nameless(draft->fd, draft->temporary);
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

/* Link a nameless file as PATH.partial, locked before anybody can see it. A
 * dead one there makes room. */
static int link_beside(struct foray__draft *draft, const char *path)
{
    char *name = foray__draft_beside(path, NULL);
    int linked = -1;

    if (flock(draft->fd, LOCK_EX | LOCK_NB)) {
        free(name); /* no locks here */
        return -1;
    }
    if (name)
        linked = foray__draft_link_beside(draft, name, NULL);
    if (linked)
        free(name);
    else
        draft->temporary = name;
    return linked;
}

/* Where a living one or a folder has that name, it is another one. */
static int give_temporary_name(struct foray__draft *draft, const char *path)
{
    return link_beside(draft, path) ? link_at_random(draft, path) : 0;
}

int foray__draft_name(struct foray__draft *draft, const char *path,
                      struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    if (!draft->temporary && give_temporary_name(draft, path))
        return foray__fail_errno(err, errno, "cannot make a file beside %s",
                                 foray__tail(tail, path));
    return 0;
}

int foray__draft_install(struct foray__draft *draft, const char *path,
                         struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    /* A name that is free needs no other one on the way. */
    if (!draft->temporary && !link_nameless(draft->fd, path))
        return 0;
    if ((!draft->temporary && give_temporary_name(draft, path)) ||
        rename(draft->temporary, path))
        return foray__fail_errno(err, errno, "cannot name the file %s",
                                 foray__tail(tail, path));
    flock(draft->fd, LOCK_UN);
    free(draft->temporary);
    draft->temporary = NULL;
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
