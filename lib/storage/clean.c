/* Sweeping up: folders of sessions whose makers are dead. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "storage/session.h"

/* A folder without a lock may be about to get one; after this many seconds its
 * maker is taken for dead. */
enum { GRACE = 60 };

DIR *foray__session_entries(int folder)
{
    int copy = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;

    if (!dir && copy >= 0) {
        int why = errno;

        close(copy);
        errno = why;
    }
    return dir;
}

int foray__session_remove(int parent, DIR *folder, const char *name)
{
    struct dirent *entry;
    int fd = dirfd(folder);

    rewinddir(folder);
    while ((entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") != 0 &&
            strcmp(entry->d_name, "..") != 0 &&
            strcmp(entry->d_name, "lock") != 0)
            unlinkat(fd, entry->d_name, 0); /* no folders */
    /* The lock goes last: until then the folder says whose it is. */
    if (unlinkat(fd, "lock", 0) && errno != ENOENT)
        return -1;
    return unlinkat(parent, name, AT_REMOVEDIR);
}

static size_t count_bytes(DIR *folder)
{
    struct dirent *entry;
    struct stat st;
    size_t nbytes = 0;

    while ((entry = readdir(folder)))
        if (!fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
            S_ISREG(st.st_mode))
            nbytes += (size_t)st.st_blocks * 512;
    return nbytes;
}

/* foray-UID-..., or with a dot before it, of this user. */
static bool has_our_name(const char *name)
{
    char prefix[48];

    snprintf(prefix, sizeof prefix, "%s%ld-", FORAY__SESSION_PREFIX,
             (long)geteuid());
    return !strncmp(name + (name[0] == '.'), prefix, strlen(prefix));
}

static bool is_old(const struct stat *st)
{
    return time(NULL) - st->st_mtime > GRACE;
}

/* Whether the session in an open folder is ours and dead. Its lock is taken
 * then and returned in *lock; -1 when it has none. */
static bool is_dead(int folder, bool hidden, int *lock)
{
    struct stat st, lock_st;

    *lock = -1;
    if (fstat(folder, &st) || st.st_uid != geteuid() ||
        (st.st_mode & 0777) != 0700)
        return false;
    if (hidden && !is_old(&st))
        return false;
    *lock =
        openat(folder, "lock", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (*lock < 0)
        return errno == ENOENT && is_old(&st);
    if (!fstat(*lock, &lock_st) && S_ISREG(lock_st.st_mode) &&
        lock_st.st_uid == geteuid() && !flock(*lock, LOCK_EX | LOCK_NB))
        return true;
    close(*lock);
    *lock = -1;
    return false;
}

struct sweep {
    bool dry_run;
    size_t count;
    foray_clean_fn found;
    void *arg;
};

static void sweep_up(struct sweep *sweep, int parent, const char *parent_path,
                     int folder, const char *name)
{
    DIR *entries = foray__session_entries(folder);
    char path[4400];
    size_t nbytes;

    if (!entries)
        return;
    nbytes = count_bytes(entries);
    if (sweep->dry_run || !foray__session_remove(parent, entries, name)) {
        sweep->count++;
        snprintf(path, sizeof path, "%s/%s", parent_path, name);
        if (sweep->found)
            sweep->found(path, nbytes, sweep->arg);
    }
    closedir(entries);
}

static void look_at(struct sweep *sweep, int parent, const char *parent_path,
                    const char *name)
{
    int folder =
        openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int lock;

    if (folder < 0)
        return;
    if (is_dead(folder, name[0] == '.', &lock)) {
        sweep_up(sweep, parent, parent_path, folder, name);
        if (lock >= 0)
            close(lock);
    }
    close(folder);
}

static int sweep_folder(struct sweep *sweep, const char *path,
                        struct foray_error *err)
{
    int parent = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char tail[FORAY__TAIL_SIZE];
    struct dirent *entry;
    DIR *dir;

    if (parent < 0)
        return foray__fail_errno(err, errno, "cannot look into %s",
                                 foray__tail(tail, path));
    dir = foray__session_entries(parent);
    if (!dir) {
        int why = errno;

        close(parent);
        return foray__fail_errno(err, why, "cannot look into %s",
                                 foray__tail(tail, path));
    }
    while ((entry = readdir(dir)))
        if (has_our_name(entry->d_name))
            look_at(sweep, parent, path, entry->d_name);
    closedir(dir);
    close(parent);
    return 0;
}

int foray_clean(const char *folder, bool dry_run, size_t *count,
                foray_clean_fn found, void *arg, struct foray_error *err)
{
    struct sweep sweep = {.dry_run = dry_run, .found = found, .arg = arg};
    const char *chosen[] = {getenv("FORAY_TEMP_FOLDER"), "/dev/shm",
                            getenv("TMPDIR"), "/tmp"};
    struct stat seen[4] = {{0}};
    int code = 0;

    if (folder) {
        code = sweep_folder(&sweep, folder, err);
    } else {
        for (int i = 0; i < 4; i++) {
            /* A folder that is not there holds nothing to clean. */
            bool look = chosen[i] && *chosen[i] && !stat(chosen[i], &seen[i]);

            for (int k = 0; k < i && look; k++)
                look = seen[k].st_ino != seen[i].st_ino ||
                       seen[k].st_dev != seen[i].st_dev;
            if (look)
                sweep_folder(&sweep, chosen[i], NULL);
        }
    }
    if (count)
        *count = sweep.count;
    return code;
}
