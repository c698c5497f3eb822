#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "hog_cases.h"
#include "image/resize.h"
#include "references.h"

static const size_t sizes[][2] = {{7, 11}, {50, 60}, {33, 10}, {9, 42}, {1, 1}};

static struct foray_array image_of(size_t rows, size_t cols, size_t channels)
{
    size_t shape[3] = {rows, cols, channels};
    size_t nbytes = rows * cols * channels;
    struct foray_array image;
    struct foray_error err;

    assert_ok(foray_array_wrap(&image, guarded(nbytes), FORAY_U8,
                               channels > 1 ? 3 : 2, shape, &err),
              err);
    return image;
}

static void image_free(const struct foray_array *image)
{
    guarded_free(image->data, foray_array_nbytes(image));
}

static int stretch(struct foray_array *dst, const struct foray_array *src,
                   struct foray__scratch *scratch, struct foray_error *err)
{
    struct foray__box all = foray__box_whole(src->shape[0], src->shape[1]);

    return foray__resize(dst, src, &all, FORAY_FILTER_BILINEAR, scratch, err);
}

static void test_pixels_are_those_of_pillow(void **state)
{
    struct foray__scratch scratch = {0};
    struct foray_error err;

    (void)state;
    for (size_t channels = 1; channels <= 4; channels++)
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            struct foray_array src, wanted;
            struct foray_array dst =
                image_of(sizes[k][0], sizes[k][1], channels);
            char name[64];

            hog_pattern(&src, FORAY_U8, HOG_ROWS, HOG_COLS,
                        channels > 1 ? channels : 0);
            snprintf(name, sizeof name, "resize_%zu_%zux%zu", channels,
                     sizes[k][0], sizes[k][1]);
            reference_open(&wanted, name);
            assert_int_equal(foray_array_nbytes(&wanted),
                             foray_array_nbytes(&dst));
            assert_ok(stretch(&dst, &src, &scratch, &err), err);
            assert_memory_equal(dst.data, wanted.data,
                                foray_array_nbytes(&dst));
            assert_ok(foray_array_close(&wanted, &err), err);
            image_free(&dst);
            free(src.data);
        }
    foray__scratch_free(&scratch);
}

static void test_same_size_is_a_copy(void **state)
{
    struct foray__scratch scratch = {0};
    struct foray_error err;

    (void)state;
    for (size_t channels = 1; channels <= 4; channels++) {
        struct foray_array dst = image_of(13, 9, channels), src;

        hog_pattern(&src, FORAY_U8, 13, 9, channels > 1 ? channels : 0);
        assert_ok(stretch(&dst, &src, &scratch, &err), err);
        /* not through weights by alpha, which would lose bits */
        assert_memory_equal(dst.data, src.data, foray_array_nbytes(&src));
        image_free(&dst);
        free(src.data);
    }
    foray__scratch_free(&scratch);
}

/* One colour stays that colour, to the last bit, at every size and with every
 * filter. */
static void test_one_colour_stays(void **state)
{
    struct foray__scratch scratch = {0};
    struct foray_error err;

    (void)state;
    for (size_t rows = 1; rows < 40; rows += 3)
        for (int value = 0; value < 256; value += 51) {
            struct foray_array src = image_of(17, 23, 3);
            struct foray_array dst = image_of(rows, 41 - rows, 3);
            struct foray__box part = {0.3f, 2.7f, 20.5f, 17};

            memset(src.data, value, foray_array_nbytes(&src));
            assert_ok(foray__resize(&dst, &src, &part,
                                    (enum foray_filter)(rows % 4), &scratch,
                                    &err),
                      err);
            for (size_t i = 0; i < foray_array_nbytes(&dst); i++)
                assert_int_equal(((uint8_t *)dst.data)[i], value);
            image_free(&dst);
            image_free(&src);
        }
    foray__scratch_free(&scratch);
}

/* Sizes that an array may have, but not what its resize takes besides. Nothing
 * of the pixels is touched, for there are none. */
static void test_sizes_that_overflow_are_refused(void **state)
{
    static const size_t shapes[][4] = {
        /* rows, cols of the source, rows, cols of the result */
        {(size_t)1 << 31, 1, 1, (size_t)1 << 33}, /* 2^64 between the passes */
        {(size_t)1 << 62, 1, 1, 4},               /* weights of a row */
        {1, (size_t)1 << 62, 4, 1},               /* weights of a column */
        {1, PTRDIFF_MAX, 1, 1},
        {PTRDIFF_MAX, 1, 1, 1},
        {1, 1, 1, (size_t)1 << 60},
        {1, 1, (size_t)1 << 60, 1},
        {1, 1, PTRDIFF_MAX, 1},
        {2, (size_t)1 << 61, 1, 1},
    };
    struct foray__scratch scratch = {0};
    uint8_t pixel = 7;

    (void)state;
    for (size_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++) {
        struct foray_array src, dst;
        struct foray_error err;

        assert_ok(foray_array_wrap(&src, &pixel, FORAY_U8, 2, shapes[k], &err),
                  err);
        assert_ok(
            foray_array_wrap(&dst, &pixel, FORAY_U8, 2, shapes[k] + 2, &err),
            err);
        assert_int_equal(stretch(&dst, &src, &scratch, &err), FORAY_ETOOLARGE);
        assert_non_null(strstr(err.msg, "than memory has addresses"));
    }
    assert_int_equal(pixel, 7);
    assert_null(scratch.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pixels_are_those_of_pillow),
        cmocka_unit_test(test_same_size_is_a_copy),
        cmocka_unit_test(test_one_colour_stays),
        cmocka_unit_test(test_sizes_that_overflow_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
