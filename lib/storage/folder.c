#include <foray/storage.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/feature.h"
#include "storage/folder.h"
#include "storage/memory.h"
#include "storage/size_text.h"

enum { TMPFS = 0x01021994, RAMFS = 0x858458f6 };

static size_t space_of(const struct statvfs *space)
{
    /* A tmpfs without a limit has no blocks at all. */
    if (!space->f_blocks || !space->f_frsize ||
        space->f_bavail > SIZE_MAX / space->f_frsize)
        return SIZE_MAX;
    return (size_t)space->f_bavail * space->f_frsize;
}

/* A file system may run out of files before it runs out of bytes. */
static bool lacks_files(const struct statvfs *space)
{
    return space->f_files && !space->f_favail;
}

/* What lies in memory ends where the machine's or the control group's does,
 * and there the kernel kills instead of returning an error. */
static int limit_by_memory(struct foray_folder *out, size_t nbytes,
                           const char *shown, struct foray_error *err)
{
    struct foray__memory memory = foray__memory_free("");

    if (memory.free_bytes < out->free_bytes)
        out->free_bytes = memory.free_bytes;
    if (nbytes <= out->free_bytes)
        return 0;
    return foray__fail(err, FORAY_ENOSPC,
                       "%s do not fit into %s: %s has %s of memory left; set "
                       "FORAY_TEMP_FOLDER to a folder on a disk",
                       foray__size_text(nbytes).text, shown, memory.limit,
                       foray__size_text(memory.free_bytes).text);
}

/* Why a folder will not do; 0 if it will. */
static int inspect(struct foray_folder *out, const char *path, size_t nbytes,
                   struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    const char *shown = foray__tail(tail, path);
    struct statvfs space;
    struct statfs kind;
    struct stat st;

    if (strlen(path) >= sizeof out->path)
        return foray__fail(err, FORAY_EINVAL,
                           "the folder's name %s is too long", shown);
    if (stat(path, &st) || statvfs(path, &space) || statfs(path, &kind))
        return foray__fail_errno(err, errno, "cannot use the folder %s", shown);
    if (!S_ISDIR(st.st_mode))
        return foray__fail(err, FORAY_EACCES, "%s is not a folder", shown);
    if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
        return foray__fail(err, FORAY_EACCES,
                           "the folder %s is writable by everybody and has no "
                           "sticky bit: chmod +t it, or choose another",
                           shown);
    if (eaccess(path, W_OK | X_OK))
        return foray__fail_errno(err, errno, "cannot write to the folder %s",
                                 shown);
    if (lacks_files(&space))
        return foray__fail(err, FORAY_ENOSPC,
                           "%s has room for no more files (inodes): remove "
                           "some, or set FORAY_TEMP_FOLDER to another folder",
                           shown);
    snprintf(out->path, sizeof out->path, "%s", path);
    out->shared_memory = kind.f_type == TMPFS || kind.f_type == RAMFS;
    out->free_bytes = space_of(&space);
    if (nbytes > out->free_bytes)
        return foray__fail(err, FORAY_ENOSPC,
                           "%s do not fit into %s, where %s are free: free "
                           "some, or set FORAY_TEMP_FOLDER to a larger folder",
                           foray__size_text(nbytes).text, shown,
                           foray__size_text(out->free_bytes).text);
    return out->shared_memory ? limit_by_memory(out, nbytes, shown, err) : 0;
}

/* Memory without a mount of its own: where /dev/shm is small, as in many
 * containers, but memory is not. */
static int inspect_memfd(struct foray_folder *out, size_t nbytes,
                         struct foray_error *err)
{
    if (!foray__feature("memfd"))
        return foray__fail(err, FORAY_ENOTSUP, "there is no memfd_create");
    strcpy(out->path, FORAY__MEMFD);
    out->shared_memory = true;
    out->free_bytes = SIZE_MAX;
    return limit_by_memory(out, nbytes, "memory", err);
}

/* The first place that will do, of those that joblib tries and memfd. When
 * none will, *err says why of each. */
static int choose(struct foray_folder *out, size_t nbytes, bool named,
                  struct foray_error *err)
{
    const char *places[] = {"/dev/shm", named ? NULL : FORAY__MEMFD,
                            getenv("TMPDIR"), "/tmp"};
    char why[FORAY_ERROR_MSG_SIZE] = "";
    int code = FORAY_EACCES;
    size_t used = 0;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct foray_error one;
        int failed;

        if (!places[i] || !*places[i] ||
            (i == 3 && places[2] && !strcmp(places[2], places[3])))
            continue;
        failed = i == 1 ? inspect_memfd(out, nbytes, &one)
                        : inspect(out, places[i], nbytes, &one);
        if (!failed)
            return 0;
        if (failed == FORAY_ENOSPC)
            code = FORAY_ENOSPC;
        if (i != 1 && used < sizeof why)
            used += (size_t)snprintf(why + used, sizeof why - used, "%s%.180s",
                                     used ? "; " : "", one.msg);
    }
    return foray__fail(err, code, "%s", why);
}

static int choose_for(struct foray_folder *out, const char *wanted,
                      size_t nbytes, bool named, struct foray_error *err)
{
    struct foray_folder folder;

    memset(&folder, 0, sizeof folder);
    if (!wanted || !*wanted)
        wanted = getenv("FORAY_TEMP_FOLDER");
    if (wanted && *wanted)
        FORAY_TRY(inspect(&folder, wanted, nbytes, err));
    else
        FORAY_TRY(choose(&folder, nbytes, named, err));
    *out = folder;
    return 0;
}

int foray_folder_choose(struct foray_folder *out, const char *wanted,
                        size_t nbytes, struct foray_error *err)
{
    return choose_for(out, wanted, nbytes, false, err);
}

int foray__folder_for_names(struct foray_folder *out, const char *wanted,
                            struct foray_error *err)
{
    return choose_for(out, wanted, 0, true, err);
}
