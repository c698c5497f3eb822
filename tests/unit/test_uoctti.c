#include "helpers.h"

#include <math.h>
#include <stdlib.h>

#include "hog_cases.h"
#include "references.h"

#define UOCTTI .method = FORAY_HOG_UOCTTI

static void test_features_are_those_of_vlfeat(void **state)
{
    const struct foray_hog_options defaults = {UOCTTI};
    const struct foray_hog_options fine = {UOCTTI, .orientations = 8,
                                           .cell_rows = 5, .cell_cols = 5};

    (void)state;
    assert_hog_is("uoctti_gray", 0, &defaults);
    assert_hog_is("uoctti_rgb", 3, &defaults);
    assert_hog_is("uoctti_small", 3, &fine);
}

static void test_other_options_are_refused(void **state)
{
    (void)state;
    assert_hog_refuses(
        &(struct foray_hog_options){UOCTTI, .cell_rows = 8, .cell_cols = 9},
        "square");
    assert_hog_refuses(
        &(struct foray_hog_options){UOCTTI, .block_rows = 2, .block_cols = 2},
        "blocks");
    assert_hog_refuses(
        &(struct foray_hog_options){UOCTTI, .norm = FORAY_HOG_NORM_L1}, "norm");
    assert_hog_refuses(
        &(struct foray_hog_options){UOCTTI, .transform_sqrt = true},
        "transform_sqrt");
}

static void test_least_image(void **state)
{
    (void)state;
    assert_hog_needs(&(struct foray_hog_options){UOCTTI}, 4, 4);
    assert_hog_needs(
        &(struct foray_hog_options){UOCTTI, .cell_rows = 31, .cell_cols = 31},
        16, 16);
}

/* A pixel that is no number spoils no other cell than those it votes for. */
static void test_pixels_that_are_no_numbers(void **state)
{
    const struct foray_hog_options options = {UOCTTI};
    size_t shape[3] = {64, 64, 3}, n;
    struct foray_array image, features;
    struct foray_hog *hog;
    struct foray_error err;
    float *pixels = calloc(64 * 64 * 3, sizeof *pixels);

    (void)state;
    assert_non_null(pixels);
    for (size_t i = 0; i < 64 * 64 * 3; i++)
        pixels[i] = (float)(i * i % 97);
    pixels[(8 * 64 + 8) * 3] = NAN;
    pixels[(8 * 64 + 40) * 3 + 1] = INFINITY;
    pixels[(50 * 64 + 8) * 3 + 2] = -INFINITY;
    assert_ok(foray_array_wrap(&image, pixels, FORAY_F32, 3, shape, &err), err);
    assert_ok(foray_hog_new(&hog, &options, &err), err);
    assert_ok(foray_hog_length(&n, hog, 64, 64, &err), err);
    hog_features(&features, FORAY_F32, n);
    assert_ok(foray_hog_compute(hog, &image, &features, &err), err);
    for (size_t i = 0; i < n; i++)
        assert_true(isfinite(((float *)features.data)[i]));
    foray_hog_free(hog);
    free(features.data);
    free(pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_features_are_those_of_vlfeat),
        cmocka_unit_test(test_other_options_are_refused),
        cmocka_unit_test(test_least_image),
        cmocka_unit_test(test_pixels_that_are_no_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
