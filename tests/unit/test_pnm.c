#include "helpers.h"

#include <string.h>

#include "image_files.h"

static void test_pixels_are_pillows(void **state)
{
    (void)state;
    assert_sample("pnm_plain.pgm");
    assert_sample("pnm_bits.pbm");
    assert_sample("pnm_rgb.ppm");
    assert_sample("pnm_deep.pgm");
}

/* `n` samples of 1 row; `bits` of each. */
static void expect_row(const char *text, size_t nbytes, int bits,
                       const uint16_t *wanted, size_t n)
{
    struct foray_image *image;
    const struct foray_array *pixels;
    struct foray_error err;

    assert_ok(foray_image_new(&image, &err), err);
    assert_ok(read_bytes(image, text, nbytes, NULL, &err), err);
    pixels = foray_image_pixels(image);
    assert_int_equal(pixels->dtype, bits == 16 ? FORAY_U16 : FORAY_U8);
    assert_int_equal(pixels->shape[0], 1);
    assert_int_equal(foray_array_nitems(pixels), n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(bits == 16 ? ((uint16_t *)pixels->data)[i]
                                    : ((uint8_t *)pixels->data)[i],
                         wanted[i]);
    foray_image_free(image);
}

#define ROW(text, bits, ...)                                                   \
    expect_row(text, sizeof(text) - 1, bits, (const uint16_t[]){__VA_ARGS__},  \
               sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))

static void test_samples(void **state)
{
    (void)state;
    ROW("P1 5 1 1 0#c\n01 1", 8, 0, 255, 255, 0, 0);
    ROW("P2\n# a\n3 # b\n1\n255\n0 7 255", 8, 0, 7, 255);
    ROW("P2 4 1 3 0 1 2 3", 8, 0, 85, 170, 255);
    ROW("P2 2 1 510 255 510 # end", 16, 32768, 65535);
    ROW("P3 1 1 15 15 1 0\n", 8, 255, 17, 0);
    ROW("P4 9 1 \xa0\x80", 8, 0, 255, 0, 255, 255, 255, 255, 255, 0);
    ROW("P5 2 1 255\n\n#", 8, 10, 35);
    ROW("P5 3 1 100 \0\62\377", 8, 0, 128, 255);
    ROW("P5 2 1 65535 \1\2\377\0", 16, 258, 65280);
    ROW("P6 1 1 256 \0\200\1\0\2\0", 16, 32768, 65535, 65535);
}

static void expect(const char *text, size_t nbytes, int code, const char *word)
{
    struct foray_image *image;
    struct foray_error err;

    assert_ok(foray_image_new(&image, &err), err);
    if (read_bytes(image, text, nbytes, NULL, &err) != code ||
        !strstr(err.msg, word))
        fail_msg("%s: %d, %s", text, err.code, err.msg);
    foray_image_free(image);
}

#define EXPECT(text, code, word) expect(text, sizeof(text) - 1, code, word)

static void test_damaged(void **state)
{
    (void)state;
    EXPECT("P5 0 1 255\n", FORAY_EFORMAT, "without pixels");
    EXPECT("P5 1 0 255\n", FORAY_EFORMAT, "without pixels");
    EXPECT("P5 -1 1 255\n", FORAY_EFORMAT, "letter");
    EXPECT("P5 1 x 255\n", FORAY_EFORMAT, "letter");
    EXPECT("P5 1 1 0\n1", FORAY_EFORMAT, "1..65535");
    EXPECT("P5 1 1 65536\n1", FORAY_EFORMAT, "1..65535");
    EXPECT("P5 12345678901 1 255\n", FORAY_EFORMAT, "10 digits");
    EXPECT("P1 2 1 12", FORAY_EFORMAT, "above");
    EXPECT("P2 2 1 9 1 10", FORAY_EFORMAT, "above");
    EXPECT("P2 2 1 9 1 4294967297", FORAY_EFORMAT, "above");
    EXPECT("P2 2 1 9 1 -1", FORAY_EFORMAT, "letter");
    EXPECT("P2 2 1 9 1 1x", FORAY_EFORMAT, "letter");
    EXPECT("P2 2 1 9 1 00000000001", FORAY_EFORMAT, "10 digits");
}

static void test_cut(void **state)
{
    (void)state;
    assert_cut("pnm_plain.pgm", 2); /* of 45, the 4 is a number too */
    assert_cut("pnm_bits.pbm", 0);
    assert_cut("pnm_rgb.ppm", 0);
    assert_cut("pnm_deep.pgm", 0);
    EXPECT("P2 2 1 9 1 # 2 3 4", FORAY_ETRUNCATED, "missing");
    EXPECT("P5 # no end", FORAY_ETRUNCATED, "header");
}

static void test_too_large(void **state)
{
    (void)state;
    EXPECT("P5 30000 30000 255\n", FORAY_ETOOLARGE, "30000 x 30000");
    EXPECT("P6 4294967295 4294967295 65535\n", FORAY_ETOOLARGE, "too large");
    EXPECT("P5 9999999999 1 255\n", FORAY_ETOOLARGE, "too large");
    /* Within the limit, but the file is not: nothing is decoded. */
    EXPECT("P6 16384 16384 65535\n", FORAY_ETRUNCATED, "1610612736 bytes");
}

static void test_damage_is_harmless(void **state)
{
    (void)state;
    assert_in_range(count_damaged("pnm_plain.pgm", 1000), 300, 999);
    assert_in_range(count_damaged("pnm_bits.pbm", 1000), 100, 999);
    assert_in_range(count_damaged("pnm_deep.pgm", 1000), 10, 999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pixels_are_pillows),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_damage_is_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
