#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "image_files.h"

static void test_pixels_are_pillows(void **state)
{
    (void)state;
    assert_sample("webp_rgb.webp");
    assert_sample("webp_rgba.webp");
    assert_sample("webp_lossless.webp");
    assert_sample("webp_lossless_alpha.webp");
    assert_sample("webp_exif.webp");
    assert_sample("webp_film.webp"); /* its first frame */
}

static void assert_info(const char *file, size_t rows, size_t cols,
                        int channels, int orientation)
{
    struct foray_image_info info;
    struct foray_error err;

    assert_ok(foray_image_info(&info, sample_path(file), &err), err);
    assert_int_equal(info.format, FORAY_IMAGE_WEBP);
    assert_int_equal(info.rows, rows);
    assert_int_equal(info.cols, cols);
    assert_int_equal(info.channels, channels);
    assert_int_equal(info.bits, 8);
    assert_int_equal(info.alpha, channels == 4);
    assert_int_equal(info.orientation, orientation);
}

static void test_header(void **state)
{
    (void)state;
    assert_info("webp_rgb.webp", 21, 26, 3, 1);
    assert_info("webp_rgba.webp", 21, 26, 4, 1);
    assert_info("webp_lossless.webp", 21, 26, 3, 1);
    assert_info("webp_lossless_alpha.webp", 21, 26, 4, 1);
    assert_info("webp_exif.webp", 21, 26, 3, 5);
    assert_info("webp_film.webp", 27, 33, 4, 1);
}

/* Alpha that nobody asks for is not decoded. */
static void test_alpha_is_dropped(void **state)
{
    static const char *const names[] = {"webp_rgba", "webp_lossless_alpha",
                                        "webp_film"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct foray_image *image;
        struct foray_array whole;
        struct foray_error err;
        char name[40];

        snprintf(name, sizeof name, "%s.npy", names[i]);
        assert_ok(foray_array_open(&whole, sample_path(name), "r", &err), err);
        snprintf(name, sizeof name, "%s.webp", names[i]);
        assert_ok(foray_image_new(&image, &err), err);
        assert_ok(foray_image_read(image, sample_path(name), NULL, &err), err);
        assert_int_equal(foray_image_pixels(image)->shape[2], 3);
        for (size_t p = 0; p < whole.shape[0] * whole.shape[1]; p++)
            assert_memory_equal((char *)foray_image_pixels(image)->data + 3 * p,
                                (char *)whole.data + 4 * p, 3);
        foray_image_free(image);
        assert_ok(foray_array_close(&whole, &err), err);
    }
}

static void test_cut_at_each_byte(void **state)
{
    (void)state;
    assert_cut("webp_rgb.webp", 0);
    assert_cut("webp_rgba.webp", 0);
    assert_cut("webp_lossless.webp", 0);
    assert_cut("webp_exif.webp", 0);
    assert_cut("webp_film.webp", 0);
}

/* Many bits are free to be others. */
static void test_damage(void **state)
{
    (void)state;
    count_damaged("webp_rgb.webp", 1000);
    count_damaged("webp_film.webp", 1000);
    assert_in_range(count_damaged("webp_rgba.webp", 1000), 50, 1000);
    assert_in_range(count_damaged("webp_lossless_alpha.webp", 1000), 50, 1000);
}

/* Rows come as far as the file goes, the others are black. */
static void test_cut_is_accepted(void **state)
{
    struct foray_image_options options = {.color = FORAY_COLOR_ALL,
                                          .truncated = true};
    size_t nbytes;
    uint8_t *bytes = sample_bytes("webp_lossless.webp", &nbytes);
    const struct foray_array *pixels;
    struct foray_image *image;
    struct foray_array whole;
    struct foray_error err;
    size_t r = 0;

    (void)state;
    assert_ok(
        foray_array_open(&whole, sample_path("webp_lossless.npy"), "r", &err),
        err);
    assert_ok(foray_image_new(&image, &err), err);
    assert_ok(read_bytes(image, bytes, nbytes * 9 / 10, &options, &err), err);
    pixels = foray_image_pixels(image);
    while (r < 21 &&
           !memcmp(foray_row(pixels, r), foray_row(&whole, r), 26 * 3))
        r++;
    assert_in_range(r, 1, 20);
    for (r++; r < 21; r++) {
        static const uint8_t black[26 * 3];

        assert_memory_equal(foray_row(pixels, r), black, sizeof black);
    }
    foray_image_free(image);
    assert_ok(foray_array_close(&whole, &err), err);
    free(bytes);
}

/* The whole sample with some bytes of it replaced. */
static void expect_damage(const char *file, size_t at, const char *bytes,
                          size_t n, int code, const char *word)
{
    struct foray_image *image;
    struct foray_error err;
    size_t nbytes;
    uint8_t *all = sample_bytes(file, &nbytes);

    memcpy(all + at, bytes, n);
    assert_ok(foray_image_new(&image, &err), err);
    assert_int_equal(read_bytes(image, all, nbytes, NULL, &err), code);
    if (!strstr(err.msg, word))
        fail_msg("%s", err.msg);
    foray_image_free(image);
    free(all);
}

static void test_hostile_headers(void **state)
{
    (void)state;
    expect_damage("webp_rgb.webp", 12, "WHAT", 4, FORAY_EFORMAT, "no image");
    expect_damage("webp_rgb.webp", 23, "\0", 1, FORAY_EFORMAT, "key frame");
    expect_damage("webp_rgb.webp", 26, "\0\0", 2, FORAY_EFORMAT, "21 x 0");
    expect_damage("webp_rgba.webp", 24, "\xff", 1, FORAY_EFORMAT, "21 x 256");
    expect_damage("webp_film.webp", 24, "\xff\xff\xff\xff\xff\xff", 6,
                  FORAY_ETOOLARGE, "16777216 x 16777216");
    expect_damage("webp_film.webp", 52, "\xff", 1, FORAY_EFORMAT, "sticks out");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pixels_are_pillows),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_alpha_is_dropped),
        cmocka_unit_test(test_cut_at_each_byte),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_cut_is_accepted),
        cmocka_unit_test(test_hostile_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
