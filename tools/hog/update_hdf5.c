#include "hog/update_hdf5.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/storage.h>

#include "data/hdf5_door.h"
#include "shell/message.h"

int update_hdf5_features(struct foray_dataset *out, const char *path,
                         struct foray_pool *pool, struct foray_error *err)
{
    const struct hdf5_door *hdf5 = hdf5_door(err);
    const struct foray_dataset *found;
    struct foray_dataset_list list;
    int code = hdf5 ? hdf5->list(&list, pool, path, err) : FORAY_ENOTSUP;

    if (code)
        return code;
    found = foray_dataset_find(&list, "features");
    if (!found)
        code = message_error(err, FORAY_ENOENT,
                             "%s has no features: foray hog did not make it",
                             path);
    else if ((!found->mappable && found->nbytes) || found->swapped)
        code = message_error(err, FORAY_ENOTSUP,
                             "the features of %s are stored as %s, and not as "
                             "foray hog does: without --update all is computed "
                             "anew",
                             path, found->layout);
    else
        *out = *found;
    out->name = NULL; /* the list's */
    foray_dataset_list_free(&list);
    return code;
}

/* The index has what is no UTF-8 as it is, or as text. */
static bool is_path(const char *path, const char *text)
{
    char *key = index_key(path);
    bool same = !strcmp(path, text) || (key && !strcmp(key, text));

    if (key != path)
        free(key);
    return same;
}

static int compare_rows(const char *path, const char *index_path,
                        const struct index_in *index,
                        const struct foray_hdf5_strings *paths)
{
    for (size_t i = 0; i < index->n && i < paths->n; i++)
        if (!is_path(paths->items[i], index->paths[i])) {
            message("row %zu of %s is of %s, and of %s in %s: it is not its "
                    "index",
                    i, path, paths->items[i], index->paths[i], index_path);
            return -1;
        }
    if (index->n == paths->n)
        return 0;
    message("%s has %zu paths, and %s %zu: it is not its index", path, paths->n,
            index_path, index->n);
    return -1;
}

int update_hdf5_check_index(const char *path, const struct index_in *index,
                            const char *index_path)
{
    struct foray_error err;
    const struct hdf5_door *hdf5 = hdf5_door(&err);
    struct foray_hdf5_strings paths;
    int code;

    if (!hdf5 || hdf5->load_strings(&paths, NULL, path, "/paths", &err)) {
        message("%s", err.msg);
        return -1;
    }
    code = compare_rows(path, index_path, index, &paths);
    hdf5->strings_free(&paths);
    return code;
}

char *update_hdf5_whole(const char *path)
{
    char *real = realpath(path, NULL), *whole;

    if (asprintf(&whole, "%s.update.whole", real ? real : path) < 0) {
        whole = NULL;
        message("no memory for %s", path);
    }
    free(real);
    return whole;
}

int update_hdf5_discard(const char *path)
{
    char *whole = update_hdf5_whole(path);

    if (!whole)
        return -1;
    unlink(whole);
    foray_array_discard(whole, NULL); /* on its way */
    free(whole);
    return 0;
}

int update_hdf5_install(const char *path, struct foray_error *err)
{
    char *real = realpath(path, NULL), *whole = update_hdf5_whole(path);
    int code = 0;

    if (!real || !whole)
        code = message_error(err, FORAY_EIO, "%s: %s", path, strerror(errno));
    else if (rename(whole, real) && errno != ENOENT)
        code = message_error(err, FORAY_EIO, "%s: %s", whole, strerror(errno));
    free(whole);
    free(real);
    return code;
}

int update_hdf5_lock(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        message("%s: %s", path, strerror(errno));
        return -1;
    }
    if (!flock(fd, LOCK_SH | LOCK_NB) || errno != EWOULDBLOCK)
        return fd; /* or there are no locks */
    message("%s is open in another program that writes it: wait for it", path);
    close(fd);
    return -1;
}
