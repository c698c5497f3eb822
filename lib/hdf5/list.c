/* What is in a file: found by a worker, told in plain bytes. */
#include <foray/hdf5.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "hdf5/about.h"
#include "hdf5/crew.h"
#include "hdf5/dataset.h"

/* Records and the names they begin with, each ended by a zero byte. */
struct listing {
    hid_t file;
    const char *path;
    struct foray_dataset *items;
    size_t n, room;
    char *names;
    size_t names_size, names_room;
    struct foray_error *err;
};

static void *grow(void *bytes, size_t *room, size_t needed, size_t size)
{
    size_t more = *room ? 2 * *room : 64;
    void *grown;

    while (more < needed)
        more *= 2;
    grown = realloc(bytes, more * size);
    if (grown)
        *room = more;
    return grown;
}

static int add(struct listing *listing, const char *name,
               const struct foray_dataset *dataset)
{
    size_t size = strlen(name) + 1;
    void *grown;

    if (listing->n == listing->room) {
        grown = grow(listing->items, &listing->room, listing->n + 1,
                     sizeof *listing->items);
        if (!grown)
            return foray__fail(listing->err, FORAY_ENOMEM,
                               "no memory for a list of %zu datasets",
                               listing->n);
        listing->items = grown;
    }
    if (listing->names_size + size > listing->names_room) {
        grown = grow(listing->names, &listing->names_room,
                     listing->names_size + size, 1);
        if (!grown)
            return foray__fail(listing->err, FORAY_ENOMEM,
                               "no memory for a list of %zu datasets",
                               listing->n);
        listing->names = grown;
    }
    listing->items[listing->n++] = *dataset;
    memcpy(listing->names + listing->names_size, name, size);
    listing->names_size += size;
    return 0;
}

static int visit(const char *name, void *arg)
{
    struct listing *listing = arg;
    struct foray__h5_name shown = foray__h5_name(listing->path, name);
    struct foray__h5_about about;
    hid_t dataset = H5Dopen2(listing->file, name, H5P_DEFAULT);
    int code;

    if (dataset < 0)
        return foray__h5_fail(listing->err, FORAY_EFORMAT, "cannot open %s",
                              shown.text);
    code = foray__h5_about(&about, dataset, shown.text, listing->err);
    if (!code)
        about.dataset.stored = H5Dget_storage_size(dataset);
    foray__h5_close(dataset);
    return code ? code : add(listing, name, &about.dataset);
}

static int list_task(struct foray_task *task)
{
    struct foray_error err;
    struct listing listing = {.path = foray_task_str(task, 0), .err = &err};
    struct foray_value values[2];
    int code = foray__h5_open(&listing.file, listing.path, false, 0, &err);

    if (!code)
        code =
            foray__h5_visit(listing.file, listing.path, visit, &listing, &err);
    foray__h5_leave(listing.file);
    values[0] = foray_value_bytes(
        (struct foray_bytes){listing.items, listing.n * sizeof *listing.items});
    values[1] = foray_value_bytes(
        (struct foray_bytes){listing.names, listing.names_size});
    code = foray__h5_answer(task, code, &err, 2, values);
    free(listing.items);
    free(listing.names);
    return code;
}

static int take(struct foray_dataset_list *out,
                const struct foray_result *result, struct foray_error *err)
{
    struct foray_bytes items = foray_result_bytes(result, 0);
    struct foray_bytes names = foray_result_bytes(result, 1);
    const char *name = names.data;

    out->items = malloc(items.size ? items.size : 1);
    if (!out->items)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a list");
    if (items.size)
        memcpy(out->items, items.data, items.size);
    for (size_t i = 0; i < items.size / sizeof *out->items; i++) {
        out->items[i].name = strdup(name);
        if (!out->items[i].name)
            return foray__fail(err, FORAY_ENOMEM, "no memory for a list");
        out->n++;
        name += strlen(name) + 1;
    }
    return 0;
}

int foray_hdf5_list(struct foray_dataset_list *out, struct foray_pool *pool,
                    const char *path, struct foray_error *err)
{
    struct foray__h5_crew crew;
    struct foray_result result;
    int code;

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray__h5_crew_open(&crew, pool, path, err));
    code = foray__h5_crew_call(&crew, foray_delayed(list_task, crew.path),
                               &result, err);
    if (!code) {
        code = take(out, &result, err);
        foray_result_free(&result);
    }
    if (code)
        foray_dataset_list_free(out);
    foray__h5_crew_close(&crew);
    return code;
}
