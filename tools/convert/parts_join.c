#include "convert/parts_join.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/storage.h>

#include "convert/copy.h"
#include "convert/parts.h"
#include "convert/parts_about.h"
#include "convert/parts_places.h"
#include "data/beside.h"
#include "data/hdf5_door.h"
#include "shell/command.h"
#include "shell/message.h"
#include "shell/options.h"
#include "shell/stop.h"

struct joining {
    const struct convert_run *c;
    const struct hdf5_door *hdf5;
    struct foray_pool *pool;
    struct parts parts;
    char *partial; /* the file on its way */
};

bool parts_are(const struct convert_run *c, char *const *paths)
{
    return c->out.format == CONVERT_HDF5 && !c->out.member &&
           parts_begin_with(paths[0]);
}

static int ndim_of(const struct joining *joining)
{
    return joining->parts.is_ragged ? 1 : 2;
}

static enum foray_dtype dtype_of(const struct joining *joining)
{
    return joining->parts.items[0].features.dtype;
}

static bool is_one_of(const char *output, char *const *paths, size_t n)
{
    struct stat out, st;

    if (stat(output, &out))
        return false;
    for (size_t k = 0; k < n; k++)
        if (!stat(paths[k], &st) && st.st_dev == out.st_dev &&
            st.st_ino == out.st_ino)
            return true;
    return false;
}

static int check(const struct convert_run *c, char *const *paths, size_t n)
{
    if (c->raw.dtype || c->raw.ndim >= 0 || c->order != FORAY_ANY_ORDER ||
        c->out.append)
        return options_wrong("--dtype, --shape, --order and --append are of "
                             "single datasets, IN.h5:features and OUT.h5:/name:"
                             " these are files of foray hog");
    if (is_one_of(c->out.path, paths, n))
        return options_wrong("%s is the output and one of the parts",
                             c->out.path);
    if (c->out.hdf5.overwrite || access(c->out.path, F_OK))
        return STATUS_DONE;
    message("%s is there already: --overwrite replaces it", c->out.path);
    return STATUS_FAILED;
}

/* The features of one part behind those of the parts before it. */
static int copy_features(const struct joining *joining,
                         const struct foray_array *all, size_t row,
                         const struct part *part, struct foray_error *err)
{
    struct foray_array features = {0};
    int code;

    if (!part->features.shape[0])
        return 0;
    code = joining->hdf5->open(&features, joining->pool, part->path,
                               "/features", "r", NULL, err);
    if (!code)
        code =
            parts_check_length(part, &features, part->features.shape[0], err);
    if (!code)
        code = convert_copy_rows(all, row, &features, joining->pool, err);
    foray_array_close(&features, NULL);
    return code;
}

static bool is_plain(const struct foray_hdf5_options *options)
{
    for (int k = 0; k < FORAY_MAX_NDIM; k++)
        if (options->chunk[k])
            return false;
    return !options->deflate && !options->shuffle && !options->fletcher32;
}

/* In one piece they are made where they stay; else they are stored when all are
 * there. */
static int join_features(const struct joining *joining, struct foray_error *err)
{
    bool is_in_place = is_plain(&joining->c->out.hdf5);
    struct foray_array all = {0};
    size_t row = 0;
    int ndim = ndim_of(joining);
    int code =
        is_in_place
            ? joining->hdf5->create(&all, joining->pool, joining->partial,
                                    "/features", dtype_of(joining), ndim,
                                    joining->parts.shape, NULL, err)
            : foray_array_create(&all, NULL, dtype_of(joining), ndim,
                                 joining->parts.shape, err);

    for (size_t k = 0; k < joining->parts.n && !code; k++) {
        const struct part *part = &joining->parts.items[k];

        code = copy_features(joining, &all, row, part, err);
        row += part->features.shape[0];
    }
    if (!code && !is_in_place)
        code = joining->hdf5->save(joining->pool, joining->partial, "/features",
                                   &all, &joining->c->out.hdf5, err);
    if (!code)
        return foray_array_close(&all, err);
    foray_array_close(&all, NULL);
    return code;
}

/* Strings of all parts, in one list. */
struct texts {
    struct foray_hdf5_strings *parts;
    const char **items;
};

static void free_texts(struct texts *texts, const struct joining *joining)
{
    for (size_t k = 0; texts->parts && k < joining->parts.n; k++)
        joining->hdf5->strings_free(&texts->parts[k]);
    free(texts->parts);
    free(texts->items);
}

static int load_texts(struct texts *texts, const struct joining *joining,
                      const char *name, struct foray_error *err)
{
    size_t n = 0;
    int code = 0;

    texts->parts = calloc(joining->parts.n, sizeof *texts->parts);
    texts->items = calloc(joining->parts.n_rows + 1, sizeof *texts->items);
    if (!texts->parts || !texts->items)
        return message_error(err, FORAY_ENOMEM, "no memory for %zu names",
                             joining->parts.n_rows);
    for (size_t k = 0; k < joining->parts.n && !code; k++) {
        const struct part *part = &joining->parts.items[k];

        code = joining->hdf5->load_strings(&texts->parts[k], joining->pool,
                                           part->path, name, err);
        if (!code && texts->parts[k].n != part->n)
            code = message_error(err, FORAY_EFORMAT,
                                 "%s: %s is not one string a row", part->path,
                                 name + 1);
        for (size_t i = 0; !code && i < part->n; i++)
            texts->items[n++] = texts->parts[k].items[i];
    }
    return code;
}

static int join_texts(struct texts *texts, const struct joining *joining,
                      const char *name, struct foray_error *err)
{
    int code = load_texts(texts, joining, name, err);

    if (!code)
        code = joining->hdf5->save_strings(joining->pool, joining->partial,
                                           name, texts->items,
                                           joining->parts.n_rows, NULL, err);
    return code;
}

static int write_about(const struct joining *joining, const char *const *paths,
                       struct foray_error *err)
{
    struct parts_about about;
    int code = parts_about_join(&about, &joining->parts, paths, err);

    if (!code)
        code = joining->hdf5->write_attributes(joining->pool, joining->partial,
                                               "/features", about.items,
                                               about.n, err);
    parts_about_free(&about);
    return code;
}

static int write_parts(const struct joining *joining, struct foray_error *err)
{
    struct texts paths = {NULL, NULL}, status = {NULL, NULL};
    int code;

    unlink(joining->partial); /* of a run that was killed */
    code = join_features(joining, err);
    if (!code)
        code = join_texts(&paths, joining, "/paths", err);
    if (!code)
        code = join_texts(&status, joining, "/status", err);
    if (!code && joining->parts.is_ragged)
        code = parts_places_join(&joining->parts, joining->pool,
                                 joining->partial, err);
    if (!code)
        code = write_about(joining, paths.items, err);
    if (!code && rename(joining->partial, joining->c->out.path))
        code = message_error(err, FORAY_EIO, "%s: %s", joining->c->out.path,
                             strerror(errno));
    if (code)
        unlink(joining->partial);
    free_texts(&paths, joining);
    free_texts(&status, joining);
    return code;
}

static int end_well(const struct joining *joining)
{
    const struct parallel *parallel = &joining->c->parallel;
    const struct parts *parts = &joining->parts;

    if (parallel->dry_run || !parallel->quiet)
        convert_out_say(&joining->c->out, parallel->dry_run,
                        joining->parts.shape, ndim_of(joining),
                        dtype_of(joining), foray_dtype_size(dtype_of(joining)));
    if (!parts->n_missing)
        return STATUS_DONE;
    message("%zu of %zu parts are missing in %s", parts->n_missing,
            parts->items[0].shard[1], joining->c->out.path);
    return STATUS_SKIPPED;
}

static int run(struct joining *joining, char **paths, size_t n)
{
    const struct convert_run *c = joining->c;
    struct foray_error err = {0};
    int status =
        parts_read(&joining->parts, paths, n, &c->parallel, joining->pool);
    int code = 0;

    if (status != STATUS_DONE)
        return stop_signal() ? stop_status() : status;
    joining->partial = beside_name(c->out.path, &err);
    if (!joining->partial) {
        message("%s", err.msg);
        return STATUS_FAILED;
    }
    if (!c->parallel.dry_run)
        code = write_parts(joining, &err);
    if (!code)
        return end_well(joining);
    if (stop_signal())
        return stop_status();
    message("%s", err.msg);
    return STATUS_FAILED;
}

int parts_join(struct convert_run *c, char **paths, size_t n)
{
    struct joining joining = {.c = c};
    struct foray_error err = {0};
    int status = check(c, paths, n);

    if (status != STATUS_DONE)
        return status;
    joining.hdf5 = hdf5_door(&err);
    if (!joining.hdf5 ||
        (!c->parallel.dry_run &&
         parallel_open(&joining.pool, &c->parallel, 0, &err))) {
        message("%s", err.msg);
        return STATUS_FAILED;
    }
    status = run(&joining, paths, n);
    parallel_close(joining.pool);
    parts_free(&joining.parts);
    free(joining.partial);
    return status;
}
