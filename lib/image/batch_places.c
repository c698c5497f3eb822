#include "image/batch_places.h"

#include <string.h>

#include <foray/storage.h>

#include "base/error.h"
#include "base/sha256.h"
#include "base/size.h"

int foray__batch_check_places(const struct foray_hog_batch *batch,
                              struct foray_error *err)
{
    if (!batch->places)
        return 0;
    if (batch->stack)
        return foray__fail(err, FORAY_EINVAL,
                           "the images of a stack have one size: places are "
                           "for files");
    if (batch->image.rows || batch->rows)
        return foray__fail(err, FORAY_EINVAL,
                           "images that are resized have one size: places are "
                           "for those that keep theirs");
    return 0;
}

int foray__batch_place(const struct foray_hog_batch *batch, size_t i,
                       const struct foray_hog *hog,
                       const struct foray_image_info *info,
                       struct foray_error *err)
{
    struct foray_hog_place *place = &batch->places[i];
    size_t rows, cols, length, shape[5];
    char tail[FORAY__TAIL_SIZE];
    struct foray_error why;
    int channels, ndim, code;

    foray_image_result_shape(&rows, &cols, &channels, info, &batch->image);
    place->rows = (uint32_t)rows;
    place->cols = (uint32_t)cols;
    code = foray_hog_length(&length, hog, rows, cols, &why);
    if (!code)
        code = foray_hog_shape(shape, &ndim, hog, rows, cols, &why);
    if (code)
        return foray__fail(err, code, "%s: %s",
                           foray__tail(tail, batch->paths[i]), why.msg);
    place->length = length;
    for (int k = 0; k < ndim; k++)
        place->shape[k] = (uint32_t)shape[k];
    return 0;
}

int foray__batch_arrange(size_t *length, const struct foray_hog_batch *batch,
                         struct foray_error *err)
{
    *length = 0;
    for (size_t i = 0; i < batch->n; i++) {
        batch->places[i].offset = *length;
        if (!foray__add(length, *length, (size_t)batch->places[i].length))
            return foray__fail(err, FORAY_ERANGE,
                               "the features of %zu images are more than the "
                               "address space holds",
                               batch->n);
    }
    return 0;
}

int foray__batch_share_places(struct foray_array *out,
                              const struct foray_hog_batch *batch,
                              struct foray_error *err)
{
    size_t shape[2] = {batch->n, sizeof *batch->places};

    FORAY_TRY(foray_array_create(out, NULL, FORAY_U8, 2, shape, err));
    memcpy(out->data, batch->places, batch->n * sizeof *batch->places);
    return 0;
}

int foray__batch_features_at(struct foray_array *out,
                             const struct foray_array *features,
                             const struct foray_hog_place *place,
                             struct foray_error *err)
{
    return foray_array_slice(out, features, 0, (ptrdiff_t)place->offset,
                             (ptrdiff_t)(place->offset + place->length), 1,
                             err);
}

/* All bits of a float that are one are a NaN. */
void foray__batch_blank(const struct foray_array *features,
                        const struct foray_hog_place *place)
{
    memset(foray_row(features, place->offset), 0xff,
           place->length * features->itemsize);
}

void foray__batch_places_digest(char out[FORAY_HOG_DIGEST_SIZE],
                                const struct foray_hog_batch *batch)
{
    struct foray__sha256 sha;

    foray__sha256_init(&sha);
    for (size_t i = 0; i < batch->n; i++) {
        const struct foray_hog_place *place = &batch->places[i];
        const uint64_t pair[2] = {place->offset, place->length};

        foray__sha256_add(&sha, pair, sizeof pair);
    }
    foray__sha256_text(out, &sha);
}
