#include "helpers.h"

#include <string.h>

#include <foray/array.h>

/* A (2, 3, 4) array whose element [i, j, k] is 100 i + 10 j + k. */
static int32_t numbers[2][3][4];
static const size_t shape[3] = {2, 3, 4};

static struct foray_array make(void)
{
    struct foray_array array;
    struct foray_error err;

    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 4; k++)
                numbers[i][j][k] = 100 * i + 10 * j + k;
    assert_ok(foray_array_wrap(&array, numbers, FORAY_I32, 3, shape, &err),
              err);
    return array;
}

static void test_wrap_lays_out_in_c_order(void **state)
{
    struct foray_array array = make();

    (void)state;
    assert_int_equal(array.itemsize, 4);
    assert_int_equal(array.mode, FORAY_READ_WRITE);
    assert_int_equal(array.strides[0], 48);
    assert_int_equal(array.strides[1], 16);
    assert_int_equal(array.strides[2], 4);
    assert_null(array.segment);
    assert_int_equal(foray_array_nitems(&array), 24);
    assert_int_equal(foray_array_nbytes(&array), 96);
    assert_int_equal(FORAY_AT(&array, int32_t, 1, 2, 3), 123);
}

static void test_wrap_refuses_what_is_no_array(void **state)
{
    size_t huge[3] = {(size_t)1 << 62, 0, 4}, axes[33];
    struct foray_array array;
    struct foray_error err;

    (void)state;
    for (int k = 0; k < 33; k++)
        axes[k] = 1;
    assert_int_equal(
        foray_array_wrap(&array, numbers, FORAY_I32, 33, axes, &err),
        FORAY_EINVAL);
    assert_int_equal(
        foray_array_wrap(&array, numbers, FORAY_I32, -1, axes, &err),
        FORAY_EINVAL);
    assert_int_equal(
        foray_array_wrap(&array, numbers, FORAY_OPAQUE, 1, axes, &err),
        FORAY_EINVAL);
    assert_int_equal(
        foray_array_wrap(&array, numbers, FORAY_I32, 3, huge, &err),
        FORAY_ERANGE);
    assert_non_null(strstr(err.msg, "(4611686018427387904, 0, 4) of i32"));
    assert_ok(foray_array_wrap(&array, numbers, FORAY_I32, 32, axes, &err),
              err);
}

static void test_a_0d_array_is_one_element(void **state)
{
    struct foray_array array;
    struct foray_error err;
    double number = 2.5;

    (void)state;
    assert_ok(foray_array_wrap(&array, &number, FORAY_F64, 0, NULL, &err), err);
    assert_int_equal(foray_array_nitems(&array), 1);
    assert_int_equal(foray_array_nbytes(&array), 8);
    assert_true(foray_array_is_contiguous(&array, FORAY_C_ORDER));
    assert_true(foray_array_is_contiguous(&array, FORAY_F_ORDER));
    assert_ptr_equal(foray_array_address(&array, NULL), &number);
}

static void test_is_contiguous_ignores_axes_of_length_1(void **state)
{
    struct foray_array array = make(), view;
    struct foray_error err;

    (void)state;
    assert_true(foray_array_is_contiguous(&array, FORAY_C_ORDER));
    assert_false(foray_array_is_contiguous(&array, FORAY_F_ORDER));
    assert_ok(foray_array_transpose(&view, &array, NULL, &err), err);
    assert_true(foray_array_is_contiguous(&view, FORAY_F_ORDER));
    assert_true(foray_array_is_contiguous(&view, FORAY_ANY_ORDER));
    assert_false(foray_array_is_contiguous(&view, FORAY_C_ORDER));
    assert_ok(foray_array_slice(&view, &array, 2, 0, 2, 1, &err), err);
    assert_false(foray_array_is_contiguous(&view, FORAY_ANY_ORDER));
    assert_ok(foray_array_slice(&view, &array, 2, 1, 1, 1, &err), err);
    assert_true(foray_array_is_contiguous(&view, FORAY_C_ORDER));
    assert_true(foray_array_is_contiguous(&view, FORAY_F_ORDER));
    assert_ok(foray_array_slice(&view, &array, 0, 1, 2, 7, &err), err);
    assert_true(foray_array_is_contiguous(&view, FORAY_C_ORDER));
    assert_ok(foray_array_slice(&view, &array, 2, FORAY_TO_END, FORAY_TO_END,
                                -1, &err),
              err);
    assert_false(foray_array_is_contiguous(&view, FORAY_ANY_ORDER));
}

static void test_address_checks_every_index(void **state)
{
    struct foray_array array = make();
    size_t index[3] = {1, 2, 3};

    (void)state;
    assert_ptr_equal(foray_array_address(&array, index), &numbers[1][2][3]);
    index[0] = 2;
    assert_null(foray_array_address(&array, index));
    index[0] = 0;
    index[2] = SIZE_MAX;
    assert_null(foray_array_address(&array, index));
}

/* Against a definition of its own: what Python's range(*slice.indices(n))
 * visits, counted out position by position. */
static size_t visit(ptrdiff_t *out, ptrdiff_t n, ptrdiff_t start,
                    ptrdiff_t stop, ptrdiff_t step)
{
    ptrdiff_t least = step < 0 ? -1 : 0, most = step < 0 ? n - 1 : n, i;
    size_t count = 0;

    if (start < 0)
        start += n;
    if (start < least)
        start = least;
    if (start > most)
        start = most;
    if (stop == FORAY_TO_END) {
        stop = step < 0 ? -1 : n;
    } else {
        if (stop < 0)
            stop += n;
        if (stop < least)
            stop = least;
        if (stop > most)
            stop = most;
    }
    for (i = start; step < 0 ? i > stop : i < stop; i += step)
        out[count++] = i;
    return count;
}

static void test_slice_as_python(void **state)
{
    int64_t items[7] = {0, 1, 2, 3, 4, 5, 6};
    struct foray_array array, view;
    struct foray_error err;
    ptrdiff_t expected[8];

    (void)state;
    for (size_t n = 0; n <= 7; n++) {
        assert_ok(foray_array_wrap(&array, items, FORAY_I64, 1, &n, &err), err);
        for (ptrdiff_t start = -9; start <= 9; start++)
            for (ptrdiff_t stop = -9; stop <= 10; stop++)
                for (ptrdiff_t step = -4; step <= 4; step++) {
                    ptrdiff_t end = stop == 10 ? FORAY_TO_END : stop;
                    size_t count;

                    if (!step)
                        continue;
                    count = visit(expected, (ptrdiff_t)n, start, end, step);
                    assert_ok(foray_array_slice(&view, &array, 0, start, end,
                                                step, &err),
                              err);
                    assert_int_equal(view.shape[0], count);
                    for (size_t i = 0; i < count; i++)
                        assert_int_equal(FORAY_AT(&view, int64_t, i),
                                         expected[i]);
                }
    }
}

static void test_slice_takes_extreme_numbers(void **state)
{
    struct foray_array array = make(), view;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_slice(&view, &array, 1, PTRDIFF_MIN, PTRDIFF_MAX,
                                PTRDIFF_MAX, &err),
              err);
    assert_int_equal(view.shape[1], 1);
    assert_int_equal(FORAY_AT(&view, int32_t, 1, 0, 2), 102);
    assert_ok(foray_array_slice(&view, &array, 1, PTRDIFF_MAX, PTRDIFF_MIN,
                                PTRDIFF_MIN, &err),
              err);
    assert_int_equal(view.shape[1], 1);
    assert_int_equal(FORAY_AT(&view, int32_t, 1, 0, 2), 122);
    assert_int_equal(foray_array_slice(&view, &array, 1, 0, 1, 0, &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_array_slice(&view, &array, 3, 0, 1, 1, &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_array_slice(&view, &array, -1, 0, 1, 1, &err),
                     FORAY_EINVAL);
}

static void test_slice_of_an_array_onto_itself(void **state)
{
    struct foray_array array = make();
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_slice(&array, &array, 1, -1, FORAY_TO_END, -2, &err),
              err);
    assert_int_equal(array.shape[1], 2);
    assert_int_equal(FORAY_AT(&array, int32_t, 1, 0, 3), 123);
    assert_int_equal(FORAY_AT(&array, int32_t, 1, 1, 3), 103);
}

static void test_index_drops_its_axis(void **state)
{
    struct foray_array array = make(), view;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_index(&view, &array, 1, 2, &err), err);
    assert_int_equal(view.ndim, 2);
    assert_int_equal(view.shape[0], 2);
    assert_int_equal(view.shape[1], 4);
    assert_int_equal(FORAY_AT(&view, int32_t, 1, 3), 123);
    assert_int_equal(foray_array_index(&view, &array, 1, 3, &err),
                     FORAY_ERANGE);
    assert_non_null(strstr(err.msg, "axis 1 has 3 elements"));
    assert_int_equal(foray_array_index(&view, &array, 3, 0, &err),
                     FORAY_EINVAL);
    assert_ok(foray_array_index(&array, &array, 0, 1, &err), err);
    assert_ok(foray_array_index(&array, &array, 0, 1, &err), err);
    assert_ok(foray_array_index(&array, &array, 0, 1, &err), err);
    assert_int_equal(array.ndim, 0);
    assert_int_equal(*(int32_t *)array.data, 111);
    assert_int_equal(foray_array_index(&view, &array, 0, 0, &err),
                     FORAY_EINVAL);
}

static void test_transpose_permutes(void **state)
{
    const int axes[3] = {2, 0, 1}, twice[3] = {0, 1, 1}, wrong[3] = {0, 1, 3};
    struct foray_array array = make(), view;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_transpose(&view, &array, axes, &err), err);
    assert_int_equal(view.shape[0], 4);
    assert_int_equal(view.shape[1], 2);
    assert_int_equal(view.shape[2], 3);
    assert_int_equal(FORAY_AT(&view, int32_t, 3, 1, 2), 123);
    assert_ok(foray_array_transpose(&array, &array, NULL, &err), err);
    assert_int_equal(FORAY_AT(&array, int32_t, 3, 2, 1), 123);
    assert_int_equal(foray_array_transpose(&view, &array, twice, &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_array_transpose(&view, &array, wrong, &err),
                     FORAY_EINVAL);
}

static void test_views_of_an_empty_array_move_no_address(void **state)
{
    size_t empty[2] = {5, 0};
    struct foray_array array, view;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_wrap(&array, NULL, FORAY_F64, 2, empty, &err), err);
    assert_ok(foray_array_slice(&view, &array, 0, 3, FORAY_TO_END, 1, &err),
              err);
    assert_null(view.data);
    assert_int_equal(view.shape[0], 2);
    assert_ok(foray_array_index(&view, &array, 0, 4, &err), err);
    assert_null(view.data);
    assert_int_equal(foray_array_nitems(&view), 0);
}

static void check_required(int code, const struct foray_array *array,
                           enum foray_dtype dtype, int ndim,
                           enum foray_order order, const char *said)
{
    struct foray_error err = {0};

    assert_int_equal(foray_array_require(array, dtype, ndim, order, &err),
                     code);
    if (said)
        assert_non_null(strstr(err.msg, said));
}

static void test_require_names_both_sides(void **state)
{
    struct foray_array array = make(), view;

    (void)state;
    check_required(0, &array, FORAY_I32, 3, FORAY_C_ORDER, NULL);
    check_required(0, &array, FORAY_I32, -1, FORAY_ANY_ORDER, NULL);
    check_required(FORAY_EDTYPE, &array, FORAY_F64, 3, FORAY_C_ORDER,
                   "of type i32, f64 is needed");
    check_required(FORAY_ESHAPE, &array, FORAY_I32, 2, FORAY_C_ORDER,
                   "(2, 3, 4) has 3 axes, 2 are needed");
    check_required(FORAY_ESHAPE, &array, FORAY_I32, 3, FORAY_F_ORDER,
                   "Fortran order");
    view = array;
    view.swapped = true;
    check_required(FORAY_EDTYPE, &view, FORAY_I32, 3, FORAY_C_ORDER,
                   "foreign byte order");
}

static void test_require_refuses_misaligned_elements(void **state)
{
    struct foray_array array = make(), view = array;

    (void)state;
    view.data = (char *)array.data + 1;
    view.shape[0] = 1;
    check_required(FORAY_ESHAPE, &view, FORAY_I32, 3, FORAY_C_ORDER,
                   "addresses");
    view = array;
    view.strides[0] = 49;
    check_required(FORAY_ESHAPE, &view, FORAY_I32, 3, FORAY_ANY_ORDER,
                   "addresses");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrap_lays_out_in_c_order),
        cmocka_unit_test(test_wrap_refuses_what_is_no_array),
        cmocka_unit_test(test_a_0d_array_is_one_element),
        cmocka_unit_test(test_is_contiguous_ignores_axes_of_length_1),
        cmocka_unit_test(test_address_checks_every_index),
        cmocka_unit_test(test_slice_as_python),
        cmocka_unit_test(test_slice_takes_extreme_numbers),
        cmocka_unit_test(test_slice_of_an_array_onto_itself),
        cmocka_unit_test(test_index_drops_its_axis),
        cmocka_unit_test(test_transpose_permutes),
        cmocka_unit_test(test_views_of_an_empty_array_move_no_address),
        cmocka_unit_test(test_require_names_both_sides),
        cmocka_unit_test(test_require_refuses_misaligned_elements),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
