#include "helpers.h"

#include <stdlib.h>
#include <string.h>

#include <foray/array.h>

/* A generator of its own, so that every run copies the same shapes. */
static uint32_t dice_state = 1;

static size_t dice(size_t sides)
{
    dice_state = dice_state * 1664525 + 1013904223;
    return (dice_state >> 8) % sides;
}

enum { SPAN = 20000 };

/* A random view of 0 to 4 axes into `base`, which holds SPAN bytes; axes of
 * `shape` when `ndim` is not -1. */
static struct foray_array random_view(unsigned char *base, size_t itemsize,
                                      int ndim, const size_t *shape)
{
    static const enum foray_dtype dtypes[] = {FORAY_OPAQUE, FORAY_U8, FORAY_I16,
                                              FORAY_OPAQUE, FORAY_F32};
    struct foray_array view = {.mode = FORAY_READ_WRITE, .itemsize = itemsize};
    ptrdiff_t stride = (ptrdiff_t)(itemsize + dice(2) * dice(9));
    int order[4] = {0, 1, 2, 3};

    view.dtype = itemsize <= 4 ? dtypes[itemsize] : FORAY_OPAQUE;
    view.ndim = ndim < 0 ? (int)dice(5) : ndim;
    for (int k = 0; k < view.ndim; k++)
        view.shape[k] = shape ? shape[k] : 1 + dice(5);
    for (int k = view.ndim - 1; k > 0; k--) {
        int other = (int)dice((size_t)k + 1), swap = order[k];

        order[k] = order[other];
        order[other] = swap;
    }
    view.data = base;
    for (int i = 0; i < view.ndim; i++) {
        int k = order[i];

        view.strides[k] = stride;
        stride = stride * (ptrdiff_t)view.shape[k] + (ptrdiff_t)(dice(3) / 2);
        if (dice(3) == 0) {
            view.data = (char *)view.data +
                        view.strides[k] * (ptrdiff_t)(view.shape[k] - 1);
            view.strides[k] = -view.strides[k];
        }
    }
    return view;
}

/* Element `i` in C order. */
static unsigned char *element(const struct foray_array *array, size_t i)
{
    size_t index[FORAY_MAX_NDIM] = {0};

    for (int k = array->ndim - 1; k >= 0; k--) {
        index[k] = i % array->shape[k];
        i /= array->shape[k];
    }
    return foray_array_address(array, index);
}

static void fill(unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)dice(256);
}

/* What the copy must leave behind: elements read first, written one by one. */
static void copy_slowly(const struct foray_array *dst,
                        const struct foray_array *src)
{
    static unsigned char items[16 * 625];
    size_t n = foray_array_nitems(src);

    for (size_t i = 0; i < n; i++)
        memcpy(items + i * src->itemsize, element(src, i), src->itemsize);
    for (size_t i = 0; i < n; i++) {
        unsigned char *item = items + i * src->itemsize;

        if (dst->swapped != src->swapped)
            for (size_t k = 0; k < dst->itemsize; k++)
                element(dst, i)[k] = item[dst->itemsize - 1 - k];
        else
            memcpy(element(dst, i), item, dst->itemsize);
    }
}

static const size_t itemsizes[] = {1, 2, 3, 4, 8, 12, 16};

/* Random views of two separate pieces of memory, or of one. */
static void check_views(size_t itemsize, bool overlapping)
{
    static unsigned char memory[4 * SPAN], before[4 * SPAN], result[4 * SPAN];
    size_t far = overlapping ? dice(64) : 2 * SPAN;
    struct foray_array src = random_view(memory, itemsize, -1, NULL);
    struct foray_array dst =
        random_view(memory + far, itemsize, src.ndim, src.shape);
    struct foray_error err;

    if (itemsize == 2 || itemsize == 4)
        dst.swapped = dice(2);
    fill(memory, sizeof memory);
    memcpy(before, memory, sizeof memory);
    assert_ok(foray_array_copy(&dst, &src, &err), err);
    memcpy(result, memory, sizeof memory);
    memcpy(memory, before, sizeof memory);
    copy_slowly(&dst, &src);
    assert_memory_equal(result, memory, sizeof memory);
}

static void test_any_views_of_equal_shape(void **state)
{
    (void)state;
    for (int i = 0; i < 2100; i++)
        check_views(itemsizes[i % 7], false);
}

static void test_overlapping_views_as_if_read_first(void **state)
{
    (void)state;
    for (int i = 0; i < 2100; i++)
        check_views(itemsizes[i % 7], true);
}

static void test_rows_shifted_by_one(void **state)
{
    size_t shape[2] = {100, 50};
    struct foray_array array, upper, lower;
    struct foray_error err;
    int16_t *numbers = calloc(5000, sizeof *numbers);

    (void)state;
    for (int i = 0; i < 5000; i++)
        numbers[i] = (int16_t)i;
    assert_ok(foray_array_wrap(&array, numbers, FORAY_I16, 2, shape, &err),
              err);
    assert_ok(foray_array_slice(&upper, &array, 0, 0, -1, 1, &err), err);
    assert_ok(foray_array_slice(&lower, &array, 0, 1, FORAY_TO_END, 1, &err),
              err);
    assert_ok(foray_array_copy(&lower, &upper, &err), err);
    for (int i = 50; i < 5000; i++)
        assert_int_equal(numbers[i], i - 50);
    assert_ok(foray_array_slice(&upper, &array, 0, -1, FORAY_TO_END, -1, &err),
              err);
    assert_ok(foray_array_copy(&array, &upper, &err), err); /* x[:] = x[::-1] */
    assert_int_equal(numbers[0], 4900);
    assert_int_equal(numbers[4999], 49);
    free(numbers);
}

/* Large enough that every tile and block has a rest. */
static void test_large_transposes_and_pixels(void **state)
{
    size_t shape[3] = {67, 131, 4};
    static float from[67 * 131 * 4], to[67 * 131 * 4];
    static uint8_t bytes[67 * 131 * 3];
    struct foray_array src, dst, view;
    struct foray_error err;

    (void)state;
    for (int i = 0; i < 67 * 131 * 4; i++)
        from[i] = (float)(i % 251);
    assert_ok(foray_array_wrap(&src, from, FORAY_F32, 3, shape, &err), err);
    assert_ok(foray_array_transpose(&view, &src, NULL, &err), err);
    assert_ok(foray_array_wrap(&dst, to, FORAY_F32, 3, view.shape, &err), err);
    assert_ok(foray_array_copy(&dst, &view, &err), err);
    for (size_t i = 0; i < 67; i++)
        for (size_t j = 0; j < 131; j++)
            for (size_t k = 0; k < 4; k++)
                if (FORAY_AT(&dst, float, k, j, i) !=
                    FORAY_AT(&src, float, i, j, k))
                    fail_msg("[%zu, %zu, %zu] is wrong", i, j, k);

    assert_ok(foray_array_slice(&view, &src, 2, 0, 3, 1, &err), err);
    assert_ok(foray_array_wrap(&dst, bytes, FORAY_U8, 3, view.shape, &err),
              err);
    assert_ok(foray_array_copy(&dst, &view, &err), err);
    for (size_t i = 0; i < 67 * 131; i++)
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(bytes[3 * i + k], (int)from[4 * i + k]);
}

static void test_a_row_repeated_by_a_stride_of_0(void **state)
{
    int32_t row[3] = {7, 8, 9}, rows[4][3];
    struct foray_array src, dst;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_wrap(&src, row, FORAY_I32, 2, (size_t[]){1, 3}, &err),
              err);
    src.shape[0] = 4;
    src.strides[0] = 0;
    assert_ok(
        foray_array_wrap(&dst, rows, FORAY_I32, 2, (size_t[]){4, 3}, &err),
        err);
    assert_ok(foray_array_copy(&dst, &src, &err), err);
    for (int i = 0; i < 4; i++)
        assert_memory_equal(rows[i], row, sizeof row);
}

static void test_conversion_in_place(void **state)
{
    float numbers[1000];
    int32_t converted[1000];
    struct foray_array floats, integers;
    struct foray_error err;
    size_t n = 1000;

    (void)state;
    for (int i = 0; i < 1000; i++)
        numbers[i] = (float)i / 2;
    assert_ok(foray_array_wrap(&floats, numbers, FORAY_F32, 1, &n, &err), err);
    assert_ok(foray_array_wrap(&integers, numbers, FORAY_I32, 1, &n, &err),
              err);
    assert_ok(foray_array_copy(&integers, &floats, &err), err);
    memcpy(converted, numbers, sizeof converted);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(converted[i], i / 2);
}

static void test_0d_and_empty(void **state)
{
    double from = 2.75, to = 0;
    struct foray_array src, dst;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_wrap(&src, &from, FORAY_F64, 0, NULL, &err), err);
    assert_ok(foray_array_wrap(&dst, &to, FORAY_F64, 0, NULL, &err), err);
    assert_ok(foray_array_copy(&dst, &src, &err), err);
    assert_true(to == 2.75);
    assert_ok(
        foray_array_wrap(&src, NULL, FORAY_F64, 2, (size_t[]){0, 9}, &err),
        err);
    assert_ok(foray_array_wrap(&dst, NULL, FORAY_I8, 2, (size_t[]){0, 9}, &err),
              err);
    assert_ok(foray_array_copy(&dst, &src, &err), err);
}

/* A .npy file without padding has its elements anywhere. */
static void test_misaligned_elements(void **state)
{
    unsigned char bytes[1 + 8 * 300], *guard = guarded(8 * 300 + 3);
    double number = 1.5, back;
    struct foray_array src, dst;
    struct foray_error err;
    size_t n = 300;

    (void)state;
    for (size_t i = 0; i < n; i++)
        memcpy(bytes + 1 + 8 * i, &number, 8);
    assert_ok(foray_array_wrap(&src, bytes + 1, FORAY_F64, 1, &n, &err), err);
    assert_ok(foray_array_wrap(&dst, guard + 3, FORAY_I64, 1, &n, &err), err);
    assert_ok(foray_array_copy(&dst, &src, &err), err);
    assert_int_equal(guard[3 + 8 * 299], 1);
    dst.dtype = FORAY_F64;
    assert_ok(foray_array_copy(&dst, &src, &err), err);
    memcpy(&back, guard + 3 + 8 * 299, 8);
    assert_true(back == 1.5);
    guarded_free(guard, 8 * 300 + 3);
}

static void test_what_cannot_be_copied(void **state)
{
    int32_t numbers[6] = {0};
    struct foray_array a, b;
    struct foray_error err;

    (void)state;
    assert_ok(
        foray_array_wrap(&a, numbers, FORAY_I32, 2, (size_t[]){2, 3}, &err),
        err);
    assert_ok(
        foray_array_wrap(&b, numbers, FORAY_I32, 2, (size_t[]){3, 2}, &err),
        err);
    assert_int_equal(foray_array_copy(&a, &b, &err), FORAY_ESHAPE);
    assert_non_null(strstr(err.msg, "(2, 3)"));
    assert_non_null(strstr(err.msg, "(3, 2)"));
    b = a;
    b.mode = FORAY_READ;
    assert_int_equal(foray_array_copy(&b, &a, &err), FORAY_EACCES);
    assert_int_equal(foray_array_copy(&a, &b, &err), 0);
    b = a;
    b.dtype = FORAY_OPAQUE;
    assert_int_equal(foray_array_copy(&b, &a, &err), FORAY_EDTYPE);
    assert_int_equal(foray_array_copy(&a, &b, &err), FORAY_EDTYPE);
    a.dtype = FORAY_OPAQUE;
    a.itemsize = 2;
    assert_int_equal(foray_array_copy(&a, &b, &err), FORAY_EDTYPE);
    a.itemsize = 4;
    assert_int_equal(foray_array_copy(&a, &b, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_views_of_equal_shape),
        cmocka_unit_test(test_overlapping_views_as_if_read_first),
        cmocka_unit_test(test_rows_shifted_by_one),
        cmocka_unit_test(test_large_transposes_and_pixels),
        cmocka_unit_test(test_a_row_repeated_by_a_stride_of_0),
        cmocka_unit_test(test_conversion_in_place),
        cmocka_unit_test(test_0d_and_empty),
        cmocka_unit_test(test_misaligned_elements),
        cmocka_unit_test(test_what_cannot_be_copied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
