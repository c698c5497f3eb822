#include "references.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "helpers.h"
#include "hog_cases.h"

void reference_open(struct foray_array *out, const char *name)
{
    struct foray_error err;

    assert_ok(
        foray_array_open(out, data_path("methods/%s.npy", name), "r", &err),
        err);
}

static void assert_features(struct foray_hog *hog,
                            const struct foray_array *image,
                            const struct foray_array *wanted,
                            enum foray_dtype dtype)
{
    struct foray_array features;
    struct foray_error err;
    size_t length;

    assert_ok(
        foray_hog_length(&length, hog, image->shape[0], image->shape[1], &err),
        err);
    assert_int_equal(length, wanted->shape[0]);
    hog_features(&features, dtype, length);
    assert_ok(foray_hog_compute(hog, image, &features, &err), err);
    for (size_t i = 0; i < length; i++)
        assert_close(dtype == FORAY_F32 ? (double)((float *)features.data)[i]
                                        : ((double *)features.data)[i],
                     (double)((float *)wanted->data)[i], 1e-5);
    free(features.data);
}

/* The same picture, between pixels that are not looked at. */
static void spread(struct foray_array *view, const struct foray_array *image)
{
    size_t pixel = image->ndim == 3 ? image->shape[2] : 1;
    size_t n = image->shape[0] * image->shape[1];
    uint8_t *bytes = malloc(2 * n * pixel);
    const uint8_t *from = image->data;

    assert_non_null(bytes);
    memset(bytes, 0x5A, 2 * n * pixel);
    for (size_t i = 0; i < n; i++)
        memcpy(bytes + 2 * i * pixel, from + i * pixel, pixel);
    *view = *image;
    view->data = bytes;
    view->strides[0] *= 2;
    view->strides[1] *= 2;
}

void assert_hog_is(const char *name, size_t channels,
                   const struct foray_hog_options *options)
{
    struct foray_array image, view, wanted;
    struct foray_hog *hog;
    struct foray_error err;

    hog_pattern(&image, FORAY_U8, HOG_ROWS, HOG_COLS, channels);
    spread(&view, &image);
    reference_open(&wanted, name);
    assert_int_equal(wanted.dtype, FORAY_F32);
    assert_ok(foray_hog_new(&hog, options, &err), err);
    assert_features(hog, &image, &wanted, FORAY_F32);
    assert_features(hog, &image, &wanted, FORAY_F64);
    assert_features(hog, &view, &wanted, FORAY_F32);
    foray_hog_free(hog);
    assert_ok(foray_array_close(&wanted, &err), err);
    free(view.data);
    free(image.data);
}

void assert_hog_refuses(const struct foray_hog_options *options,
                        const char *word)
{
    struct foray_hog *hog;
    struct foray_error err;

    assert_int_equal(foray_hog_new(&hog, options, &err), FORAY_EINVAL);
    assert_null(hog);
    assert_non_null(strstr(err.msg, word));
    assert_int_equal(foray_hog_new(&hog, options, NULL), FORAY_EINVAL);
}

void assert_hog_needs(const struct foray_hog_options *options, size_t rows,
                      size_t cols)
{
    char high[32], wide[32];
    struct foray_hog *hog;
    struct foray_error err;
    size_t length;

    snprintf(high, sizeof high, "%zu", rows);
    snprintf(wide, sizeof wide, "%zu", cols);
    assert_ok(foray_hog_new(&hog, options, &err), err);
    assert_ok(foray_hog_length(&length, hog, rows, cols, &err), err);
    assert_true(length > 0);
    assert_int_equal(foray_hog_length(&length, hog, rows - 1, cols, &err),
                     FORAY_ETOOSMALL);
    assert_non_null(strstr(err.msg, high));
    assert_int_equal(foray_hog_length(&length, hog, rows, cols - 1, &err),
                     FORAY_ETOOSMALL);
    assert_non_null(strstr(err.msg, wide));
    foray_hog_free(hog);
}
