#include "helpers.h"

#include <stdlib.h>
#include <string.h>

#include <foray/hog.h>
#include <foray/storage.h>

#include "array/half.h"
#include "hog_cases.h"

static struct foray_hog *opened(const struct foray_hog_options *options)
{
    struct foray_hog *hog;
    struct foray_error err;

    assert_ok(foray_hog_new(&hog, options, &err), err);
    return hog;
}

static size_t length_of(const struct foray_hog *hog, size_t rows, size_t cols)
{
    struct foray_error err;
    size_t length;

    assert_ok(foray_hog_length(&length, hog, rows, cols, &err), err);
    return length;
}

/* The features of `image` as f64; malloc'ed. */
static double *computed(struct foray_hog *hog, const struct foray_array *image)
{
    struct foray_array features;
    struct foray_error err;

    hog_features(&features, FORAY_F64,
                 length_of(hog, image->shape[0], image->shape[1]));
    assert_ok(foray_hog_compute(hog, image, &features, &err), err);
    return features.data;
}

static void test_features_are_those_of_skimage(void **state)
{
    (void)state;
    for (int k = 0; k < N_HOG_CASES; k++) {
        const struct hog_case *c = &hog_cases[k];
        struct foray_hog *hog = opened(&c->options);
        size_t n = length_of(hog, HOG_ROWS, HOG_COLS);
        struct foray_array image, reference, wanted;
        struct foray_error err;
        double *found;

        hog_pattern(&image, c->dtype, HOG_ROWS, HOG_COLS, c->channels);
        found = computed(hog, &image);
        hog_reference(&reference, c->name, "");
        assert_int_equal(reference.shape[0], n);
        hog_features(&wanted, FORAY_F64, n);
        assert_ok(foray_array_copy(&wanted, &reference, &err), err);
        if (c->tolerance == 0)
            assert_memory_equal(found, wanted.data, n * sizeof *found);
        for (size_t i = 0; i < n; i++)
            assert_close(found[i], ((double *)wanted.data)[i], c->tolerance);
        assert_ok(foray_array_close(&reference, &err), err);
        free(wanted.data);
        free(found);
        free(image.data);
        foray_hog_free(hog);
    }
}

/* Each type is the double, rounded once, at any address. */
static void test_features_are_rounded_at_the_end(void **state)
{
    struct foray_hog *hog = opened(NULL);
    size_t n = length_of(hog, HOG_ROWS, HOG_COLS);
    struct foray_array image, out;
    struct foray_error err;
    unsigned char *room = malloc(n * 8 + 1);
    double *exact;

    (void)state;
    hog_pattern(&image, FORAY_U8, HOG_ROWS, HOG_COLS, 0);
    exact = computed(hog, &image);
    for (size_t shift = 0; shift < 2; shift++) {
        assert_ok(foray_array_wrap(&out, room + shift, FORAY_F64, 1, &n, &err),
                  err);
        assert_ok(foray_hog_compute(hog, &image, &out, &err), err);
        assert_memory_equal(room + shift, exact, n * 8);
        assert_ok(foray_array_wrap(&out, room + shift, FORAY_F32, 1, &n, &err),
                  err);
        assert_ok(foray_hog_compute(hog, &image, &out, &err), err);
        for (size_t i = 0; i < n; i++) {
            float wanted = (float)exact[i];

            assert_memory_equal(room + shift + i * 4, &wanted, 4);
        }
        assert_ok(foray_array_wrap(&out, room + shift, FORAY_F16, 1, &n, &err),
                  err);
        assert_ok(foray_hog_compute(hog, &image, &out, &err), err);
        for (size_t i = 0; i < n; i++) {
            uint16_t wanted = foray__half_from_double(exact[i]);

            assert_memory_equal(room + shift + i * 2, &wanted, 2);
        }
    }
    free(exact);
    free(room);
    free(image.data);
    foray_hog_free(hog);
}

/* Features of f32 images are float32 values, as skimage returns them. */
static void test_features_of_single_images_are_single(void **state)
{
    struct foray_hog *hog = opened(NULL);
    size_t n = length_of(hog, HOG_ROWS, HOG_COLS);
    struct foray_array image;
    double *features;

    (void)state;
    hog_pattern(&image, FORAY_F32, HOG_ROWS, HOG_COLS, 0);
    features = computed(hog, &image);
    for (size_t i = 0; i < n; i++)
        assert_true((double)(float)features[i] == features[i]);
    free(features);
    free(image.data);
    foray_hog_free(hog);
}

/* Any strides, either byte order: the same bits as of a copy in C order. */
static void test_views_give_the_same_features(void **state)
{
    static const enum foray_dtype dtypes[] = {FORAY_U8, FORAY_U16, FORAY_F32};
    struct foray_hog *hog =
        opened(&(struct foray_hog_options){.block_rows = 2, .block_cols = 2});

    (void)state;
    for (size_t d = 0; d < 3; d++)
        for (size_t channels = 0; channels < 4; channels += 3) {
            struct foray_array image, view, copy;
            struct foray_error err;
            double *wanted, *found;
            size_t n;

            hog_pattern(&image, dtypes[d], 80, 70, channels);
            assert_ok(foray_array_transpose(
                          &view, &image,
                          channels ? (const int[]){1, 0, 2} : NULL, &err),
                      err);
            assert_ok(foray_array_slice(&view, &view, 1, FORAY_TO_END,
                                        -FORAY_TO_END, -2, &err),
                      err);
            hog_pattern(&copy, dtypes[d], view.shape[0], view.shape[1],
                        channels);
            assert_ok(foray_array_copy(&copy, &view, &err), err);
            n = length_of(hog, view.shape[0], view.shape[1]);
            wanted = computed(hog, &copy);
            found = computed(hog, &view);
            assert_memory_equal(found, wanted, n * sizeof *wanted);
            free(found);
            free(wanted);
            free(copy.data);
            free(image.data);
        }
    foray_hog_free(hog);
}

/* One descriptor for images of many sizes and types leaves no traces. */
static void test_a_descriptor_is_used_again(void **state)
{
    struct foray_hog *kept = opened(NULL);
    static const enum foray_dtype dtypes[] = {FORAY_U8, FORAY_F64, FORAY_U8,
                                              FORAY_F32};

    (void)state;
    for (size_t k = 0; k < 12; k++) {
        struct foray_hog *fresh = opened(NULL);
        size_t rows = 24 + k * 37 % 50, cols = 24 + k * 53 % 70;
        struct foray_array image;
        double *wanted, *found;

        hog_pattern(&image, dtypes[k % 4], rows, cols, k % 3 ? 0 : 3);
        wanted = computed(fresh, &image);
        found = computed(kept, &image);
        assert_memory_equal(found, wanted, length_of(kept, rows, cols) * 8);
        free(found);
        free(wanted);
        free(image.data);
        foray_hog_free(fresh);
    }
    foray_hog_free(kept);
}

/* Neither the image nor the features are touched outside. */
static void test_no_byte_outside_is_touched(void **state)
{
    struct foray_hog *hog = opened(NULL);
    struct foray_array pattern, image, features;
    struct foray_error err;

    (void)state;
    for (size_t cols = 24; cols < 60; cols += 5) {
        size_t n = length_of(hog, 29, cols), nbytes = 29 * cols;
        uint8_t *pixels = guarded(nbytes);
        double *out = guarded(n * 8);

        hog_pattern(&pattern, FORAY_U8, 29, cols, 0);
        memcpy(pixels, pattern.data, nbytes);
        assert_ok(
            foray_array_wrap(&image, pixels, FORAY_U8, 2, pattern.shape, &err),
            err);
        assert_ok(foray_array_wrap(&features, out, FORAY_F64, 1, &n, &err),
                  err);
        image.mode = FORAY_READ;
        assert_ok(foray_hog_compute(hog, &image, &features, &err), err);
        assert_memory_equal(pixels, pattern.data, nbytes);
        guarded_free(pixels, nbytes);
        guarded_free(out, n * 8);
        free(pattern.data);
    }
    foray_hog_free(hog);
}

static void test_square_roots_stay_out_of_the_image(void **state)
{
    struct foray_hog *hog =
        opened(&(struct foray_hog_options){.transform_sqrt = true});
    struct foray_array image;
    double *before, *features;
    size_t nbytes = HOG_ROWS * HOG_COLS * 8;

    (void)state;
    hog_pattern(&image, FORAY_F64, HOG_ROWS, HOG_COLS, 0);
    before = malloc(nbytes);
    memcpy(before, image.data, nbytes);
    features = computed(hog, &image);
    assert_memory_equal(image.data, before, nbytes);
    free(features);
    free(before);
    free(image.data);
    foray_hog_free(hog);
}

static void test_shape_and_length(void **state)
{
    struct foray_hog *hog = opened(NULL);
    struct foray_error err;
    size_t shape[5];
    int ndim;

    (void)state;
    assert_ok(foray_hog_shape(shape, &ndim, hog, 512, 519, &err), err);
    assert_int_equal(ndim, 5);
    assert_int_equal(shape[0], 62);
    assert_int_equal(shape[1], 62);
    assert_int_equal(shape[2], 3);
    assert_int_equal(shape[3], 3);
    assert_int_equal(shape[4], 9);
    assert_int_equal(length_of(hog, 512, 519), 62 * 62 * 81);
    assert_int_equal(length_of(hog, 24, 24), 81);
    assert_int_equal(foray_hog_shape(shape, &ndim, hog, 23, 24, &err),
                     FORAY_ETOOSMALL);
    assert_non_null(strstr(err.msg, "at least 24 rows and 24 columns"));
    assert_int_equal(foray_hog_shape(shape, &ndim, hog, 24, 0, &err),
                     FORAY_ETOOSMALL);
    assert_int_equal(foray_hog_length(&shape[0], hog, (size_t)1 << 40,
                                      (size_t)1 << 40, &err),
                     FORAY_ERANGE);
    assert_int_equal(foray_hog_length(&shape[0], hog, 0, 0, NULL),
                     FORAY_ETOOSMALL);
    foray_hog_free(hog);
}

static void test_options_are_filled_in(void **state)
{
    struct foray_hog *hog = opened(NULL);
    const struct foray_hog_options *options = foray_hog_options(hog);

    (void)state;
    assert_int_equal(options->method, FORAY_HOG_SKIMAGE);
    assert_int_equal(options->orientations, 9);
    assert_int_equal(options->cell_rows, 8);
    assert_int_equal(options->cell_cols, 8);
    assert_int_equal(options->block_rows, 3);
    assert_int_equal(options->block_cols, 3);
    assert_int_equal(options->norm, FORAY_HOG_NORM_L2_HYS);
    assert_false(options->transform_sqrt);
    foray_hog_free(hog);
    foray_hog_free(NULL);
}

static void test_new_refuses_options_out_of_range(void **state)
{
    const struct foray_hog_options bad[] = {
        {.orientations = -1},
        {.orientations = 181},
        {.cell_rows = 8},
        {.cell_cols = 8},
        {.block_rows = 1},
        {.block_cols = 1},
        {.cell_rows = SIZE_MAX, .cell_cols = 1},
        {.block_rows = 1, .block_cols = SIZE_MAX},
        {.norm = (enum foray_hog_norm)4},
        {.norm = (enum foray_hog_norm) - 1},
        {.method = (enum foray_hog_method)3},
        {.method = (enum foray_hog_method) - 1},
    };
    struct foray_error err;

    (void)state;
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        struct foray_hog *hog = (struct foray_hog *)&err;

        assert_int_equal(foray_hog_new(&hog, &bad[k], &err), FORAY_EINVAL);
        assert_null(hog);
        assert_int_equal(err.code, FORAY_EINVAL);
        assert_int_equal(foray_hog_new(&hog, &bad[k], NULL), FORAY_EINVAL);
    }
}

static int refused(struct foray_hog *hog, const struct foray_array *image,
                   const struct foray_array *features)
{
    struct foray_error err = {0};
    int code = foray_hog_compute(hog, image, features, &err);

    assert_int_equal(err.code, code);
    assert_true(err.msg[0]);
    return code;
}

static void test_compute_refuses_what_it_cannot(void **state)
{
    struct foray_hog *hog = opened(NULL);
    size_t n = length_of(hog, HOG_ROWS, HOG_COLS);
    struct foray_array image, features, bad;
    struct foray_error err;

    (void)state;
    hog_pattern(&image, FORAY_U8, HOG_ROWS, HOG_COLS, 0);
    hog_features(&features, FORAY_F64, n + 1);
    assert_int_equal(refused(hog, &image, &features), FORAY_ESHAPE);
    features.shape[0] = n;
    assert_ok(foray_hog_compute(hog, &image, &features, &err), err);

    bad = features;
    bad.dtype = FORAY_I64;
    assert_int_equal(refused(hog, &image, &bad), FORAY_EDTYPE);
    bad = features;
    bad.swapped = true;
    assert_int_equal(refused(hog, &image, &bad), FORAY_EDTYPE);
    bad = features;
    bad.mode = FORAY_READ;
    assert_int_equal(refused(hog, &image, &bad), FORAY_EACCES);
    bad = features;
    bad.strides[0] = 16;
    assert_int_equal(refused(hog, &image, &bad), FORAY_ESHAPE);
    bad = features;
    bad.ndim = 2;
    bad.shape[1] = 1;
    bad.strides[1] = 8;
    assert_int_equal(refused(hog, &image, &bad), FORAY_ESHAPE);

    bad = image;
    bad.ndim = 1;
    assert_int_equal(refused(hog, &bad, &features), FORAY_ESHAPE);
    bad = image;
    bad.ndim = 3;
    bad.shape[2] = 0;
    bad.strides[2] = 1;
    assert_int_equal(refused(hog, &bad, &features), FORAY_ESHAPE);
    bad = image;
    bad.shape[0] = 23;
    assert_int_equal(refused(hog, &bad, &features), FORAY_ETOOSMALL);
    bad = image;
    bad.dtype = FORAY_OPAQUE;
    assert_int_equal(refused(hog, &bad, &features), FORAY_EDTYPE);
    bad.dtype = FORAY_C64;
    assert_int_equal(refused(hog, &bad, &features), FORAY_EDTYPE);
    bad.dtype = FORAY_C128;
    assert_int_equal(refused(hog, &bad, &features), FORAY_EDTYPE);
    free(image.data);
    free(features.data);
    foray_hog_free(hog);
}

static void test_words(void **state)
{
    enum foray_hog_method method = FORAY_HOG_SKIMAGE;
    enum foray_hog_norm norm = FORAY_HOG_NORM_L2;
    struct foray_error err;

    (void)state;
    assert_ok(foray_hog_method_parse(&method, "uoctti", &err), err);
    assert_int_equal(method, FORAY_HOG_UOCTTI);
    assert_ok(foray_hog_method_parse(&method, "dalal-triggs", &err), err);
    assert_int_equal(method, FORAY_HOG_DALAL_TRIGGS);
    assert_ok(foray_hog_method_parse(&method, "skimage", &err), err);
    assert_int_equal(method, FORAY_HOG_SKIMAGE);
    assert_int_equal(foray_hog_method_parse(&method, "", &err), FORAY_EINVAL);
    assert_ok(foray_hog_norm_parse(&norm, "L1", &err), err);
    assert_int_equal(norm, FORAY_HOG_NORM_L1);
    assert_ok(foray_hog_norm_parse(&norm, "L1-sqrt", &err), err);
    assert_int_equal(norm, FORAY_HOG_NORM_L1_SQRT);
    assert_ok(foray_hog_norm_parse(&norm, "L2", &err), err);
    assert_int_equal(norm, FORAY_HOG_NORM_L2);
    assert_ok(foray_hog_norm_parse(&norm, "L2-Hys", &err), err);
    assert_int_equal(norm, FORAY_HOG_NORM_L2_HYS);
    assert_int_equal(foray_hog_norm_parse(&norm, "l2-hys", &err), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "L2-Hys"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_features_are_those_of_skimage),
        cmocka_unit_test(test_features_are_rounded_at_the_end),
        cmocka_unit_test(test_features_of_single_images_are_single),
        cmocka_unit_test(test_views_give_the_same_features),
        cmocka_unit_test(test_a_descriptor_is_used_again),
        cmocka_unit_test(test_no_byte_outside_is_touched),
        cmocka_unit_test(test_square_roots_stay_out_of_the_image),
        cmocka_unit_test(test_shape_and_length),
        cmocka_unit_test(test_options_are_filled_in),
        cmocka_unit_test(test_new_refuses_options_out_of_range),
        cmocka_unit_test(test_compute_refuses_what_it_cannot),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
