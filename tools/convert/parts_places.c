#include "convert/parts_places.h"

#include <foray/storage.h>

#include "data/hdf5_door.h"
#include "shell/message.h"

/* Small arrays of all parts: a part's rows are given to `add`, with what came
 * before it. */
struct rows {
    const struct hdf5_door *hdf5;
    struct foray_pool *pool;
    const char *file, *name; /* where they go */
    struct foray_array all;
    size_t row, offset; /* of the part */
    size_t n_more;      /* behind those of its images */
};

/* Where its images begin among the features of all; at the end where the next
 * would. */
static int add_offsets(struct rows *to, const struct part *part,
                       const struct foray_array *offsets,
                       struct foray_error *err)
{
    const size_t length = part->features.shape[0];

    if (foray_array_require(offsets, FORAY_U64, 1, FORAY_C_ORDER, err))
        return err->code;
    if (FORAY_AT(offsets, uint64_t, part->n) != length)
        return message_error(err, FORAY_EFORMAT,
                             "%s: its offsets do not end where its features do",
                             part->path);
    for (size_t i = 0; i <= part->n; i++)
        FORAY_AT(&to->all, uint64_t, to->row + i) =
            to->offset + FORAY_AT(offsets, uint64_t, i);
    return 0;
}

/* Images without features have zeros, in a part of only such on any number of
 * axes. */
static int add_shapes(struct rows *to, const struct part *part,
                      const struct foray_array *shapes, struct foray_error *err)
{
    size_t axes = to->all.shape[1];

    if (foray_array_require(shapes, FORAY_U32, 2, FORAY_C_ORDER, err))
        return err->code;
    if (part->features.shape[0] && shapes->shape[1] != axes)
        return message_error(err, FORAY_ESHAPE,
                             "%s has features of %zu axes, others of %zu: they "
                             "are no parts of one",
                             part->path, shapes->shape[1], axes);
    for (size_t i = 0; part->features.shape[0] && i < part->n; i++)
        for (size_t k = 0; k < axes; k++)
            FORAY_AT(&to->all, uint32_t, to->row + i, k) =
                FORAY_AT(shapes, uint32_t, i, k);
    return 0;
}

typedef int add_fn(struct rows *to, const struct part *part,
                   const struct foray_array *rows, struct foray_error *err);

static int join_rows(struct rows *to, const struct parts *parts, add_fn *add,
                     struct foray_error *err)
{
    int code = 0;

    for (size_t k = 0; k < parts->n && !code; k++) {
        const struct part *part = &parts->items[k];
        struct foray_array rows = {0};

        code = to->hdf5->open(&rows, to->pool, part->path, to->name, "r", NULL,
                              err);
        if (!code)
            code = parts_check_length(part, &rows, part->n + to->n_more, err);
        if (!code)
            code = add(to, part, &rows, err);
        foray_array_close(&rows, NULL);
        to->row += part->n;
        to->offset += part->features.shape[0];
    }
    if (!code)
        code =
            to->hdf5->save(to->pool, to->file, to->name, &to->all, NULL, err);
    foray_array_close(&to->all, NULL);
    return code;
}

static int join_offsets(struct rows *to, const struct parts *parts,
                        struct foray_error *err)
{
    size_t n = parts->n_rows + 1;
    int code = foray_array_create(&to->all, NULL, FORAY_U64, 1, &n, err);

    to->name = "/offsets";
    to->n_more = 1;
    return code ? code : join_rows(to, parts, add_offsets, err);
}

/* Axes of the first part that has features, or of the first. */
static int find_axes(size_t *out, const struct rows *to,
                     const struct parts *parts, struct foray_error *err)
{
    const struct part *part = parts->items;
    struct foray_array shapes = {0};
    int code;

    for (size_t k = parts->n; k--;)
        if (parts->items[k].features.shape[0])
            part = &parts->items[k];
    code =
        to->hdf5->open(&shapes, to->pool, part->path, to->name, "r", NULL, err);
    *out = shapes.ndim == 2 ? shapes.shape[1] : 0;
    foray_array_close(&shapes, NULL);
    return code;
}

static int join_shapes(struct rows *to, const struct parts *parts,
                       struct foray_error *err)
{
    size_t shape[2] = {parts->n_rows, 0};
    int code;

    to->name = "/shapes";
    code = find_axes(&shape[1], to, parts, err);
    if (!code)
        code = foray_array_create(&to->all, NULL, FORAY_U32, 2, shape, err);
    return code ? code : join_rows(to, parts, add_shapes, err);
}

int parts_places_join(const struct parts *parts, struct foray_pool *pool,
                      const char *file, struct foray_error *err)
{
    const struct hdf5_door *hdf5 = hdf5_door(err);
    struct rows offsets = {.hdf5 = hdf5, .pool = pool, .file = file};
    struct rows shapes = offsets;
    int code = hdf5 ? join_offsets(&offsets, parts, err) : FORAY_ENOTSUP;

    return code ? code : join_shapes(&shapes, parts, err);
}
