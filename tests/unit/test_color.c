#include "helpers.h"

#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "hog_cases.h"
#include "image/color.h"
#include "references.h"

/* `src` recoloured, in memory that ends before an unmapped page. */
static struct foray_array recolored(const struct foray_array *src,
                                    enum foray_color color, bool alpha,
                                    enum foray_dtype dtype, size_t channels)
{
    size_t shape[3] = {src->shape[0], src->shape[1], channels};
    size_t nbytes = shape[0] * shape[1] * channels * foray_dtype_size(dtype);
    struct foray_array dst;
    struct foray_error err;

    assert_ok(foray_array_wrap(&dst, guarded(nbytes), dtype,
                               channels > 1 ? 3 : 2, shape, &err),
              err);
    assert_ok(foray__color(&dst, src, color, alpha, &err), err);
    return dst;
}

static void free_guarded(const struct foray_array *image)
{
    guarded_free(image->data, foray_array_nbytes(image));
}

static void test_gray_is_pillows(void **state)
{
    struct foray_array rgb, gray, wanted;
    struct foray_error err;

    (void)state;
    hog_pattern(&rgb, FORAY_U8, HOG_ROWS, HOG_COLS, 3);
    gray = recolored(&rgb, FORAY_COLOR_GRAY, false, FORAY_U8, 1);
    reference_open(&wanted, "gray");
    assert_memory_equal(gray.data, wanted.data, foray_array_nbytes(&gray));
    assert_ok(foray_array_close(&wanted, &err), err);
    free_guarded(&gray);
    free(rgb.data);
}

static void test_gray_of_16_bits(void **state)
{
    struct foray_array rgb, gray;
    const uint16_t *p;

    (void)state;
    hog_pattern(&rgb, FORAY_U16, 5, 7, 3);
    p = rgb.data;
    memset(rgb.data, 0xFF, 6); /* white stays white: no overflow */
    gray = recolored(&rgb, FORAY_COLOR_GRAY, false, FORAY_U16, 1);
    assert_int_equal(((uint16_t *)gray.data)[0], 65535);
    for (size_t i = 0; i < 35; i++)
        assert_int_equal(((uint16_t *)gray.data)[i],
                         (p[3 * i] * UINT64_C(19595) +
                          p[3 * i + 1] * UINT64_C(38470) +
                          p[3 * i + 2] * UINT64_C(7471) + 32768) /
                             65536);
    free_guarded(&gray);
    free(rgb.data);
}

/* The last bit is BLAS's: within one. */
static void test_rgb2gray_is_skimages(void **state)
{
    static const struct {
        const char *name;
        enum foray_dtype dtype;
    } cases[] = {{"rgb2gray", FORAY_U8}, {"rgb2gray_wide", FORAY_U16}};
    struct foray_error err;

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct foray_array rgb, gray, wanted;

        hog_pattern(&rgb, cases[k].dtype, HOG_ROWS, HOG_COLS, 3);
        gray = recolored(&rgb, FORAY_COLOR_RGB2GRAY, false, FORAY_F64, 1);
        reference_open(&wanted, cases[k].name);
        for (size_t i = 0; i < (size_t)HOG_ROWS * HOG_COLS; i++)
            assert_close(((double *)gray.data)[i], ((double *)wanted.data)[i],
                         0x1p-53);
        assert_ok(foray_array_close(&wanted, &err), err);
        free_guarded(&gray);
        free(rgb.data);
    }
}

/* Colours of a pixel are those of the same pixel without its alpha. */
static void test_alpha_is_dropped_or_kept(void **state)
{
    (void)state;
    for (size_t channels = 2; channels <= 4; channels += 2) {
        struct foray_array src, some, all;
        size_t colors = channels - 1;

        hog_pattern(&src, FORAY_U8, 6, 5, channels);
        some = recolored(&src, FORAY_COLOR_DEFAULT, true, FORAY_U8, colors);
        all = recolored(&src, FORAY_COLOR_ALL, true, FORAY_U8, channels);
        assert_memory_equal(all.data, src.data, foray_array_nbytes(&src));
        for (size_t i = 0; i < 30; i++)
            assert_memory_equal((uint8_t *)some.data + i * colors,
                                (uint8_t *)src.data + i * channels, colors);
        free_guarded(&all);
        if (channels == 4) {
            struct foray_array with =
                recolored(&src, FORAY_COLOR_GRAY, true, FORAY_U8, 1);
            struct foray_array without =
                recolored(&some, FORAY_COLOR_GRAY, false, FORAY_U8, 1);

            assert_memory_equal(with.data, without.data, 30);
            free_guarded(&with);
            free_guarded(&without);
        }
        free_guarded(&some);
        free(src.data);
    }
}

static void test_gray_stays(void **state)
{
    static const enum foray_color all[] = {FORAY_COLOR_DEFAULT, FORAY_COLOR_ALL,
                                           FORAY_COLOR_GRAY,
                                           FORAY_COLOR_RGB2GRAY};
    struct foray_array src;

    (void)state;
    hog_pattern(&src, FORAY_U16, 6, 5, 0);
    for (size_t k = 0; k < 4; k++) {
        struct foray_array dst = recolored(&src, all[k], false, FORAY_U16, 1);

        assert_memory_equal(dst.data, src.data, foray_array_nbytes(&src));
        free_guarded(&dst);
    }
    free(src.data);
}

static void test_wrong_targets_are_refused(void **state)
{
    struct foray_array src, small, wrong;
    struct foray_error err;

    (void)state;
    hog_pattern(&src, FORAY_U8, 6, 5, 3);
    hog_pattern(&small, FORAY_U8, 6, 4, 0);
    hog_pattern(&wrong, FORAY_U16, 6, 5, 0);
    assert_int_equal(foray__color(&small, &src, FORAY_COLOR_GRAY, false, &err),
                     FORAY_ESHAPE);
    assert_int_equal(foray__color(&wrong, &src, FORAY_COLOR_GRAY, false, &err),
                     FORAY_EDTYPE);
    assert_int_equal(
        foray__color(&wrong, &src, FORAY_COLOR_RGB2GRAY, false, NULL),
        FORAY_EDTYPE);
    free(src.data);
    free(small.data);
    free(wrong.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gray_is_pillows),
        cmocka_unit_test(test_gray_of_16_bits),
        cmocka_unit_test(test_rgb2gray_is_skimages),
        cmocka_unit_test(test_alpha_is_dropped_or_kept),
        cmocka_unit_test(test_gray_stays),
        cmocka_unit_test(test_wrong_targets_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
