#include "helpers.h"

#include <string.h>

#include <foray/array.h>

static int32_t numbers[24];

static struct foray_array make(int ndim, const size_t *shape)
{
    struct foray_array array;
    struct foray_error err;

    for (int i = 0; i < 24; i++)
        numbers[i] = i;
    assert_ok(foray_array_wrap(&array, numbers, FORAY_I32, ndim, shape, &err),
              err);
    return array;
}

/* The element at position `i` in C order. */
static int32_t element(const struct foray_array *array, size_t i)
{
    size_t index[FORAY_MAX_NDIM] = {0};

    for (int k = array->ndim - 1; k >= 0; k--) {
        index[k] = i % array->shape[k];
        i /= array->shape[k];
    }
    return *(int32_t *)foray_array_address(array, index);
}

/* A view, or a refusal; and the elements stay where they are in C order. */
static void check(const struct foray_array *base, int ndim, const size_t *shape,
                  bool possible)
{
    struct foray_array view;
    struct foray_error err;
    int code = foray_array_reshape(&view, base, ndim, shape, &err);

    assert_int_equal(code, possible ? 0 : FORAY_ESHAPE);
    if (!possible) {
        assert_non_null(strstr(err.msg, "copy"));
        return;
    }
    assert_int_equal(view.ndim, ndim);
    for (int k = 0; k < ndim; k++)
        assert_int_equal(view.shape[k], shape[k]);
    for (size_t i = 0; i < foray_array_nitems(base); i++)
        assert_int_equal(element(&view, i), element(base, i));
}

static void test_contiguous_arrays_take_any_shape(void **state)
{
    const size_t shape[3] = {2, 3, 4};
    struct foray_array array = make(3, shape);

    (void)state;
    check(&array, 1, (size_t[]){24}, true);
    check(&array, 2, (size_t[]){4, 6}, true);
    check(&array, 5, (size_t[]){1, 8, 1, 3, 1}, true);
    check(&array, 3, (size_t[]){2, 3, 4}, true);
}

/* Each line: what numpy.reshape gives without a copy, and what needs one. */
static void test_strided_arrays_take_what_numpy_gives_them(void **state)
{
    const size_t shape[3] = {2, 3, 4};
    struct foray_array array = make(3, shape), view;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_transpose(&view, &array, NULL, &err), err);
    check(&view, 1, (size_t[]){24}, false);
    check(&view, 2, (size_t[]){12, 2}, false);
    check(&view, 4, (size_t[]){2, 2, 3, 2}, true);
    check(&view, 4, (size_t[]){4, 1, 3, 2}, true);

    assert_ok(foray_array_slice(&view, &array, 2, 0, FORAY_TO_END, 2, &err),
              err); /* [:, :, ::2] */
    check(&view, 1, (size_t[]){12}, true);
    check(&view, 2, (size_t[]){3, 4}, true);

    assert_ok(foray_array_slice(&view, &array, 2, 0, 3, 1, &err), err);
    check(&view, 1, (size_t[]){18}, false); /* [:, :, :3] */
    check(&view, 2, (size_t[]){6, 3}, true);
    check(&view, 2, (size_t[]){3, 6}, false);

    assert_ok(foray_array_slice(&view, &array, 1, 0, 2, 1, &err), err);
    check(&view, 2, (size_t[]){2, 8}, true); /* [:, :2] */
    check(&view, 4, (size_t[]){2, 2, 2, 2}, true);
    check(&view, 2, (size_t[]){4, 4}, false);

    assert_ok(foray_array_slice(&view, &array, 0, -1, FORAY_TO_END, -1, &err),
              err); /* [::-1] */
    check(&view, 2, (size_t[]){2, 12}, true);
    check(&view, 1, (size_t[]){24}, false);
}

static void test_0d_and_single_elements(void **state)
{
    struct foray_array array = make(0, NULL);

    (void)state;
    check(&array, 3, (size_t[]){1, 1, 1}, true);
    array = make(3, (size_t[]){1, 1, 1});
    check(&array, 0, NULL, true);
}

static void test_empty_arrays_take_any_empty_shape(void **state)
{
    struct foray_array array = make(2, (size_t[]){0, 5}), view;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_reshape(&view, &array, 3, (size_t[]){7, 0, 2}, &err),
              err);
    assert_int_equal(view.shape[0], 7);
    assert_int_equal(foray_array_reshape(&view, &array, 1, (size_t[]){5}, &err),
                     FORAY_ESHAPE);
}

static void test_wrong_shapes_are_refused(void **state)
{
    const size_t shape[2] = {4, 6};
    struct foray_array array = make(2, shape), view;
    struct foray_error err;
    size_t many[33];

    (void)state;
    for (int k = 0; k < 33; k++)
        many[k] = 1;
    assert_int_equal(
        foray_array_reshape(&view, &array, 1, (size_t[]){25}, &err),
        FORAY_ESHAPE);
    assert_non_null(strstr(err.msg, "(4, 6)"));
    assert_non_null(strstr(err.msg, "(25,)"));
    /* 2^32 * 2^32 * 24 is 24 in 64 bits. */
    assert_int_equal(
        foray_array_reshape(&view, &array, 3,
                            (size_t[]){(size_t)1 << 32, (size_t)1 << 32, 24},
                            &err),
        FORAY_ESHAPE);
    assert_int_equal(foray_array_reshape(&view, &array, -1, shape, &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_array_reshape(&view, &array, 33, many, &err),
                     FORAY_EINVAL);
}

static void test_reshape_of_an_array_onto_itself(void **state)
{
    struct foray_array array = make(2, (size_t[]){4, 6});
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_reshape(&array, &array, 3, (size_t[]){2, 3, 4}, &err),
              err);
    assert_int_equal(FORAY_AT(&array, int32_t, 1, 2, 3), 23);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contiguous_arrays_take_any_shape),
        cmocka_unit_test(test_strided_arrays_take_what_numpy_gives_them),
        cmocka_unit_test(test_0d_and_single_elements),
        cmocka_unit_test(test_empty_arrays_take_any_empty_shape),
        cmocka_unit_test(test_wrong_shapes_are_refused),
        cmocka_unit_test(test_reshape_of_an_array_onto_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
