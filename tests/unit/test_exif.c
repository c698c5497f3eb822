#include "helpers.h"

#include <stdio.h>
#include <string.h>

#include <foray.h>

#include "image/exif.h"
#include "image_files.h"

enum { ROWS = 37, COLS = 70 }; /* more than a tile, no multiple of one */

/* Where the pixel at (r, c) of the upright picture lies in the stored one:
 * EXIF says which stored side is the upright top and left. */
static void stored_place(size_t *row, size_t *col, size_t r, size_t c,
                         int orientation)
{
    size_t last_row = ROWS - 1, last_col = COLS - 1;

    switch (orientation) {
    case 1: /* top is row 0, left is column 0 */
        *row = r, *col = c;
        break;
    case 2: /* row 0, the last column */
        *row = r, *col = last_col - c;
        break;
    case 3: /* the last row, the last column */
        *row = last_row - r, *col = last_col - c;
        break;
    case 4: /* the last row, column 0 */
        *row = last_row - r, *col = c;
        break;
    case 5: /* stored row 0 is the left side, stored column 0 the top */
        *row = c, *col = r;
        break;
    case 6: /* stored row 0 is the right side, column 0 the top */
        *row = last_row - c, *col = r;
        break;
    case 7: /* stored row 0 is the right side, column 0 the bottom */
        *row = last_row - c, *col = last_col - r;
        break;
    default: /* stored row 0 is the left side, column 0 the bottom */
        *row = c, *col = last_col - r;
    }
}

static void check_turn(enum foray_dtype dtype, size_t channels)
{
    static uint8_t stored[ROWS * COLS * 8], upright[ROWS * COLS * 8];
    size_t from[3] = {ROWS, COLS, channels};
    struct foray_array src, dst;

    for (size_t i = 0; i < sizeof stored; i++)
        stored[i] = (uint8_t)(i * 31 + i / 251);
    assert_int_equal(
        foray_array_wrap(&src, stored, dtype, channels > 1 ? 3 : 2, from, NULL),
        0);
    for (int orientation = 1; orientation <= 8; orientation++) {
        bool swaps = orientation > 4;
        size_t to[3] = {from[swaps], from[!swaps], channels};

        assert_int_equal(foray__exif_swaps(orientation), swaps);
        memset(upright, 0, sizeof upright);
        assert_int_equal(foray_array_wrap(&dst, upright, dtype,
                                          channels > 1 ? 3 : 2, to, NULL),
                         0);
        foray__exif_turn(&dst, &src, orientation);
        for (size_t r = 0; r < to[0]; r++)
            for (size_t c = 0; c < to[1]; c++) {
                size_t row, col;

                stored_place(&row, &col, r, c, orientation);
                assert_memory_equal(foray_at2(&dst, r, c),
                                    foray_at2(&src, row, col),
                                    channels * src.itemsize);
            }
    }
}

static void test_eight_orientations(void **state)
{
    (void)state;
    check_turn(FORAY_U8, 1);
    check_turn(FORAY_U8, 2);
    check_turn(FORAY_U8, 3);
    check_turn(FORAY_U8, 4);
    check_turn(FORAY_U16, 1);
    check_turn(FORAY_U16, 3);
    check_turn(FORAY_U16, 4);
}

static int orientation_of(const void *block, size_t nbytes)
{
    uint8_t *bytes = guarded(nbytes + 3);
    struct foray__source source;
    int orientation;

    memcpy(bytes + 3, block, nbytes);
    foray__source_wrap(&source, bytes, nbytes + 3, "block");
    orientation = foray__exif_orientation(&source, 3, nbytes);
    guarded_free(bytes, nbytes + 3);
    return orientation;
}

#define LITTLE "II*\0\10\0\0\0\2\0"
#define BIG "MM\0*\0\0\0\10\0\1"
#define OTHER "\1\1\3\0\1\0\0\0\7\0\0\0"
#define BLOCK(text) orientation_of(text, sizeof(text) - 1)

static void test_tags(void **state)
{
    (void)state;
    assert_int_equal(BLOCK(LITTLE OTHER "\x12\1\3\0\1\0\0\0\3\0\0\0"), 3);
    assert_int_equal(BLOCK(LITTLE OTHER "\x12\1\4\0\1\0\0\0\5\0\0\0"), 5);
    assert_int_equal(BLOCK(BIG "\1\x12\0\3\0\0\0\1\0\6\0\0"), 6);
    assert_int_equal(BLOCK(BIG "\1\x12\0\4\0\0\0\1\0\0\0\x8"), 8);
}

static void test_nonsense_is_upright(void **state)
{
    (void)state;
    assert_int_equal(BLOCK(BIG "\1\x12\0\3\0\0\0\1\0\0\0\0"), 1); /* 0 */
    assert_int_equal(BLOCK(BIG "\1\x12\0\3\0\0\0\1\0\x9\0\0"), 1);
    assert_int_equal(BLOCK(BIG "\1\x12\0\3\0\0\0\2\0\6\0\0"), 1); /* count */
    assert_int_equal(BLOCK(BIG "\1\x12\0\2\0\0\0\1\0\6\0\0"), 1); /* text */
    assert_int_equal(BLOCK("IM*\0\10\0\0\0"), 1);
    assert_int_equal(BLOCK("MM\0+\0\0\0\10\0\1"), 1);
    assert_int_equal(BLOCK("MM\0*\377\377\377\377\0\1"), 1); /* far away */
    assert_int_equal(BLOCK("MM\0*\0\0\0\10\377\377"), 1); /* no entries there */
}

static void test_cut_block(void **state)
{
    static const char block[] = BIG "\1\x12\0\3\0\0\0\1\0\6";

    (void)state;
    for (size_t n = 0; n < sizeof block - 1; n++)
        assert_int_equal(orientation_of(block, n), 1);
    assert_int_equal(orientation_of(block, sizeof block - 1), 6);
}

static void check_file(const char *file, size_t rows, size_t cols)
{
    struct foray_image_options options = {.exif = true};
    struct foray_image_info info;
    struct foray_image *image;
    struct foray_error err;
    size_t shape[2];
    int channels;

    assert_ok(foray_image_new(&image, &err), err);
    assert_ok(foray_image_info(&info, sample_path(file), &err), err);
    foray_image_result_shape(&shape[0], &shape[1], &channels, &info, &options);
    assert_ok(foray_image_read(image, sample_path(file), &options, &err), err);
    assert_int_equal(foray_image_pixels(image)->shape[0], rows);
    assert_int_equal(foray_image_pixels(image)->shape[1], cols);
    assert_int_equal(shape[0], rows);
    assert_int_equal(shape[1], cols);
    assert_int_equal(channels, 3);
    assert_int_equal(foray_image_last_info(image)->rows, 21);
    foray_image_free(image);
}

static void test_files_turn_when_asked(void **state)
{
    (void)state;
    check_file("jpeg_exif.jpg", 26, 21);
    check_file("png_exif.png", 26, 21);
    check_file("jpeg_420.jpg", 21, 26);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eight_orientations),
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_nonsense_is_upright),
        cmocka_unit_test(test_cut_block),
        cmocka_unit_test(test_files_turn_when_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
