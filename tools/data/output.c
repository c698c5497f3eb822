#include "data/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

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
        return 0;
    *colon = '\0';
    out->is_hdf5 = is_hdf5(out->path);
    if (out->is_hdf5)
        out->member = colon + 1;
    else
        *colon = ':';
    return 0;
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
