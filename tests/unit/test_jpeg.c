#include "helpers.h"

#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "image_files.h"
#include "references.h"

static void test_pixels_are_pillows(void **state)
{
    (void)state;
    assert_sample("jpeg_gray.jpg");
    assert_sample("jpeg_420.jpg");
    assert_sample("jpeg_444.jpg");
    assert_sample("jpeg_progressive.jpg");
    assert_sample("jpeg_exif.jpg");
}

/* 21 x 26 pixels for 2 x 2: decoded at a quarter, as by Pillow's draft. */
static void test_scaled_pixels_are_pillows(void **state)
{
    struct foray_image_options options = {
        .rows = 2, .cols = 2, .jpeg_scale = FORAY_JPEG_AUTO};
    struct foray_array wanted;
    struct foray_image *image;
    struct foray_error err;

    (void)state;
    reference_open(&wanted, "drafted");
    assert_ok(foray_image_new(&image, &err), err);
    assert_ok(
        foray_image_read(image, sample_path("jpeg_420.jpg"), &options, &err),
        err);
    assert_int_equal(foray_array_nbytes(&wanted), 12);
    assert_pixels(image, &wanted);
    assert_int_equal(foray_image_last_info(image)->rows, 21);
    options.jpeg_scale = FORAY_JPEG_FULL;
    assert_ok(
        foray_image_read(image, sample_path("jpeg_420.jpg"), &options, &err),
        err);
    assert_memory_not_equal(foray_image_pixels(image)->data, wanted.data, 12);
    foray_image_free(image);
    assert_ok(foray_array_close(&wanted, &err), err);
}

static void test_header(void **state)
{
    struct foray_image_info info;
    struct foray_error err;

    (void)state;
    assert_ok(foray_image_info(&info, sample_path("jpeg_gray.jpg"), &err), err);
    assert_int_equal(info.format, FORAY_IMAGE_JPEG);
    assert_int_equal(info.rows, 21);
    assert_int_equal(info.cols, 26);
    assert_int_equal(info.channels, 1);
    assert_int_equal(info.bits, 8);
    assert_false(info.alpha);
    assert_int_equal(info.orientation, 1);
    assert_ok(foray_image_info(&info, sample_path("jpeg_exif.jpg"), &err), err);
    assert_int_equal(info.channels, 3);
    assert_int_equal(info.orientation, 6);
    assert_false(info.many_scans);
    assert_ok(
        foray_image_info(&info, sample_path("jpeg_progressive.jpg"), &err),
        err);
    assert_true(info.many_scans);
}

static void test_cut_at_each_byte(void **state)
{
    (void)state;
    assert_cut("jpeg_gray.jpg", 0);
    assert_cut("jpeg_420.jpg", 0);
    assert_cut("jpeg_progressive.jpg", 0);
    assert_cut("jpeg_exif.jpg", 0);
}

static void test_damage_is_harmless(void **state)
{
    (void)state;
    /* JPEG has no checksums: much damage decodes, as other pixels. */
    assert_in_range(count_damaged("jpeg_gray.jpg", 1500), 200, 1499);
    assert_in_range(count_damaged("jpeg_420.jpg", 1500), 200, 1499);
    assert_in_range(count_damaged("jpeg_progressive.jpg", 1500), 200, 1499);
    assert_in_range(count_damaged("jpeg_exif.jpg", 1500), 200, 1499);
}

static void expect(const void *bytes, size_t nbytes, int code, const char *word)
{
    struct foray_image *image;
    struct foray_error err;

    assert_ok(foray_image_new(&image, &err), err);
    assert_int_equal(read_bytes(image, bytes, nbytes, NULL, &err), code);
    if (code)
        assert_non_null(strstr(err.msg, word));
    foray_image_free(image);
}

static void test_what_is_not_supported(void **state)
{
    static const uint8_t frame[] = {0xff, 0xd8, 0xff, 0xc0, 0, 11,   8, 0,
                                    9,    0,    9,    1,    1, 0x11, 0};
    size_t nbytes;
    uint8_t *bytes = sample_bytes("jpeg_cmyk.jpg", &nbytes);
    uint8_t copy[sizeof frame];

    (void)state;
    expect(bytes, nbytes, FORAY_ENOTSUP, "CMYK");
    free(bytes);
    memcpy(copy, frame, sizeof frame);
    copy[3] = 0xc3;
    expect(copy, sizeof copy, FORAY_ENOTSUP, "lossless");
    memcpy(copy, frame, sizeof frame);
    copy[6] = 12;
    expect(copy, sizeof copy, FORAY_ENOTSUP, "12 bits");
    memcpy(copy, frame, sizeof frame);
    copy[11] = 2;
    expect(copy, sizeof copy, FORAY_ENOTSUP, "2 channels");
}

static void test_damaged_headers(void **state)
{
    static const uint8_t no_frame[] = {0xff, 0xd8, 0xff, 0xda, 0, 2, 0, 0};
    static const uint8_t end[] = {0xff, 0xd8, 0xff, 0xd9};
    static const uint8_t junk[] = {0xff, 0xd8, 0xff, 0xe0, 0, 3, 7, 7, 7};
    static const uint8_t empty[] = {0xff, 0xd8, 0xff, 0xc0, 0, 11,   8, 0,
                                    0,    0,    9,    1,    1, 0x11, 0};
    static const uint8_t length[] = {0xff, 0xd8, 0xff, 0xe0, 0, 1, 0, 0};
    uint8_t *fill = malloc(200000);

    (void)state;
    expect(no_frame, sizeof no_frame, FORAY_EFORMAT, "without a frame");
    expect(end, sizeof end, FORAY_EFORMAT, "ends before");
    expect(junk, sizeof junk, FORAY_EFORMAT, "no marker");
    expect(empty, sizeof empty, FORAY_EFORMAT, "0 x 9");
    expect(length, sizeof length, FORAY_EFORMAT, "segment of 1");
    assert_non_null(fill);
    memset(fill, 0xff, 200000);
    fill[1] = 0xd8;
    expect(fill, 200000, FORAY_EFORMAT, "markers");
    free(fill);
}

/* 65,500 x 65,500 pixels in 40 bytes: refused before memory is taken. */
static void test_bomb(void **state)
{
    static const uint8_t bomb[] = {0xff, 0xd8, 0xff, 0xc0, 0,    11,  8,
                                   0xff, 0xdc, 0xff, 0xdc, 1,    1,   0x11,
                                   0,    0xff, 0xda, 0,    8,    1,   1,
                                   0,    0,    63,   0,    0xff, 0xd9};

    (void)state;
    expect(bomb, sizeof bomb, FORAY_ETOOLARGE, "65500 x 65500");
}

/* A progressive file that repeats its last scan until it has 600. */
static void test_too_many_scans(void **state)
{
    size_t nbytes, first, scan;
    uint8_t *bytes = sample_bytes("jpeg_progressive.jpg", &nbytes), *many;

    (void)state;
    first = nbytes - 2;
    while (bytes[first] != 0xff || bytes[first + 1] != 0xda)
        first--;
    scan = nbytes - 2 - first;
    many = malloc(nbytes + 600 * scan);
    assert_non_null(many);
    memcpy(many, bytes, nbytes - 2);
    for (size_t i = 0; i < 600; i++)
        memcpy(many + nbytes - 2 + i * scan, bytes + first, scan);
    memcpy(many + nbytes - 2 + 600 * scan, "\xff\xd9", 2);
    expect(many, nbytes + 600 * scan, FORAY_EFORMAT, "damaged JPEG");
    free(many);
    free(bytes);
}

/* Some cameras leave bytes before the end marker, or a film behind it. */
static void test_more_bytes_than_needed(void **state)
{
    size_t nbytes;
    uint8_t *bytes = sample_bytes("jpeg_420.jpg", &nbytes);
    uint8_t *more = malloc(nbytes + 100);

    (void)state;
    assert_non_null(more);
    memcpy(more, bytes, nbytes);
    memset(more + nbytes, 0x55, 100);
    expect(more, nbytes + 100, 0, "");
    memset(more + nbytes - 2, 0, 20);
    memcpy(more + nbytes + 18, "\xff\xd9", 2);
    expect(more, nbytes + 20, 0, "");
    free(more);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pixels_are_pillows),
        cmocka_unit_test(test_scaled_pixels_are_pillows),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_cut_at_each_byte),
        cmocka_unit_test(test_damage_is_harmless),
        cmocka_unit_test(test_what_is_not_supported),
        cmocka_unit_test(test_damaged_headers),
        cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_too_many_scans),
        cmocka_unit_test(test_more_bytes_than_needed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
