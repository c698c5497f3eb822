#include <foray/hog.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "image/hog_kernel.h"
#include "image/hog_method.h"

static const struct foray__hog_method *const methods[] = {
    [FORAY_HOG_SKIMAGE] = &foray__hog_skimage,
    [FORAY_HOG_DALAL_TRIGGS] = &foray__hog_dalal_triggs,
    [FORAY_HOG_UOCTTI] = &foray__hog_uoctti,
};

enum { N_METHODS = sizeof methods / sizeof methods[0], MAX_CELL = 1 << 20 };

static int check_options(const struct foray_hog_options *options,
                         struct foray_error *err)
{
    if ((int)options->method < 0 || (int)options->method >= N_METHODS)
        return foray__fail(err, FORAY_EINVAL,
                           "there is no HOG method number %d",
                           (int)options->method);
    if ((int)options->norm < 0 || options->norm > FORAY_HOG_NORM_L1_SQRT)
        return foray__fail(err, FORAY_EINVAL,
                           "there is no block norm number %d",
                           (int)options->norm);
    if (options->orientations < 0 || options->orientations > 180)
        return foray__fail(err, FORAY_EINVAL,
                           "%d orientations are not possible: 1 to 180",
                           options->orientations);
    if (options->cell_rows > MAX_CELL || options->cell_cols > MAX_CELL ||
        options->block_rows > MAX_CELL || options->block_cols > MAX_CELL)
        return foray__fail(err, FORAY_EINVAL,
                           "cells and blocks are at most %d wide and high",
                           MAX_CELL);
    if (!options->cell_rows != !options->cell_cols ||
        !options->block_rows != !options->block_cols)
        return foray__fail(err, FORAY_EINVAL,
                           "cells and blocks need both rows and columns, or "
                           "neither for the default");
    return 0;
}

int foray_hog_new(struct foray_hog **out,
                  const struct foray_hog_options *options,
                  struct foray_error *err)
{
    static const struct foray_hog_options defaults;
    struct foray_hog *hog;
    int code;

    *out = NULL;
    if (!options)
        options = &defaults;
    FORAY_TRY(check_options(options, err));
    hog = calloc(1, sizeof *hog);
    if (!hog)
        return foray__fail(err, FORAY_ENOMEM, "no memory for HOG");
    hog->options = *options;
    hog->method = methods[options->method];
    hog->kernel = foray__hog_kernel_choose();
    if (!hog->options.orientations)
        hog->options.orientations = 9;
    if (!hog->options.cell_rows)
        hog->options.cell_rows = hog->options.cell_cols = 8;
    code = hog->method->complete(&hog->options, err);
    if (code) {
        foray_hog_free(hog);
        return code;
    }
    *out = hog;
    return 0;
}

void foray_hog_free(struct foray_hog *hog)
{
    if (!hog)
        return;
    foray__scratch_free(&hog->scratch);
    foray__scratch_free(&hog->cells);
    free(hog->tables);
    free(hog);
}

const struct foray_hog_options *foray_hog_options(const struct foray_hog *hog)
{
    return &hog->options;
}

int foray_hog_shape(size_t shape[5], int *ndim, const struct foray_hog *hog,
                    size_t rows, size_t cols, struct foray_error *err)
{
    return hog->method->shape(shape, ndim, &hog->options, rows, cols, err);
}

int foray_hog_length(size_t *out, const struct foray_hog *hog, size_t rows,
                     size_t cols, struct foray_error *err)
{
    size_t shape[5], length;
    int ndim;

    FORAY_TRY(foray_hog_shape(shape, &ndim, hog, rows, cols, err));
    if (!foray__shape_nbytes(&length, 8, ndim, shape))
        return foray__fail(err, FORAY_ERANGE,
                           "an image of %zu x %zu would have more features "
                           "than memory has addresses",
                           rows, cols);
    *out = length / 8;
    return 0;
}

static int check_features(const struct foray_array *features, size_t length,
                          struct foray_error *err)
{
    if (features->ndim != 1 || features->shape[0] != length ||
        !foray_array_is_contiguous(features, FORAY_C_ORDER))
        return foray__fail(err, FORAY_ESHAPE,
                           "features must be one contiguous row of %zu "
                           "numbers for this image",
                           length);
    if (features->swapped ||
        (features->dtype != FORAY_F64 && features->dtype != FORAY_F32 &&
         features->dtype != FORAY_F16))
        return foray__fail(err, FORAY_EDTYPE,
                           "features are f64, f32 or f16, not %s%s",
                           foray_dtype_name(features->dtype),
                           features->swapped ? " in foreign byte order" : "");
    if (features->mode == FORAY_READ)
        return foray__fail(err, FORAY_EACCES,
                           "the array for the features is read-only");
    return 0;
}

int foray_hog_compute(struct foray_hog *hog, const struct foray_array *image,
                      const struct foray_array *features,
                      struct foray_error *err)
{
    size_t length;

    if (image->ndim != 2 && image->ndim != 3)
        return foray__fail(err, FORAY_ESHAPE,
                           "an image has 2 axes, or 3 with channels, not %d",
                           image->ndim);
    FORAY_TRY(
        foray_hog_length(&length, hog, image->shape[0], image->shape[1], err));
    if (image->ndim == 3 && image->shape[2] == 0)
        return foray__fail(err, FORAY_ESHAPE, "the image has no channels");
    FORAY_TRY(check_features(features, length, err));
    hog->rows = hog->cols = 0;
    FORAY_TRY(hog->method->compute(hog, image, features, err));
    hog->rows = image->shape[0];
    hog->cols = image->shape[1];
    return 0;
}

int foray_hog_method_parse(enum foray_hog_method *out, const char *text,
                           struct foray_error *err)
{
#define MATCH(name, word)                                                      \
    if (!strcmp(text, word)) {                                                 \
        *out = FORAY_HOG_##name;                                               \
        return 0;                                                              \
    }
    FORAY_HOG_METHOD_MAP(MATCH)
#undef MATCH
    return foray__fail(err, FORAY_EINVAL,
                       "there is no HOG method \"%.32s\": use skimage, "
                       "dalal-triggs or uoctti",
                       text);
}

int foray_hog_norm_parse(enum foray_hog_norm *out, const char *text,
                         struct foray_error *err)
{
#define MATCH(name, word)                                                      \
    if (!strcmp(text, word)) {                                                 \
        *out = FORAY_HOG_NORM_##name;                                          \
        return 0;                                                              \
    }
    FORAY_HOG_NORM_MAP(MATCH)
#undef MATCH
    return foray__fail(err, FORAY_EINVAL,
                       "there is no block norm \"%.32s\": use L1, L1-sqrt, L2 "
                       "or L2-Hys",
                       text);
}
