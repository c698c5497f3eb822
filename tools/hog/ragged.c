#include "hog/ragged.h"

#include <foray/storage.h>

#include "data/hdf5_door.h"

enum { AXES = 5 };

static void fill(const struct foray_array *offsets,
                 const struct foray_array *shapes,
                 const struct foray_hog_place *places, const size_t *kept,
                 size_t n)
{
    uint64_t offset = 0;

    for (size_t k = 0; k < n; k++) {
        const struct foray_hog_place *place = &places[kept[k]];

        FORAY_AT(offsets, uint64_t, k) = offset;
        offset += place->length;
        for (size_t axis = 0; axis < shapes->shape[1]; axis++)
            FORAY_AT(shapes, uint32_t, k, axis) = place->shape[axis];
    }
    FORAY_AT(offsets, uint64_t, n) = offset;
}

/* Axes that any of them has. */
static size_t count_axes(const struct foray_hog_place *places,
                         const size_t *kept, size_t n)
{
    for (size_t k = 0; k < n; k++)
        for (size_t axes = AXES; axes; axes--)
            if (places[kept[k]].shape[axes - 1])
                return axes;
    return AXES;
}

int hog_ragged_save(const char *file, const struct foray_hog_place *places,
                    const size_t *kept, size_t n, struct foray_pool *pool,
                    struct foray_error *err)
{
    const struct hdf5_door *hdf5 = hdf5_door(err);
    const size_t shape[2] = {n, count_axes(places, kept, n)}, more = n + 1;
    struct foray_array offsets = {0}, shapes = {0};
    int code = hdf5 ? 0 : FORAY_ENOTSUP;

    if (!code)
        code = foray_array_create(&offsets, NULL, FORAY_U64, 1, &more, err);
    if (!code)
        code = foray_array_create(&shapes, NULL, FORAY_U32, 2, shape, err);
    if (!code) {
        fill(&offsets, &shapes, places, kept, n);
        code = hdf5->save(pool, file, "/offsets", &offsets, NULL, err);
    }
    if (!code)
        code = hdf5->save(pool, file, "/shapes", &shapes, NULL, err);
    foray_array_close(&shapes, NULL);
    foray_array_close(&offsets, NULL);
    return code;
}

size_t hog_ragged_length(const struct foray_hog_place *places, size_t n)
{
    size_t length = 0;

    for (size_t i = 0; i < n; i++)
        length += places[i].length;
    return length;
}

void hog_ragged_lengths(size_t *least, size_t *most,
                        const struct foray_hog_place *places, size_t n)
{
    *least = SIZE_MAX;
    *most = 0;
    for (size_t i = 0; i < n; i++) {
        if (places[i].length && places[i].length < *least)
            *least = places[i].length;
        if (places[i].length > *most)
            *most = places[i].length;
    }
    if (!*most)
        *least = 0;
}
