#include "hog/update_ragged.h"

#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "data/hdf5_door.h"
#include "images/index.h"
#include "shell/message.h"

enum { AXES = sizeof((struct foray_hog_place){0}.shape) / sizeof(uint32_t) };

/* The datasets of a file. */
struct tables {
    struct foray_array offsets, shapes;
};

static int open_tables(struct tables *tables, const char *path,
                       struct foray_error *err)
{
    const struct hdf5_door *hdf5 = hdf5_door(err);
    int code = hdf5 ? hdf5->open(&tables->offsets, NULL, path, "/offsets", "r",
                                 NULL, err)
                    : FORAY_ENOTSUP;

    if (!code)
        code =
            hdf5->open(&tables->shapes, NULL, path, "/shapes", "r", NULL, err);
    if (!code)
        code = foray_array_require(&tables->offsets, FORAY_U64, 1,
                                   FORAY_C_ORDER, err);
    if (!code)
        code = foray_array_require(&tables->shapes, FORAY_U32, 2, FORAY_C_ORDER,
                                   err);
    return code;
}

/* Whether they are of so many rows, whose features are the file's. */
static bool fit(const struct tables *tables, size_t n, size_t length)
{
    const struct foray_array *offsets = &tables->offsets;
    bool rise = offsets->shape[0] == n + 1 && tables->shapes.shape[0] == n &&
                tables->shapes.shape[1] <= AXES &&
                !FORAY_AT(offsets, uint64_t, 0);

    for (size_t i = 0; rise && i < n; i++)
        rise = FORAY_AT(offsets, uint64_t, i) <=
               FORAY_AT(offsets, uint64_t, i + 1);
    return rise && FORAY_AT(offsets, uint64_t, n) == length;
}

static struct foray_hog_place *take(const struct tables *tables, size_t n)
{
    struct foray_hog_place *places = calloc(n + 1, sizeof *places);

    for (size_t i = 0; places && i < n; i++) {
        places[i].offset = FORAY_AT(&tables->offsets, uint64_t, i);
        places[i].length =
            FORAY_AT(&tables->offsets, uint64_t, i + 1) - places[i].offset;
        for (size_t k = 0; k < tables->shapes.shape[1]; k++)
            places[i].shape[k] = FORAY_AT(&tables->shapes, uint32_t, i, k);
    }
    if (!places)
        message("no memory for %zu rows", n);
    return places;
}

struct foray_hog_place *update_ragged_read(const char *path, size_t n,
                                           size_t length)
{
    struct foray_hog_place *places = NULL;
    struct tables tables = {{0}, {0}};
    struct foray_error err;

    if (open_tables(&tables, path, &err))
        message("%s", err.msg);
    else if (!fit(&tables, n, length))
        message("the offsets and shapes of %s are not those of %zu rows: "
                "without --update all is computed anew",
                path, n);
    else
        places = take(&tables, n);
    foray_array_close(&tables.shapes, NULL);
    foray_array_close(&tables.offsets, NULL);
    return places;
}

struct foray_hog_place *update_ragged_merge(const struct update_ragged *ragged,
                                            size_t n)
{
    struct foray_hog_place *all = calloc(n + 1, sizeof *all);
    uint64_t offset = 0;

    if (!all)
        return NULL;
    if (ragged->n_old)
        memcpy(all, ragged->old, ragged->n_old * sizeof *all);
    for (size_t k = 0; k < ragged->n_computed; k++)
        if (ragged->put[k] != FORAY_NO_ROW)
            all[ragged->put[k]] = index_has_features(&ragged->rows[k])
                                      ? ragged->computed[k]
                                      : (struct foray_hog_place){0};
    for (size_t i = 0; i < n; i++) {
        all[i].offset = offset;
        offset += all[i].length;
    }
    return all;
}
