#include "compute/module.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "storage/file.h"

/* Whether nobody else but root can change what has this status. */
static bool is_ours(const struct stat *st)
{
    return st->st_uid == geteuid() && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* Whether nobody else can put another folder in the place of one below `path`:
 * its folders up to the root belong to us or to root and are written by nobody
 * else, or are like /tmp, where names belong to who made them. */
static bool is_safe_place(const char *path)
{
    char above[PATH_MAX];
    struct stat st;
    char *slash;

    snprintf(above, sizeof above, "%s", path);
    while ((slash = strrchr(above, '/'))) {
        slash[slash == above] = '\0';
        if (lstat(above, &st) || !S_ISDIR(st.st_mode) ||
            (st.st_uid != geteuid() && st.st_uid != 0) ||
            (st.st_mode & (S_IWGRP | S_IWOTH) && !(st.st_mode & S_ISVTX)))
            return false;
        if (slash == above)
            break;
    }
    return true;
}

/* A folder that is this user's alone. */
static int open_folder(struct foray__module_folder *out, const char *path,
                       struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    const char *shown = foray__tail(tail, path);
    char real[PATH_MAX];
    struct stat st;

    if (mkdir(path, 0700) && errno != EEXIST)
        return foray__fail_errno(err, errno, "cannot make the folder %s",
                                 shown);
    out->fd = foray__above_streams(
        open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (out->fd < 0)
        return foray__fail_errno(err, errno,
                                 "cannot open the folder of modules %s", shown);
    if (!fstat(out->fd, &st) && is_ours(&st) &&
        !(st.st_mode & (S_IRWXG | S_IRWXO)) && realpath(path, real) &&
        strlen(real) < sizeof out->path && is_safe_place(real)) {
        strcpy(out->path, real);
        return 0;
    }
    close(out->fd);
    return foray__fail(err, FORAY_EACCES,
                       "%s is not safe for modules: it and the folders above "
                       "must belong to you (mode 0700) or to root, and be "
                       "written by nobody else; or set XDG_CACHE_HOME",
                       shown);
}

/* Make the folders of a path but the last, for this user alone. */
static void make_above(const char *path)
{
    char above[PATH_MAX];

    snprintf(above, sizeof above, "%s", path);
    for (char *at = strchr(above + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        mkdir(above, 0700); /* what is wrong shows when the last is made */
        *at = '/';
    }
}

/* Where caches of this user are; false if there is no such place. */
static bool cache_path(char *out, size_t size)
{
    const char *cache = secure_getenv("XDG_CACHE_HOME");
    const char *home = secure_getenv("HOME");
    int n = -1;

    if (cache && *cache == '/')
        n = snprintf(out, size, "%s/foray/modules", cache);
    else if (home && *home == '/')
        n = snprintf(out, size, "%s/.cache/foray/modules", home);
    return n >= 0 && (size_t)n < size;
}

int foray__module_folder_open(struct foray__module_folder *out,
                              struct foray_error *err)
{
    const char *temporary = secure_getenv("TMPDIR");
    char path[PATH_MAX];
    int code = FORAY_ENOENT;

    if (cache_path(path, sizeof path)) {
        make_above(path);
        code = open_folder(out, path, err);
        /* An unsafe one is not stepped around: somebody made it so. */
        if (!code || !access(path, F_OK))
            return code;
    }
    if (!temporary || *temporary != '/')
        temporary = "/tmp";
    snprintf(path, sizeof path, "%s/foray-modules-%ld", temporary,
             (long)geteuid());
    return open_folder(out, path, err);
}

/* Nobody removes what is locked so. What was removed before the lock was had
 * does not count: it has no name any more. */
static int hold(const char *path)
{
    int fd = foray__above_streams(
        open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat st;

    if (fd < 0)
        return -1;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && is_ours(&st)) {
        while (flock(fd, LOCK_SH) && errno == EINTR)
            ;
        if (!fstat(fd, &st) && st.st_nlink == 1 && st.st_size > 0) {
            futimens(fd, NULL); /* when it was used last */
            return fd;
        }
    }
    close(fd);
    return -1;
}

int foray__module_find(bool *found, struct foray__module *out,
                       const struct foray__module_folder *folder,
                       const char *digest, struct foray_error *err)
{
    out->fd = -1;
    if (snprintf(out->path, sizeof out->path, "%s/%s.so", folder->path,
                 digest) >= (int)sizeof out->path)
        return foray__fail(err, FORAY_ETOOLARGE,
                           "the path of the folder of modules is too long");
    out->fd = hold(out->path);
    *found = out->fd >= 0;
    return 0;
}

int foray__module_make(struct foray__module *module,
                       const struct foray__module_folder *folder,
                       const struct foray__compiler *compiler,
                       const char *const *flags, const char *language,
                       int input, char **words, struct foray_error *err)
{
    char beside[4200];
    const char *more[] = {"-o", beside, "-x", language, "-", "-lm", NULL};
    struct stat st;
    int code;

    snprintf(beside, sizeof beside, "%s.%016llx.tmp", module->path,
             (unsigned long long)foray__file_random());
    code = foray__compiler_run(compiler, flags, more, input, -1, words, err);
    if (!code && (lstat(beside, &st) || !S_ISREG(st.st_mode) || !st.st_size))
        code = foray__fail(err, FORAY_EINVAL,
                           "the compiler %s said nothing and made nothing",
                           compiler->path);
    if (!code && (chmod(beside, 0700) || rename(beside, module->path)))
        code =
            foray__fail_errno(err, errno, "cannot make %.200s", module->path);
    if (code) {
        unlink(beside);
        return code;
    }
    module->fd = hold(module->path);
    foray__module_prune(folder);
    return 0;
}

/* Unlocked for workers, too, that were forked meanwhile. */
void foray__module_release(struct foray__module *module)
{
    if (module->fd < 0)
        return;
    flock(module->fd, LOCK_UN);
    close(module->fd);
    module->fd = -1;
}
