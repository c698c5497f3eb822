#include "convert/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "convert/parts_about.h"
#include "data/hdf5_door.h"
#include "shell/command.h"
#include "shell/message.h"
#include "shell/options.h"

static const char *const names[] = {"features", "paths", "status", "offsets",
                                    "shapes"};

enum { N_NAMES = sizeof names / sizeof *names, N_OF_ONE_SIZE = 3 };

/* How many of the names, in their order, a file has. */
static int count_names(const struct foray_dataset_list *list)
{
    int n = 0;

    while (n < N_NAMES && foray_dataset_find(list, names[n]))
        n++;
    return n;
}

bool parts_begin_with(const char *path)
{
    struct foray_dataset_list list = {0};
    struct dataset file;
    bool is_part = false;

    if (access(path, R_OK) || dataset_find(&file, path) != STATUS_DONE)
        return false;
    if (file.format == DATASET_HDF5 && !dataset_list(&list, &file, NULL, NULL))
        is_part = count_names(&list) >= N_OF_ONE_SIZE &&
                  !foray_dataset_find(&list, "data");
    foray_dataset_list_free(&list);
    dataset_free(&file);
    return is_part;
}

/* As many rows in each, and nothing that would be lost. */
static int check_datasets(const struct part *part, bool is_ragged,
                          const struct foray_dataset_list *list,
                          struct foray_error *err)
{
    const size_t n_wanted = is_ragged ? N_NAMES : N_OF_ONE_SIZE;

    for (size_t k = 0; k < n_wanted; k++) {
        const struct foray_dataset *item = foray_dataset_find(list, names[k]);
        size_t rows = part->n + (k == 3);

        if (!k && is_ragged)
            continue; /* all features in one row */
        if (!item->ndim || item->shape[0] != rows)
            return message_error(err, FORAY_EFORMAT,
                                 "%s: %s has not the length %zu: the file is "
                                 "none that foray hog writes",
                                 part->path, names[k], rows);
    }
    for (size_t i = 0; i < list->n; i++) {
        bool is_known = false;

        for (size_t k = 0; k < n_wanted; k++)
            is_known |= foray_dataset_find(list, names[k]) == &list->items[i];
        if (!is_known)
            return message_error(err, FORAY_ENOTSUP,
                                 "%s holds %s, too, which is not foray hog's: "
                                 "join the datasets one by one, %s:%s and so "
                                 "on",
                                 part->path, list->items[i].name, part->path,
                                 names[0]);
    }
    return 0;
}

static int read_list(struct part *part, bool is_ragged,
                     const struct foray_dataset_list *list,
                     struct foray_error *err)
{
    int n = count_names(list), n_wanted = is_ragged ? N_NAMES : N_OF_ONE_SIZE;

    if (n == N_NAMES && !is_ragged)
        return message_error(err, FORAY_EFORMAT,
                             "%s was made with --ragged, the first part was "
                             "not",
                             part->path);
    if (n < n_wanted)
        return message_error(err, FORAY_EFORMAT,
                             "%s has no %s: it is no part of what foray hog%s "
                             "writes",
                             part->path, names[n],
                             is_ragged ? " --ragged" : "");
    part->features = *foray_dataset_find(list, names[0]);
    part->features.name = NULL;
    part->n = foray_dataset_find(list, "status")->shape[0];
    if (part->features.dtype == FORAY_OPAQUE ||
        part->features.ndim != (is_ragged ? 1 : 2))
        return message_error(err, FORAY_EFORMAT,
                             "%s: its features are none of foray hog's",
                             part->path);
    return check_datasets(part, is_ragged, list, err);
}

/* A file by its whole name: 0, or an exit status after a message. */
static int check_name(const char *path)
{
    struct dataset file;
    int status = dataset_find(&file, path);

    if (status != STATUS_DONE)
        return status;
    if (file.format != DATASET_HDF5 || file.member || file.part)
        status = options_wrong("%s is no file of HDF5 like the first one, "
                               "which is joined with all that is in it",
                               path);
    dataset_free(&file);
    return status;
}

static int read_part(struct parts *parts, char *path, struct foray_pool *pool,
                     const struct hdf5_door *hdf5, struct foray_error *err)
{
    struct part *part = &parts->items[parts->n++];
    struct foray_dataset_list list = {0};
    int code;

    part->path = path;
    code = hdf5->list(&list, pool, path, err);
    if (!code && parts->n == 1)
        parts->is_ragged = count_names(&list) == N_NAMES;
    if (!code)
        code = read_list(part, parts->is_ragged, &list, err);
    foray_dataset_list_free(&list);
    if (!code)
        code =
            hdf5->read_attributes(&part->about, pool, path, "/features", err);
    if (!code)
        parts_about_shard(part->shard, &part->about);
    return code;
}

static int compare_shards(const void *a, const void *b)
{
    const struct part *one = a, *other = b;

    return (one->shard[0] > other->shard[0]) -
           (one->shard[0] < other->shard[0]);
}

static int refuse_mixed(const struct part *one, const struct part *other,
                        struct foray_error *err)
{
    const struct part *part = one->shard[1] ? one : other;
    const struct part *rest = part == one ? other : one;

    return message_error(err, FORAY_EINVAL,
                         "%s is part %zu of %zu, %s is none of these: join the "
                         "parts of one run first",
                         part->path, part->shard[0], part->shard[1],
                         rest->path);
}

/* Into the order of the whole, if they say where they belong. */
static int order_shards(struct parts *parts, struct foray_error *err)
{
    const size_t n_shards = parts->items[0].shard[1];

    for (size_t k = 0; k < parts->n; k++)
        if (parts->items[k].shard[1] != n_shards)
            return refuse_mixed(&parts->items[0], &parts->items[k], err);
    if (!n_shards)
        return 0;
    qsort(parts->items, parts->n, sizeof *parts->items, compare_shards);
    for (size_t k = 1; k < parts->n; k++)
        if (parts->items[k].shard[0] == parts->items[k - 1].shard[0])
            return message_error(err, FORAY_EINVAL,
                                 "%s and %s are both part %zu of %zu",
                                 parts->items[k - 1].path, parts->items[k].path,
                                 parts->items[k].shard[0], n_shards);
    parts->n_missing = n_shards - parts->n;
    return 0;
}

/* The first shard that is not there. */
static size_t first_missing(const struct parts *parts)
{
    size_t k = 0;

    while (k < parts->n && parts->items[k].shard[0] == k + 1)
        k++;
    return k + 1;
}

static int check_missing(const struct parts *parts,
                         const struct parallel *parallel,
                         struct foray_error *err)
{
    if (!parts->n_missing || parallel->on_error == FORAY_SKIP)
        return 0;
    return message_error(err, FORAY_ENOENT,
                         "%zu of %zu parts are not among these, part %zu is "
                         "the first: --on-error skip joins those that are",
                         parts->n_missing, parts->items[0].shard[1],
                         first_missing(parts));
}

/* Rows of one width and type. Without a row there is no width. */
static int check_features(const struct parts *parts, struct foray_error *err)
{
    const struct part *first = &parts->items[0], *wide = NULL;

    for (size_t k = 0; k < parts->n; k++) {
        const struct part *part = &parts->items[k];

        if (part->features.dtype != first->features.dtype)
            return message_error(
                err, FORAY_EDTYPE,
                "%s has features of type %s, %s of type %s: "
                "they are no parts of one",
                first->path, foray_dtype_name(first->features.dtype),
                part->path, foray_dtype_name(part->features.dtype));
        if (parts->is_ragged || !part->n)
            continue;
        if (!wide)
            wide = part;
        if (part->features.shape[1] != wide->features.shape[1])
            return message_error(err, FORAY_ESHAPE,
                                 "%s has rows of %zu features, %s of %zu: they "
                                 "are no parts of one",
                                 wide->path, wide->features.shape[1],
                                 part->path, part->features.shape[1]);
    }
    return 0;
}

static int add_up(struct parts *parts, struct foray_error *err)
{
    for (size_t k = 0; k < parts->n; k++) {
        const struct part *part = &parts->items[k];

        if (__builtin_add_overflow(parts->n_rows, part->n, &parts->n_rows) ||
            __builtin_add_overflow(parts->shape[0], part->features.shape[0],
                                   &parts->shape[0]))
            return message_error(err, FORAY_ERANGE, "too many rows");
        if (part->n || !k)
            parts->shape[1] = part->features.shape[1];
    }
    return 0;
}

int parts_read(struct parts *out, char **paths, size_t n,
               const struct parallel *parallel, struct foray_pool *pool)
{
    struct foray_error err = {0};
    const struct hdf5_door *hdf5 = hdf5_door(&err);
    int code = hdf5 ? 0 : FORAY_ENOTSUP, status;

    memset(out, 0, sizeof *out);
    out->items = calloc(n, sizeof *out->items);
    if (!out->items) {
        message("no memory for %zu parts", n);
        return STATUS_FAILED;
    }
    for (size_t k = 0; k < n && !code; k++) {
        status = check_name(paths[k]);
        if (status != STATUS_DONE)
            return status;
        code = read_part(out, paths[k], pool, hdf5, &err);
    }
    if (!code)
        code = order_shards(out, &err);
    if (!code)
        code = check_missing(out, parallel, &err);
    if (!code)
        code = check_features(out, &err);
    if (!code)
        code = add_up(out, &err);
    if (!code)
        return STATUS_DONE;
    message("%s", err.msg);
    return STATUS_FAILED;
}

int parts_check_length(const struct part *part, const struct foray_array *array,
                       size_t length, struct foray_error *err)
{
    if (array->ndim && array->shape[0] == length)
        return 0;
    return message_error(err, FORAY_EFORMAT, "%s was changed meanwhile",
                         part->path);
}

void parts_free(struct parts *parts)
{
    const struct hdf5_door *hdf5 = hdf5_door(NULL);

    for (size_t k = 0; hdf5 && k < parts->n; k++)
        hdf5->attributes_free(&parts->items[k].about);
    free(parts->items);
    memset(parts, 0, sizeof *parts);
}
