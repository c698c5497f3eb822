/* Sums, means and extremes of whole arrays. */
#include "helpers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>

#include "every_pool.h"

/* All that is asked of an array. */
struct values {
    double sum, mean, min, max;
};

static struct values ask(struct foray_pool *pool,
                         const struct foray_array *array)
{
    struct values values;
    struct foray_error err;

    memset(&values, 0, sizeof values);
    assert_ok(foray_array_sum(&values.sum, pool, array, &err), err);
    assert_ok(foray_array_mean(&values.mean, pool, array, &err), err);
    assert_ok(foray_array_min(&values.min, pool, array, &err), err);
    assert_ok(foray_array_max(&values.max, pool, array, &err), err);
    return values;
}

/* The same, after making sure that all pools give the same bits. */
static struct values ask_everywhere(const struct foray_array *array)
{
    struct values first = ask(every_pool[0], array);

    for (int p = 1; p < N_EVERY_POOL; p++) {
        struct values values = ask(every_pool[p], array);

        assert_memory_equal(&values, &first, sizeof first);
    }
    return first;
}

static void test_a_million_doubles(void **state)
{
    enum { N = 1000000 };
    double *x = random_numbers(N);
    struct foray_array array = vector(x, FORAY_F64, N);
    long double sum = 0, lost = 0; /* Kahan: digits to spare */
    struct values values = ask_everywhere(&array);
    double min = INFINITY, max = -INFINITY;

    (void)state;
    for (int i = 0; i < N; i++) {
        volatile long double next = sum + (x[i] - lost);

        lost = (next - sum) - (x[i] - lost);
        sum = next;
        min = fmin(min, x[i]);
        max = fmax(max, x[i]);
    }
    assert_true(values.sum == (double)sum);
    assert_true(values.mean == (double)sum / N);
    assert_true(values.min == min);
    assert_true(values.max == max);
    free(x);
}

static void test_what_cancels_leaves_its_last_digits(void **state)
{
    enum { N = 300000 };
    double *x = malloc(N * sizeof *x);
    struct foray_array array = vector(x, FORAY_F64, N);

    (void)state;
    assert_non_null(x);
    for (int i = 0; i < N; i++) /* the large ones in two different tasks */
        x[i] = i == 1000 ? 1e20 : i == 250000 ? -1e20 : 1;
    assert_true(ask_everywhere(&array).sum == N - 2);
    free(x);
}

/* Every dtype, in both byte orders, forwards and through strides. */
static void test_every_real_dtype_and_layout(void **state)
{
    static const enum foray_dtype dtypes[] = {
        FORAY_BOOL, FORAY_I8,  FORAY_I16, FORAY_I32, FORAY_I64, FORAY_U8,
        FORAY_U16,  FORAY_U32, FORAY_U64, FORAY_F16, FORAY_F32, FORAY_F64};
    enum { ROWS = 70, COLS = 40 };
    static double x[ROWS][COLS];
    size_t shape[2] = {ROWS, COLS};
    struct foray_array source;
    struct foray_error err;

    (void)state;
    for (int i = 0; i < ROWS * COLS; i++)
        x[i / COLS][i % COLS] = i % 101;
    assert_ok(foray_array_wrap(&source, x, FORAY_F64, 2, shape, &err), err);
    for (size_t k = 0; k < 2 * sizeof dtypes / sizeof dtypes[0]; k++) {
        struct foray_array array, view;
        double sum = 0, min = 1000, max = -1000;
        struct values values;

        assert_ok(
            foray_array_create(&array, NULL, dtypes[k / 2], 2, shape, &err),
            err);
        array.swapped = k % 2;
        assert_ok(foray_array_copy(&array, &source, &err), err);
        values = ask_everywhere(&array);
        assert_true(values.mean == values.sum / (ROWS * COLS));
        /* Backwards every third column, transposed. */
        assert_ok(
            foray_array_slice(&view, &array, 1, -1, FORAY_TO_END, -3, &err),
            err);
        assert_ok(foray_array_transpose(&view, &view, NULL, &err), err);
        values = ask_everywhere(&view);
        for (int i = 0; i < ROWS; i++)
            for (int j = COLS - 1; j >= 0; j -= 3) {
                double item =
                    dtypes[k / 2] == FORAY_BOOL ? x[i][j] != 0 : x[i][j];

                sum += item;
                min = fmin(min, item);
                max = fmax(max, item);
            }
        assert_true(values.sum == sum);
        assert_true(values.min == min);
        assert_true(values.max == max);
        assert_int_equal(foray_array_close(&array, NULL), 0);
    }
}

/* Rows longer than what is looked at in one go, axes in another order: private
 * arrays are copied for workers in another layout, and used in place by the
 * serial backend. */
static void test_layouts_do_not_show_in_the_bits(void **state)
{
    enum { N = 30 * 70 * 100 };
    double *x = random_numbers(N);
    static const int axes[3] = {1, 0, 2};
    size_t shape[3] = {30, 70, 100};
    struct foray_array array, view, copy;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_wrap(&array, x, FORAY_F64, 3, shape, &err), err);
    assert_ok(foray_array_slice(&view, &array, 2, 1, 99, 1, &err), err);
    for (int k = 0; k < 2; k++) {
        struct values here = ask_everywhere(&view), there;

        /* With other strides, in the other byte order. */
        assert_ok(foray_array_create(&copy, NULL, FORAY_F64, 3, shape, &err),
                  err);
        assert_ok(foray_array_slice(&array, &copy, 2, 0, 98, 1, &err), err);
        if (k)
            assert_ok(foray_array_transpose(&array, &array, axes, &err), err);
        array.swapped = true;
        assert_ok(foray_array_copy(&array, &view, &err), err);
        there = ask_everywhere(&array);
        assert_memory_equal(&here, &there, sizeof here);
        assert_int_equal(foray_array_close(&copy, NULL), 0);
        assert_ok(foray_array_transpose(&view, &view, axes, &err), err);
    }
    free(x);
}

static void test_nan_and_infinity(void **state)
{
    double x[1000];
    struct foray_array array = vector(x, FORAY_F64, 1000);
    struct values values;

    (void)state;
    for (int i = 0; i < 1000; i++)
        x[i] = i;
    x[500] = INFINITY;
    values = ask_everywhere(&array);
    assert_true(values.sum == INFINITY && values.mean == INFINITY);
    assert_true(values.min == 0 && values.max == INFINITY);
    x[900] = -INFINITY;
    values = ask_everywhere(&array);
    assert_true(isnan(values.sum) && isnan(values.mean));
    assert_true(values.min == -INFINITY && values.max == INFINITY);
    x[500] = NAN;
    values = ask_everywhere(&array);
    assert_true(isnan(values.sum) && isnan(values.min) && isnan(values.max));
    x[500] = 1e308;
    x[501] = 1e308;
    x[900] = 0;
    values = ask_everywhere(&array);
    assert_true(values.sum == INFINITY);
}

static void test_sums_of_integers_are_exact(void **state)
{
    static int64_t x[1000];
    static uint64_t y[1000];
    struct foray_array array = vector(x, FORAY_I64, 1000);
    struct foray_array positive = vector(y, FORAY_U64, 1000);

    (void)state;
    for (int i = 0; i < 1000; i++) /* on the way the sum is far beyond i64 */
        x[i] = i < 500 ? INT64_MAX : INT64_MIN;
    x[999] += 499;
    y[0] = UINT64_MAX - 3;
    y[999] = 3;
    for (int p = 0; p < N_EVERY_POOL; p++) {
        struct foray_error err;
        uint64_t total = 0;
        int64_t sum = 0;

        assert_ok(foray_array_sum_i64(&sum, every_pool[p], &array, &err), err);
        assert_true(sum == -1);
        assert_int_equal(
            foray_array_sum_u64(&total, every_pool[p], &array, &err),
            FORAY_ERANGE);
        assert_ok(foray_array_sum_u64(&total, every_pool[p], &positive, &err),
                  err);
        assert_true(total == UINT64_MAX);
        assert_int_equal(
            foray_array_sum_i64(&sum, every_pool[p], &positive, &err),
            FORAY_ERANGE);
        assert_non_null(strstr(err.msg, "1.84467e+19"));
        assert_true(sum == -1);
    }
    y[500] = 1;
    assert_int_equal(
        foray_array_sum_u64(&(uint64_t){0}, every_pool[0], &positive, NULL),
        FORAY_ERANGE);
    assert_true(ask_everywhere(&positive).sum == 0x1p64);
    assert_true(ask_everywhere(&positive).max == 0x1p64);
}

static void test_arrays_without_elements_and_without_axes(void **state)
{
    size_t shape[2] = {5, 0};
    double x = 3, value = -1;
    struct foray_array empty, scalar;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_wrap(&empty, &x, FORAY_F64, 2, shape, &err), err);
    assert_ok(foray_array_wrap(&scalar, &x, FORAY_F64, 0, NULL, &err), err);
    for (int p = 0; p < N_EVERY_POOL; p++) {
        assert_ok(foray_array_sum(&value, every_pool[p], &empty, &err), err);
        assert_true(value == 0);
        assert_ok(foray_array_mean(&value, every_pool[p], &empty, &err), err);
        assert_true(isnan(value));
        assert_int_equal(foray_array_min(&value, every_pool[p], &empty, &err),
                         FORAY_ESHAPE);
        assert_int_equal(foray_array_max(&value, every_pool[p], &empty, &err),
                         FORAY_ESHAPE);
    }
    assert_true(ask_everywhere(&scalar).sum == 3);
    assert_true(ask_everywhere(&scalar).min == 3);
}

static void test_other_dtypes_are_refused(void **state)
{
    float x[4] = {1, 2, 3, 4};
    struct foray_array array = vector(x, FORAY_C64, 2);
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_array_sum(&(double){0}, every_pool[0], &array, &err),
                     FORAY_EDTYPE);
    assert_non_null(strstr(err.msg, "c64"));
    assert_int_equal(foray_array_max(&(double){0}, every_pool[0], &array, &err),
                     FORAY_EDTYPE);
    array = vector(x, FORAY_F32, 4);
    assert_int_equal(
        foray_array_sum_i64(&(int64_t){0}, every_pool[0], &array, &err),
        FORAY_EDTYPE);
    assert_non_null(strstr(err.msg, "foray_array_sum"));
}

/* The first of the least and of the greatest, by hand. */
static void check_places(const struct foray_array *array, const double *x)
{
    size_t n = foray_array_nitems(array), least = 0, greatest = 0, place;
    struct foray_error err;

    for (size_t i = 1; i < n; i++) {
        if (isnan(x[i]) ? !isnan(x[least]) : x[i] < x[least])
            least = i;
        if (isnan(x[i]) ? !isnan(x[greatest]) : x[i] > x[greatest])
            greatest = i;
    }
    for (int p = 0; p < N_EVERY_POOL; p++) {
        assert_ok(foray_array_argmin(&place, every_pool[p], array, &err), err);
        assert_int_equal(place, least);
        assert_ok(foray_array_argmax(&place, every_pool[p], array, &err), err);
        assert_int_equal(place, greatest);
    }
}

static void test_places(void **state)
{
    enum { A = 3, B = 50, C = 20 };
    static double x[A * B * C], y[A * B * C];
    size_t shape[3] = {A, B, C}, place;
    struct foray_array array, turned, empty = vector(x, FORAY_F64, 0);
    uint64_t large[3] = {UINT64_MAX - 1, UINT64_MAX, UINT64_MAX};
    struct foray_array whole = vector(large, FORAY_U64, 3);
    struct foray_error err;

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < A * B * C; i++)
            x[i] = (i * 7919 + round) % 401;
        if (round == 2)
            x[2000] = x[700] = (double)NAN;
        assert_ok(foray_array_wrap(&array, x, FORAY_F64, 3, shape, &err), err);
        check_places(&array, x);
        assert_ok(
            foray_array_transpose(&turned, &array, (int[]){2, 0, 1}, &err),
            err);
        for (int i = 0; i < C; i++)
            for (int j = 0; j < A * B; j++)
                y[i * A * B + j] = x[j * C + i];
        check_places(&turned, y);
    }
    assert_ok(foray_array_argmin(&place, NULL, &whole, &err), err);
    assert_int_equal(place, 0);
    assert_ok(foray_array_argmax(&place, NULL, &whole, &err), err);
    assert_int_equal(place, 1);
    assert_int_equal(foray_array_argmax(&place, NULL, &empty, &err),
                     FORAY_ESHAPE);
    whole.ndim = 0;
    assert_ok(foray_array_argmax(&place, NULL, &whole, &err), err);
    assert_int_equal(place, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_million_doubles),
        cmocka_unit_test(test_what_cancels_leaves_its_last_digits),
        cmocka_unit_test(test_every_real_dtype_and_layout),
        cmocka_unit_test(test_layouts_do_not_show_in_the_bits),
        cmocka_unit_test(test_nan_and_infinity),
        cmocka_unit_test(test_sums_of_integers_are_exact),
        cmocka_unit_test(test_arrays_without_elements_and_without_axes),
        cmocka_unit_test(test_other_dtypes_are_refused),
        cmocka_unit_test(test_places),
    };

    return cmocka_run_group_tests(tests, open_every_pool, close_every_pool);
}
