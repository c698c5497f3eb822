#include "helpers.h"

#include <stdlib.h>
#include <string.h>

#include "image_files.h"

static void test_pixels_are_pillows(void **state)
{
    static const char *const files[] = {
        "png_gray1.png",         "png_gray2.png",   "png_gray4.png",
        "png_gray8.png",         "png_gray16.png",  "png_la.png",
        "png_la16.png",          "png_rgb.png",     "png_rgb16.png",
        "png_rgba.png",          "png_rgba16.png",  "png_palette4.png",
        "png_palette8.png",      "png_rgb_key.png", "png_exif.png",
        "png_palette_alpha.png",
    };

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_sample(files[i]);
}

static void test_header(void **state)
{
    (void)state;
    assert_header("png_gray1.png", FORAY_IMAGE_PNG, 1, 8, false, 1);
    assert_header("png_gray16.png", FORAY_IMAGE_PNG, 1, 16, false, 1);
    assert_header("png_la16.png", FORAY_IMAGE_PNG, 2, 16, true, 1);
    assert_header("png_palette4.png", FORAY_IMAGE_PNG, 3, 8, false, 1);
    assert_header("png_palette_alpha.png", FORAY_IMAGE_PNG, 4, 8, true, 1);
    assert_header("png_rgb_key.png", FORAY_IMAGE_PNG, 4, 8, true, 1);
    assert_header("png_rgba16.png", FORAY_IMAGE_PNG, 4, 16, true, 1);
    assert_header("png_exif.png", FORAY_IMAGE_PNG, 3, 8, false, 8);
}

static void test_cut_at_each_byte(void **state)
{
    (void)state;
    assert_cut("png_gray1.png", 0);
    assert_cut("png_palette_alpha.png", 0);
    assert_cut("png_rgba.png", 0);
    assert_cut("png_exif.png", 0);
}

/* Every bit of a PNG is under a checksum, or tells where that is. */
static void test_damage_is_seen(void **state)
{
    (void)state;
    assert_in_range(count_damaged("png_gray1.png", 1000), 990, 1000);
    assert_in_range(count_damaged("png_palette_alpha.png", 1000), 990, 1000);
    assert_in_range(count_damaged("png_rgba.png", 1000), 990, 1000);
    assert_in_range(count_damaged("png_la16.png", 1000), 990, 1000);
}

static uint32_t crc_of(const uint8_t *bytes, size_t n)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int k = 0; k < 8; k++)
            crc = crc & 1 ? 0xedb88320 ^ crc >> 1 : crc >> 1;
    }
    return ~crc;
}

static void put32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Damage with the checksums made right again reaches the layers below. */
static void test_damage_under_right_checksums(void **state)
{
    struct foray_image_options options = {.max_pixels = 1 << 20};
    size_t nbytes, failures = 0;
    uint8_t *whole = sample_bytes("png_palette_alpha.png", &nbytes);
    uint8_t *bytes = malloc(nbytes);
    struct foray_image *image;
    struct foray_error err;
    uint32_t random = 1;

    (void)state;
    assert_non_null(bytes);
    assert_ok(foray_image_new(&image, &err), err);
    for (int i = 0; i < 3000; i++) {
        size_t at = 8;
        int code;

        memcpy(bytes, whole, nbytes);
        random = random * 1664525 + 1013904223;
        bytes[8 + (random >> 8) % (nbytes - 8)] ^=
            (uint8_t)(1u << (random >> 5 & 7));
        while (at + 12 <= nbytes) {
            size_t length = (size_t)whole[at + 2] << 8 | whole[at + 3];

            put32(bytes + at + 8 + length, crc_of(bytes + at + 4, length + 4));
            at += 12 + length;
        }
        code = read_bytes(image, bytes, nbytes, &options, &err);
        if (code && code != FORAY_EFORMAT && code != FORAY_ETRUNCATED &&
            code != FORAY_ETOOLARGE)
            fail_msg("%d: %d, %s", i, code, err.msg);
        failures += code != 0;
    }
    assert_in_range(failures, 500, 2999);
    foray_image_free(image);
    free(bytes);
    free(whole);
}

static void expect_header(uint32_t cols, uint32_t rows, int depth, int color,
                          int interlace, int code, const char *word)
{
    uint8_t bytes[33 + 12 + 12] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    struct foray_image *image;
    struct foray_error err;

    put32(bytes + 16, cols);
    put32(bytes + 20, rows);
    bytes[24] = (uint8_t)depth;
    bytes[25] = (uint8_t)color;
    bytes[28] = (uint8_t)interlace;
    put32(bytes + 29, crc_of(bytes + 12, 17));
    memcpy(bytes + 33, "\0\0\0\0IDAT", 8);
    put32(bytes + 41, crc_of(bytes + 37, 4));
    memcpy(bytes + 45, "\0\0\0\0IEND", 8);
    put32(bytes + 53, crc_of(bytes + 49, 4));
    assert_ok(foray_image_new(&image, &err), err);
    assert_int_equal(read_bytes(image, bytes, sizeof bytes, NULL, &err), code);
    assert_non_null(strstr(err.msg, word));
    foray_image_free(image);
}

static void test_hostile_headers(void **state)
{
    (void)state;
    expect_header(30000, 30000, 8, 2, 0, FORAY_ETOOLARGE, "30000 x 30000");
    expect_header(INT32_MAX, INT32_MAX, 16, 6, 1, FORAY_ETOOLARGE,
                  "max_pixels");
    expect_header(UINT32_MAX, 1, 8, 0, 0, FORAY_EFORMAT, "pixels");
    expect_header(0, 5, 8, 0, 0, FORAY_EFORMAT, "5 x 0");
    expect_header(5, 0, 8, 0, 0, FORAY_EFORMAT, "0 x 5");
    expect_header(5, 5, 16, 3, 0, FORAY_EFORMAT, "depth 16");
    expect_header(5, 5, 200, 0, 0, FORAY_EFORMAT, "depth 200");
    expect_header(5, 5, 8, 7, 0, FORAY_EFORMAT, "colour type 7");
    expect_header(5, 5, 8, 255, 0, FORAY_EFORMAT, "colour type 255");
    expect_header(5, 5, 8, 0, 2, FORAY_EFORMAT, "interlace 2");
    expect_header(5, 5, 8, 3, 0, FORAY_EFORMAT, "PLTE");
    expect_header(5, 5, 8, 0, 0, FORAY_EFORMAT, "damaged PNG");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pixels_are_pillows),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_cut_at_each_byte),
        cmocka_unit_test(test_damage_is_seen),
        cmocka_unit_test(test_damage_under_right_checksums),
        cmocka_unit_test(test_hostile_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
