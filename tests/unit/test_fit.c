#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/image.h>
#include <foray/storage.h>

#include "hog_cases.h"
#include "image/fit.h"
#include "references.h"

static const char *const filters[] = {"bilinear", "box", "bicubic", "lanczos"};
static const char *const fits[] = {"stretch", "crop", "pad"};
static const size_t sizes[][2] = {{12, 9}, {40, 60}};
static struct foray_error err;

static void assert_reference(const struct foray_array *pixels, const char *name)
{
    struct foray_array wanted;

    reference_open(&wanted, name);
    assert_int_equal(pixels->shape[0], wanted.shape[0]);
    assert_int_equal(pixels->shape[1], wanted.shape[1]);
    assert_int_equal(foray_array_nbytes(pixels), foray_array_nbytes(&wanted));
    assert_memory_equal(pixels->data, wanted.data, foray_array_nbytes(&wanted));
    assert_ok(foray_array_close(&wanted, &err), err);
}

static void check(struct foray_image *image, size_t channels,
                  const struct foray_image_options *options)
{
    struct foray_array src;
    char name[80];

    hog_pattern(&src, FORAY_U8, HOG_ROWS, HOG_COLS,
                channels > 1 ? channels : 0);
    assert_ok(foray_image_adopt(image, &src, "pattern", options, &err), err);
    snprintf(name, sizeof name, "%s_%s_%zu_%zux%zu", fits[options->fit],
             filters[options->filter], channels, options->rows, options->cols);
    assert_reference(foray_image_pixels(image), name);
    free(src.data);
}

static void test_pixels_are_those_of_pillow(void **state)
{
    struct foray_image *image;

    (void)state;
    assert_ok(foray_image_new(&image, &err), err);
    for (size_t channels = 1; channels <= 4; channels += 3)
        for (unsigned k = 0; k < 4 * 3 * 2; k++) {
            struct foray_image_options options = {
                .color = FORAY_COLOR_ALL,
                .rows = sizes[k % 2][0],
                .cols = sizes[k % 2][1],
                .filter = (enum foray_filter)(k / 2 % 4),
                .fit = (enum foray_fit)(k / 8)};

            check(image, channels, &options);
        }
    foray_image_free(image);
}

/* A line of an image: Pillow has no pixels for it. */
static void test_padding_leaves_a_pixel(void **state)
{
    struct foray_image_options options = {
        .rows = 5, .cols = 7, .fit = FORAY_FIT_PAD};
    uint8_t bytes[300], wanted[5 * 7] = {0};
    struct foray_image *image;
    struct foray_array line;

    (void)state;
    memset(bytes, 77, sizeof bytes);
    memset(wanted + (size_t)2 * 7, 77, 7);
    assert_ok(foray_image_new(&image, &err), err);
    assert_ok(
        foray_array_wrap(&line, bytes, FORAY_U8, 2, (size_t[]){1, 300}, &err),
        err);
    assert_ok(foray_image_adopt(image, &line, "line", &options, &err), err);
    assert_memory_equal(foray_image_pixels(image)->data, wanted, sizeof wanted);
    foray_image_free(image);
}

static void test_options_are_checked(void **state)
{
    static const struct foray_image_options wrong[] = {
        {.rows = 4, .cols = 4, .filter = (enum foray_filter)4},
        {.rows = 4, .cols = 4, .fit = (enum foray_fit)3},
        {.rows = 4, .cols = 4, .jpeg_scale = (enum foray_jpeg_scale)2},
    };
    struct foray_image *image;
    struct foray_array pixel;
    uint8_t byte = 3;

    (void)state;
    assert_ok(foray_image_new(&image, &err), err);
    assert_ok(
        foray_array_wrap(&pixel, &byte, FORAY_U8, 2, (size_t[]){1, 1}, &err),
        err);
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
        assert_int_equal(
            foray_image_adopt(image, &pixel, "pixel", &wrong[k], &err),
            FORAY_EINVAL);
    foray_image_free(image);
}

static size_t scale_of(size_t rows, size_t cols, enum foray_fit fit, bool exif)
{
    struct foray_image_info info = {
        .rows = rows, .cols = cols, .channels = 3, .orientation = 6};
    struct foray_image_options options = {.exif = exif,
                                          .rows = 128,
                                          .cols = 64,
                                          .fit = fit,
                                          .jpeg_scale = FORAY_JPEG_AUTO};

    return foray__fit_jpeg_scale(&info, &options);
}

/* At least twice the result in both axes. */
static void test_scale_of_a_jpeg_file(void **state)
{
    (void)state;
    assert_int_equal(scale_of(2048, 1024, FORAY_FIT_STRETCH, false), 8);
    assert_int_equal(scale_of(2047, 1024, FORAY_FIT_STRETCH, false), 4);
    assert_int_equal(scale_of(2048, 1023, FORAY_FIT_STRETCH, false), 4);
    assert_int_equal(scale_of(1023, 9999, FORAY_FIT_STRETCH, false), 2);
    assert_int_equal(scale_of(511, 9999, FORAY_FIT_STRETCH, false), 1);
    assert_int_equal(scale_of(512, 256, FORAY_FIT_CROP, false), 2);
    /* turned upright: rows are columns */
    assert_int_equal(scale_of(1024, 2048, FORAY_FIT_STRETCH, true), 8);
    assert_int_equal(scale_of(1024, 2048, FORAY_FIT_STRETCH, false), 4);
    /* 32 x 64 of the result are the image, the rest is black */
    assert_int_equal(scale_of(512, 1024, FORAY_FIT_STRETCH, false), 2);
    assert_int_equal(scale_of(512, 1024, FORAY_FIT_PAD, false), 8);
    assert_int_equal(scale_of(0, 0, FORAY_FIT_PAD, false), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pixels_are_those_of_pillow),
        cmocka_unit_test(test_padding_leaves_a_pixel),
        cmocka_unit_test(test_options_are_checked),
        cmocka_unit_test(test_scale_of_a_jpeg_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
