#include "hog/keep.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/storage.h>

#include "data/hdf5_door.h"
#include "shell/message.h"

size_t *hog_keep_find(size_t *n_kept, const struct foray_hog_row *rows,
                      size_t n)
{
    size_t *kept = malloc((n + 1) * sizeof *kept);

    *n_kept = 0;
    for (size_t i = 0; kept && i < n; i++)
        if (rows[i].status == FORAY_IMAGE_STATUS_OK)
            kept[(*n_kept)++] = i;
    return kept;
}

/* An array beside the one of all. */
static int create(struct foray_array *out, struct hog_output *output, int ndim,
                  const size_t *shape, struct foray_pool *pool,
                  struct foray_error *err)
{
    const struct foray_placement place = {.partial = true};
    const struct hdf5_door *hdf5;

    if (asprintf(&output->kept, output->is_hdf5 ? "%s.kept.partial" : "%s.kept",
                 output->path) < 0) {
        output->kept = NULL;
        return message_error(err, FORAY_ENOMEM, "no memory for %s",
                             output->path);
    }
    if (!output->is_hdf5)
        return foray_array_create_at(out, output->kept, output->features.dtype,
                                     ndim, shape, &place, err);
    hdf5 = hdf5_door(err);
    if (!hdf5)
        return FORAY_ENOTSUP;
    unlink(output->kept);
    return hdf5->create(out, pool, output->kept, "/features",
                        output->features.dtype, ndim, shape, NULL, err);
}

/* From now on the array is this one. */
static int take(struct hog_output *output, const struct foray_array *some,
                struct foray_error *err)
{
    int code = foray_array_close(&output->features, err);

    output->features = *some;
    return code;
}

int hog_keep_rows(struct hog_output *output, const size_t *kept, size_t n_kept,
                  struct foray_pool *pool, struct foray_error *err)
{
    const struct foray_array *all = &output->features;
    const size_t shape[2] = {n_kept, all->shape[1]};
    struct foray_array some = {0};
    int code = create(&some, output, 2, shape, pool, err);

    if (code)
        return code;
    for (size_t k = 0; k < n_kept; k++)
        memcpy(foray_row(&some, k), foray_row(all, kept[k]),
               shape[1] * all->itemsize);
    return take(output, &some, err);
}

int hog_keep_features(struct hog_output *output,
                      const struct foray_hog_row *rows, size_t n,
                      struct foray_pool *pool, struct foray_error *err)
{
    const struct foray_array *all = &output->features;
    struct foray_array some = {0};
    size_t length = 0;
    int code;

    for (size_t i = 0; i < n; i++)
        if (rows[i].status == FORAY_IMAGE_STATUS_OK)
            length += output->places[i].length;
    if (length == all->shape[0])
        return 0;
    code = create(&some, output, 1, &length, pool, err);
    if (code)
        return code;
    length = 0;
    for (size_t i = 0; i < n; i++) {
        struct foray_hog_place *place = &output->places[i];

        if (rows[i].status != FORAY_IMAGE_STATUS_OK)
            memset(place, 0, sizeof *place);
        if (place->length)
            memcpy(foray_row(&some, length), foray_row(all, place->offset),
                   place->length * all->itemsize);
        place->offset = length;
        length += place->length;
    }
    return take(output, &some, err);
}
