#include "data/output.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <foray/storage.h>

#include "data/hdf5_door.h"
#include "shell/message.h"

bool output_has_suffix(const char *path, const char *suffix)
{
    size_t length = strlen(path), n = strlen(suffix);

    return length > n && !strcasecmp(path + length - n, suffix);
}

int output_folder(const char *path)
{
    struct stat st;

    if (!mkdir(path, 0777))
        return 0;
    if (errno == EEXIST && (stat(path, &st) || !S_ISDIR(st.st_mode)))
        errno = ENOTDIR;
    if (errno == EEXIST)
        return 0;
    message("%s: %s", path, strerror(errno));
    return -1;
}

static bool is_hdf5(const char *path)
{
    return output_has_suffix(path, ".h5") || output_has_suffix(path, ".hdf5");
}

/* The name says what is written. */
static int check_suffix(const struct output *out, struct foray_error *err)
{
    if (out->is_hdf5 || output_has_suffix(out->path, ".npy"))
        return 0;
    return message_error(err, FORAY_EINVAL,
                         "-o %s: the output must be a .npy or .h5 file",
                         out->text);
}

int output_name(struct output *out, const char *text, struct foray_error *err)
{
    char *colon;

    memset(out, 0, sizeof *out);
    out->text = text;
    out->path = strdup(text);
    if (!out->path)
        return message_error(err, FORAY_ENOMEM, "no memory for %s", text);
    out->is_hdf5 = is_hdf5(out->path);
    colon = strrchr(out->path, ':');
    if (out->is_hdf5 || !colon)
        return check_suffix(out, err);
    *colon = '\0';
    out->is_hdf5 = is_hdf5(out->path);
    if (out->is_hdf5)
        out->member = colon + 1;
    else
        *colon = ':';
    return check_suffix(out, err);
}

int output_make(struct output *out, enum foray_dtype dtype, int ndim,
                const size_t *shape, struct foray_error *err)
{
    struct foray_placement beside = {.partial = true,
                                     .fortran_order = out->fortran_order};

    if (out->is_hdf5)
        return foray_array_create(&out->array, NULL, dtype, ndim, shape, err);
    return foray_array_create_at(&out->array, out->path, dtype, ndim, shape,
                                 &beside, err);
}

/* Free bytes where a file shall be. */
static int find_space(uint64_t *out, const char *path, struct foray_error *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash + 1 - path)) : NULL;
    struct statvfs space;
    int code = 0;

    if (slash && !folder)
        return message_error(err, FORAY_ENOMEM, "no memory for %s", path);
    if (statvfs(folder ? folder : ".", &space))
        code =
            message_error(err, FORAY_ENOENT, "cannot use the folder of %s: %s",
                          path, strerror(errno));
    else
        *out = (uint64_t)space.f_bavail * space.f_frsize;
    free(folder);
    return code;
}

int output_plan(struct output *out, enum foray_dtype dtype, int ndim,
                const size_t *shape, struct foray_error *err)
{
    static max_align_t nothing; /* that elements would be in */
    char need[MESSAGE_BYTES_SIZE], have[MESSAGE_BYTES_SIZE];
    uint64_t space = 0;

    if (foray_array_wrap(&out->array, &nothing, dtype, ndim, shape, err) ||
        find_space(&space, out->path, err))
        return err->code;
    if (foray_array_nbytes(&out->array) <= space)
        return 0;
    return message_error(
        err, FORAY_ENOSPC, "%s needs %s, and its file system has %s free",
        out->text, message_bytes(need, foray_array_nbytes(&out->array)),
        message_bytes(have, space));
}

int output_commit(struct output *out, struct foray_pool *pool,
                  struct foray_error *err)
{
    const struct hdf5_door *hdf5;

    if (!out->is_hdf5)
        return foray_array_commit(&out->array, err);
    hdf5 = hdf5_door(err);
    if (!hdf5)
        return FORAY_ENOTSUP;
    return hdf5->save(pool, out->path, out->member, &out->array, NULL, err);
}

void output_end(struct output *out)
{
    foray_array_close(&out->array, NULL);
    free(out->path);
    memset(out, 0, sizeof *out);
}
