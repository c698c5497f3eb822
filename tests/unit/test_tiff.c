#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/storage.h>

#include "image_files.h"

static void test_pixels_are_pillows(void **state)
{
    static const char *const files[] = {
        "tiff_gray1.tif",    "tiff_gray4.tif", "tiff_gray8.tif",
        "tiff_gray16.tif",   "tiff_rgb.tif",   "tiff_rgb16.tif",
        "tiff_rgba.tif",     "tiff_jpeg.tif",  "tiff_multiplied.tif",
        "tiff_palette4.tif", "tiff_lzw.tif",   "tiff_fax.tif",
        "tiff_exif.tif",
    };

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_sample(files[i]);
}

static void test_header(void **state)
{
    (void)state;
    assert_header("tiff_gray1.tif", FORAY_IMAGE_TIFF, 1, 8, false, 1);
    assert_header("tiff_gray16.tif", FORAY_IMAGE_TIFF, 1, 16, false, 1);
    assert_header("tiff_palette4.tif", FORAY_IMAGE_TIFF, 3, 8, false, 1);
    assert_header("tiff_rgb16.tif", FORAY_IMAGE_TIFF, 3, 16, false, 1);
    assert_header("tiff_rgba.tif", FORAY_IMAGE_TIFF, 4, 8, true, 1);
    assert_header("tiff_multiplied.tif", FORAY_IMAGE_TIFF, 4, 8, true, 1);
    assert_header("tiff_jpeg.tif", FORAY_IMAGE_TIFF, 3, 8, false, 1);
    assert_header("tiff_exif.tif", FORAY_IMAGE_TIFF, 3, 8, false, 6);
}

static void test_cut_at_each_byte(void **state)
{
    (void)state;
    assert_cut("tiff_gray1.tif", 0);
    assert_cut("tiff_gray4.tif", 0);
    assert_cut("tiff_rgba.tif", 0);
    assert_cut("tiff_jpeg.tif", 0);
}

/* There are no checksums, so that some damage is only other pixels. */
static void test_damage(void **state)
{
    (void)state;
    assert_in_range(count_damaged("tiff_gray8.tif", 1000), 300, 1000);
    assert_in_range(count_damaged("tiff_rgba.tif", 1000), 300, 1000);
    assert_in_range(count_damaged("tiff_palette4.tif", 1000), 50, 900);
    assert_in_range(count_damaged("tiff_jpeg.tif", 1000), 100, 1000);
    assert_in_range(count_damaged("tiff_fax.tif", 1000), 300, 1000);
    assert_in_range(count_damaged("tiff_lzw.tif", 1000), 300, 1000);
}

/* Rows that are stored come as far as the file goes, the others are black. */
static void test_cut_is_accepted(void **state)
{
    struct foray_image_options options = {.color = FORAY_COLOR_ALL,
                                          .truncated = true};
    size_t nbytes, row = (size_t)26 * 2;
    uint8_t *bytes = sample_bytes("tiff_gray16.tif", &nbytes);
    const struct foray_array *pixels;
    struct foray_image *image;
    struct foray_array whole;
    struct foray_error err;

    (void)state;
    assert_ok(
        foray_array_open(&whole, sample_path("tiff_gray16.npy"), "r", &err),
        err);
    assert_ok(foray_image_new(&image, &err), err);
    assert_ok(read_bytes(image, bytes, nbytes - 3 * row - 5, &options, &err),
              err);
    pixels = foray_image_pixels(image);
    for (size_t r = 0; r < 21; r++) {
        static const uint8_t black[26 * 2];

        assert_memory_equal(foray_row(pixels, r),
                            r < 17 ? foray_row(&whole, r) : black, row);
    }
    foray_image_free(image);
    assert_ok(foray_array_close(&whole, &err), err);
    free(bytes);
}

/* Behind its byte order and offset: a directory of fields, each of one number,
 * and no next page. */
static void expect_fields(const uint32_t (*fields)[2], uint16_t n, int code,
                          const char *word)
{
    uint8_t bytes[8 + 2 + 12 * 16 + 4] = "II*\0\10\0\0\0";
    struct foray_image *image;
    struct foray_error err;

    memcpy(bytes + 8, &n, 2);
    for (uint16_t i = 0; i < n; i++) {
        uint16_t head[2] = {(uint16_t)fields[i][0], 4};
        uint32_t rest[2] = {1, fields[i][1]};

        memcpy(bytes + 10 + 12 * i, head, 4);
        memcpy(bytes + 14 + 12 * i, rest, 8);
    }
    assert_ok(foray_image_new(&image, &err), err);
    assert_int_equal(read_bytes(image, bytes, sizeof bytes, NULL, &err), code);
    if (!strstr(err.msg, word))
        fail_msg("%s", err.msg);
    foray_image_free(image);
}

static void test_hostile_headers(void **state)
{
    enum { COLS = 256, ROWS, BITS, COMPRESSION, KIND = 262, SAMPLES = 277 };
    static const uint32_t
        none[][2] = {{COLS, 5}},
        huge[][2] = {{COLS, 60000}, {ROWS, 60000}},
        beyond[][2] = {{COLS, UINT32_MAX}, {ROWS, 1}},
        cmyk[][2] = {{COLS, 5}, {ROWS, 5}, {KIND, 5}},
        xz[][2] = {{COLS, 5}, {ROWS, 5}, {COMPRESSION, 34925}},
        deep[][2] = {{COLS, 5}, {ROWS, 5}, {BITS, 12}},
        broken[][2] = {{COLS, 5}, {ROWS, 5}, {339, 3}},
        many[][2] = {{COLS, 5}, {ROWS, 5}, {BITS, 8}, {SAMPLES, 9}},
        nowhere[][2] = {{COLS, 5}, {ROWS, 5}, {BITS, 8}, {KIND, 1}},
        tile[][2] = {{COLS, 5},      {ROWS, 5},      {BITS, 8}, {KIND, 1},
                     {322, 1 << 16}, {323, 1 << 16}, {324, 8},  {325, 9}};

    (void)state;
    expect_fields(none, 1, FORAY_EFORMAT, "0 x 5");
    expect_fields(huge, 2, FORAY_ETOOLARGE, "60000 x 60000");
    expect_fields(beyond, 2, FORAY_EFORMAT, "pixels");
    expect_fields(cmyk, 3, FORAY_ENOTSUP, "CMYK");
    expect_fields(xz, 3, FORAY_ENOTSUP, "compression 34925");
    expect_fields(deep, 3, FORAY_ENOTSUP, "12");
    expect_fields(broken, 3, FORAY_ENOTSUP, "unsigned");
    expect_fields(many, 4, FORAY_ENOTSUP, "9");
    expect_fields(nowhere, 4, FORAY_EFORMAT, "damaged TIFF");
    expect_fields(tile, 8, FORAY_ETOOLARGE, "tiles of 65536 x 65536");
}

/* Whatever libtiff has to say, it says in the error. */
static void test_nothing_is_printed(void **state)
{
    char path[300];
    int kept = dup(2);
    FILE *file;

    (void)state;
    snprintf(path, sizeof path, "%s", test_path("stderr"));
    file = fopen(path, "w+");
    assert_non_null(file);
    assert_true(dup2(fileno(file), 2) == 2);
    count_damaged("tiff_exif.tif", 300);
    dup2(kept, 2);
    close(kept);
    fseek(file, 0, SEEK_END);
    assert_int_equal(ftell(file), 0);
    fclose(file);
}

static void test_without_libtiff(void **state)
{
    struct foray_image *image;
    struct foray_error err;

    (void)state;
    setenv("FORAY_TEST_NO", "libtiff", 1);
    assert_ok(foray_image_new(&image, &err), err);
    assert_int_equal(
        foray_image_read(image, sample_path("tiff_rgb.tif"), NULL, &err),
        FORAY_ENOTSUP);
    assert_non_null(strstr(err.msg, "libtiff"));
    foray_image_free(image);
    unsetenv("FORAY_TEST_NO");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pixels_are_pillows),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_cut_at_each_byte),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_cut_is_accepted),
        cmocka_unit_test(test_hostile_headers),
        cmocka_unit_test(test_nothing_is_printed),
        cmocka_unit_test(test_without_libtiff),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
