#include "helpers.h"

#include <stdlib.h>
#include <string.h>

#include "hog_cases.h"
#include "references.h"

#define DALAL_TRIGGS .method = FORAY_HOG_DALAL_TRIGGS

static void test_features_are_those_of_opencv(void **state)
{
    const struct foray_hog_options defaults = {DALAL_TRIGGS};
    const struct foray_hog_options tall = {DALAL_TRIGGS,    .orientations = 8,
                                           .cell_rows = 6,  .cell_cols = 10,
                                           .block_rows = 3, .block_cols = 2};
    const struct foray_hog_options odd = {DALAL_TRIGGS,    .orientations = 5,
                                          .cell_rows = 5,  .cell_cols = 7,
                                          .block_rows = 1, .block_cols = 3};

    (void)state;
    assert_hog_is("dalal_triggs_gray", 0, &defaults);
    assert_hog_is("dalal_triggs_rgb", 3, &defaults);
    assert_hog_is("dalal_triggs_long", 0, &tall);
    assert_hog_is("dalal_triggs_odd", 3, &odd);
}

/* One descriptor, images of other sizes in between: nothing is left over. */
static void test_images_leave_nothing_behind(void **state)
{
    const struct foray_hog_options options = {DALAL_TRIGGS};
    struct foray_array large, small, first, other, again;
    struct foray_hog *hog;
    struct foray_error err;
    size_t n, m;

    (void)state;
    hog_pattern(&large, FORAY_U8, 80, 90, 3);
    hog_pattern(&small, FORAY_U8, 16, 16, 0);
    assert_ok(foray_hog_new(&hog, &options, &err), err);
    assert_ok(foray_hog_length(&n, hog, 16, 16, &err), err);
    assert_ok(foray_hog_length(&m, hog, 80, 90, &err), err);
    hog_features(&first, FORAY_F32, n);
    hog_features(&again, FORAY_F32, n);
    hog_features(&other, FORAY_F32, m);
    assert_ok(foray_hog_compute(hog, &small, &first, &err), err);
    assert_ok(foray_hog_compute(hog, &large, &other, &err), err);
    assert_ok(foray_hog_compute(hog, &small, &again, &err), err);
    assert_memory_equal(first.data, again.data, n * sizeof(float));
    foray_hog_free(hog);
    free(first.data);
    free(again.data);
    free(other.data);
    free(small.data);
    free(large.data);
}

static void test_other_options_are_refused(void **state)
{
    (void)state;
    assert_hog_refuses(
        &(struct foray_hog_options){DALAL_TRIGGS, .transform_sqrt = true},
        "transform_sqrt");
    for (int norm = FORAY_HOG_NORM_L2; norm <= FORAY_HOG_NORM_L1_SQRT; norm++)
        assert_hog_refuses(
            &(struct foray_hog_options){DALAL_TRIGGS,
                                        .norm = (enum foray_hog_norm)norm},
            "L2-Hys");
    assert_hog_refuses(&(struct foray_hog_options){DALAL_TRIGGS,
                                                   .cell_rows = 2049,
                                                   .cell_cols = 8},
                       "4096");
}

static void test_other_pixels_are_refused(void **state)
{
    const struct foray_hog_options options = {DALAL_TRIGGS};
    struct foray_array image, features;
    struct foray_hog *hog;
    struct foray_error err;
    size_t n;

    (void)state;
    assert_ok(foray_hog_new(&hog, &options, &err), err);
    assert_ok(foray_hog_length(&n, hog, 16, 16, &err), err);
    hog_features(&features, FORAY_F32, n);
    hog_pattern(&image, FORAY_U16, 16, 16, 0);
    assert_int_equal(foray_hog_compute(hog, &image, &features, &err),
                     FORAY_EDTYPE);
    assert_non_null(strstr(err.msg, "u16"));
    free(image.data);
    for (size_t channels = 2; channels <= 4; channels += 2) {
        hog_pattern(&image, FORAY_U8, 16, 16, channels);
        assert_int_equal(foray_hog_compute(hog, &image, &features, &err),
                         FORAY_ESHAPE);
        free(image.data);
    }
    foray_hog_free(hog);
    free(features.data);
}

/* OpenCV itself reads outside of images a little too small. */
static void test_least_image(void **state)
{
    (void)state;
    assert_hog_needs(&(struct foray_hog_options){DALAL_TRIGGS}, 16, 16);
    assert_hog_needs(&(struct foray_hog_options){DALAL_TRIGGS, .cell_rows = 5,
                                                 .cell_cols = 7,
                                                 .block_rows = 1,
                                                 .block_cols = 3},
                     5, 21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_features_are_those_of_opencv),
        cmocka_unit_test(test_images_leave_nothing_behind),
        cmocka_unit_test(test_other_options_are_refused),
        cmocka_unit_test(test_other_pixels_are_refused),
        cmocka_unit_test(test_least_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
