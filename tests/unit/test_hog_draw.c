#include "helpers.h"

#include <stdlib.h>
#include <string.h>

#include <foray/hog.h>
#include <foray/storage.h>

#include "hog_cases.h"

static struct foray_hog *computed(const struct hog_case *c)
{
    struct foray_array image, features;
    struct foray_hog *hog;
    struct foray_error err;
    size_t length;

    assert_ok(foray_hog_new(&hog, &c->options, &err), err);
    assert_ok(foray_hog_length(&length, hog, HOG_ROWS, HOG_COLS, &err), err);
    hog_pattern(&image, c->dtype, HOG_ROWS, HOG_COLS, c->channels);
    hog_features(&features, FORAY_F64, length);
    assert_ok(foray_hog_compute(hog, &image, &features, &err), err);
    free(image.data);
    free(features.data);
    return hog;
}

static void wrap(struct foray_array *out, double *pixels, size_t rows,
                 size_t cols)
{
    struct foray_error err;

    assert_ok(foray_array_wrap(out, pixels, FORAY_F64, 2,
                               (size_t[]){rows, cols}, &err),
              err);
}

static void test_pictures_are_those_of_skimage(void **state)
{
    static double pixels[HOG_ROWS * HOG_COLS];
    int n_drawn = 0;

    (void)state;
    for (int k = 0; k < N_HOG_CASES; k++) {
        const struct hog_case *c = &hog_cases[k];
        struct foray_array picture, wanted, same;
        struct foray_hog *hog;
        struct foray_error err;

        if (strcmp(c->name, "gray") && strcmp(c->name, "gray_l2") &&
            strcmp(c->name, "single"))
            continue;
        hog = computed(c);
        memset(pixels, 0xA5, sizeof pixels);
        wrap(&picture, pixels, HOG_ROWS, HOG_COLS);
        assert_ok(foray_hog_draw(hog, &picture, &err), err);
        hog_reference(&wanted, c->name, "_picture");
        if (c->tolerance == 0) {
            assert_memory_equal(pixels, wanted.data, sizeof pixels);
        } else { /* stored as float32 */
            static double widened[HOG_ROWS * HOG_COLS];

            wrap(&same, widened, HOG_ROWS, HOG_COLS);
            assert_ok(foray_array_copy(&same, &wanted, &err), err);
            for (size_t i = 0; i < HOG_ROWS * HOG_COLS; i++)
                assert_close(pixels[i], widened[i], 1e-5);
        }
        assert_ok(foray_array_close(&wanted, &err), err);
        foray_hog_free(hog);
        n_drawn++;
    }
    assert_int_equal(n_drawn, 3);
}

static void test_draw_refuses_what_it_cannot(void **state)
{
    static double pixels[HOG_ROWS * HOG_COLS];
    struct hog_case tiny = {.name = "tiny", .dtype = FORAY_U8};
    struct foray_array picture, other;
    struct foray_hog *hog;
    struct foray_error err;

    (void)state;
    wrap(&picture, pixels, HOG_ROWS, HOG_COLS);
    assert_ok(foray_hog_new(&hog, NULL, &err), err); /* nothing computed */
    assert_int_equal(foray_hog_draw(hog, &picture, &err), FORAY_ESHAPE);
    foray_hog_free(hog);

    hog = computed(&hog_cases[0]);
    wrap(&other, pixels, HOG_ROWS - 1, HOG_COLS);
    assert_int_equal(foray_hog_draw(hog, &other, &err), FORAY_ESHAPE);
    assert_ok(foray_array_transpose(&other, &picture, NULL, &err), err);
    assert_int_equal(foray_hog_draw(hog, &other, &err), FORAY_ESHAPE);
    other = picture;
    other.mode = FORAY_READ;
    assert_int_equal(foray_hog_draw(hog, &other, &err), FORAY_EACCES);
    other = picture;
    other.dtype = FORAY_I64;
    assert_int_equal(foray_hog_draw(hog, &other, &err), FORAY_EDTYPE);
    assert_ok(foray_hog_draw(hog, &picture, &err), err);
    foray_hog_free(hog);

    tiny.options.cell_rows = 1;
    tiny.options.cell_cols = 4;
    hog = computed(&tiny);
    assert_int_equal(foray_hog_draw(hog, &picture, &err), FORAY_ENOTSUP);
    foray_hog_free(hog);

    assert_ok(foray_hog_new(
                  &hog, &(struct foray_hog_options){.method = FORAY_HOG_UOCTTI},
                  &err),
              err);
    assert_int_equal(foray_hog_draw(hog, &picture, &err), FORAY_ENOTSUP);
    foray_hog_free(hog);
}

/* A failed computation leaves no picture of the image before. */
static void test_a_failure_leaves_nothing_to_draw(void **state)
{
    static double pixels[HOG_ROWS * HOG_COLS];
    struct foray_hog *hog = computed(&hog_cases[0]);
    struct foray_array image, features, picture;
    struct foray_error err;
    size_t length;

    (void)state;
    assert_ok(foray_hog_length(&length, hog, HOG_ROWS, HOG_COLS, &err), err);
    hog_pattern(&image, FORAY_C64, HOG_ROWS, HOG_COLS, 0);
    hog_features(&features, FORAY_F64, length);
    assert_int_equal(foray_hog_compute(hog, &image, &features, &err),
                     FORAY_EDTYPE);
    wrap(&picture, pixels, HOG_ROWS, HOG_COLS);
    assert_int_equal(foray_hog_draw(hog, &picture, &err), FORAY_ESHAPE);
    free(image.data);
    free(features.data);
    foray_hog_free(hog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures_are_those_of_skimage),
        cmocka_unit_test(test_draw_refuses_what_it_cannot),
        cmocka_unit_test(test_a_failure_leaves_nothing_to_draw),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
