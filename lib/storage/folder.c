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

enum { TMPFS = 0x01021994, RAMFS = 0x858458f6 };

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
    if (access(path, W_OK | X_OK))
        return foray__fail_errno(err, errno, "cannot write to the folder %s",
                                 shown);
    snprintf(out->path, sizeof out->path, "%s", path);
    out->shared_memory = kind.f_type == TMPFS || kind.f_type == RAMFS;
    out->free_bytes = SIZE_MAX;
    if ((uint64_t)space.f_bavail < SIZE_MAX / space.f_frsize)
        out->free_bytes = (size_t)space.f_bavail * space.f_frsize;
    if (out->shared_memory) {
        struct foray__memory memory = foray__memory_free("");

        if (memory.free_bytes < out->free_bytes) {
            out->free_bytes = memory.free_bytes;
            if (nbytes > out->free_bytes)
                return foray__fail(
                    err, FORAY_ENOSPC,
                    "%zu bytes do not fit into %s: %s has %zu bytes of memory "
                    "left; set FORAY_TEMP_FOLDER to a folder on a disk",
                    nbytes, shown, memory.limit, memory.free_bytes);
        }
    }
    if (nbytes > out->free_bytes)
        return foray__fail(err, FORAY_ENOSPC,
                           "%zu bytes do not fit into %s, where %zu are free",
                           nbytes, shown, out->free_bytes);
    return 0;
}

/* Memory without a mount of its own: where /dev/shm is small, as in many
 * containers, but memory is not. */
static int inspect_memfd(struct foray_folder *out, size_t nbytes)
{
    struct foray__memory memory = foray__memory_free("");

    if (!foray__feature("memfd") || nbytes > memory.free_bytes)
        return -1;
    strcpy(out->path, FORAY__MEMFD);
    out->shared_memory = true;
    out->free_bytes = memory.free_bytes;
    return 0;
}

int foray_folder_choose(struct foray_folder *out, const char *wanted,
                        size_t nbytes, struct foray_error *err)
{
    const char *tmpdir = getenv("TMPDIR");
    struct foray_error shm = {0}, disk = {0};
    struct foray_folder folder;
    int code;

    memset(&folder, 0, sizeof folder);
    if (!wanted || !*wanted)
        wanted = getenv("FORAY_TEMP_FOLDER");
    if (wanted && *wanted) {
        code = inspect(&folder, wanted, nbytes, err);
        if (!code)
            *out = folder;
        return code;
    }
    code = inspect(&folder, "/dev/shm", nbytes, &shm);
    if (code)
        code = inspect_memfd(&folder, nbytes);
    if (code && tmpdir && *tmpdir)
        code = inspect(&folder, tmpdir, nbytes, &disk);
    if (code)
        code = inspect(&folder, "/tmp", nbytes, &disk);
    if (code)
        return foray__fail(err, code, "%.220s; %.220s", shm.msg, disk.msg);
    *out = folder;
    return 0;
}
