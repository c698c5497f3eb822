/* Statistics of whole arrays and along an axis. */
#include "helpers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>

#include "compute/moments_kernel.h"
#include "every_pool.h"

/* The same from every pool, in every bit. */
static struct foray_stats ask(const struct foray_array *array)
{
    struct foray_stats first, other;
    struct foray_error err;

    assert_ok(foray_array_stats(&first, every_pool[0], array, &err), err);
    for (int p = 1; p < N_EVERY_POOL; p++) {
        assert_ok(foray_array_stats(&other, every_pool[p], array, &err), err);
        assert_memory_equal(&other, &first, sizeof first);
    }
    return first;
}

/* Found the plain way, with digits to spare. */
static struct foray_stats plain(const double *x, size_t n)
{
    struct foray_stats stats = {
        .count = n, .min = (double)INFINITY, .max = -(double)INFINITY};
    long double sum = 0, squares = 0, mean;
    size_t numbers = 0;

    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) {
            stats.nans++;
            continue;
        }
        numbers++;
        sum += x[i];
        stats.min = fmin(stats.min, x[i]);
        stats.max = fmax(stats.max, x[i]);
    }
    mean = sum / (long double)numbers;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            squares += ((long double)x[i] - mean) * ((long double)x[i] - mean);
    stats.sum = (double)sum;
    stats.mean = (double)mean;
    stats.std = (double)sqrtl(squares / (long double)numbers);
    return stats;
}

static void check(const struct foray_stats *stats,
                  const struct foray_stats *expected)
{
    assert_int_equal(stats->count, expected->count);
    assert_int_equal(stats->nans, expected->nans);
    assert_true(stats->min == expected->min);
    assert_true(stats->max == expected->max);
    assert_close(stats->sum, expected->sum, 1e-9 * fabs(expected->sum));
    assert_close(stats->mean, expected->mean, 1e-9 * fabs(expected->mean));
    assert_close(stats->std, expected->std, 1e-12 * expected->std);
}

static void test_floats(void **state)
{
    enum { N = 300001 };
    double *x = random_numbers(N);
    struct foray_array array = vector(x, FORAY_F64, N);
    struct foray_stats expected, stats;

    (void)state;
    for (int i = 0; i < N; i += 37)
        x[i] = (double)NAN;
    expected = plain(x, N);
    stats = ask(&array);
    assert_false(stats.is_integer);
    check(&stats, &expected);
    free(x);
}

/* A large mean beside small deviations: where sums of squares fail. */
static void test_far_from_zero(void **state)
{
    enum { N = 100000 };
    double *x = malloc(N * sizeof *x);
    struct foray_array array = vector(x, FORAY_F64, N);
    struct foray_stats stats;

    (void)state;
    assert_non_null(x);
    for (int i = 0; i < N; i++)
        x[i] = 1e9 + i % 2;
    stats = ask(&array);
    assert_close(stats.std, 0.5, 1e-9);
    assert_close(stats.mean, 1e9 + 0.5, 1e-6);
    free(x);
}

static void test_infinities(void **state)
{
    double x[5] = {1, (double)INFINITY, 2, (double)NAN, 3};
    struct foray_array array = vector(x, FORAY_F64, 5);
    struct foray_stats stats = ask(&array);

    (void)state;
    assert_true(stats.min == 1 && isinf(stats.max) && isinf(stats.sum));
    assert_true(isinf(stats.mean) && isnan(stats.std));
    x[4] = -(double)INFINITY;
    stats = ask(&array);
    assert_true(isinf(stats.min) && isnan(stats.sum) && isnan(stats.mean));
}

static void test_nothing(void **state)
{
    double nan = (double)NAN;
    struct foray_array none = vector(&nan, FORAY_F64, 0);
    struct foray_array one = vector(&nan, FORAY_F64, 1);
    struct foray_stats stats = ask(&none);

    (void)state;
    assert_int_equal(stats.count, 0);
    assert_true(stats.sum == 0 && isnan(stats.min) && isnan(stats.std));
    stats = ask(&one);
    assert_int_equal(stats.nans, 1);
    assert_true(isnan(stats.max) && isnan(stats.mean) && stats.sum == 0);
}

static void test_integers_are_exact(void **state)
{
    int64_t x[3] = {INT64_MIN, INT64_MIN, 5};
    uint64_t y[3] = {UINT64_MAX, UINT64_MAX, 7};
    struct foray_array array = vector(x, FORAY_I64, 3);
    char text[FORAY_WIDE_SIZE];
    struct foray_stats stats = ask(&array);

    (void)state;
    assert_true(stats.is_integer);
    assert_string_equal(foray_wide_text(text, stats.total),
                        "-18446744073709551611");
    assert_string_equal(foray_wide_text(text, stats.least),
                        "-9223372036854775808");
    assert_string_equal(foray_wide_text(text, stats.greatest), "5");
    array = vector(y, FORAY_U64, 3);
    stats = ask(&array);
    assert_string_equal(foray_wide_text(text, stats.total),
                        "36893488147419103237");
    assert_string_equal(foray_wide_text(text, stats.greatest),
                        "18446744073709551615");
    assert_string_equal(foray_wide_text(text, (struct foray_wide){0, 0}), "0");
    assert_string_equal(
        foray_wide_text(text, (struct foray_wide){0, INT64_MIN}),
        "-170141183460469231731687303715884105728");
}

/* Every dtype, forwards and through strides, and along each axis. */
static void test_every_dtype_along_each_axis(void **state)
{
    static const enum foray_dtype dtypes[] = {
        FORAY_BOOL, FORAY_I8,  FORAY_I16, FORAY_I32, FORAY_I64, FORAY_U8,
        FORAY_U16,  FORAY_U32, FORAY_U64, FORAY_F16, FORAY_F32, FORAY_F64};
    enum { A = 7, B = 65, C = 12 };
    static double x[A][B][C];
    size_t shape[3] = {A, B, C};
    struct foray_array source;
    struct foray_error err;

    (void)state;
    for (int i = 0; i < A * B * C; i++)
        (&x[0][0][0])[i] = i * 7 % 101;
    assert_ok(foray_array_wrap(&source, x, FORAY_F64, 3, shape, &err), err);
    for (size_t d = 0; d < 2 * sizeof dtypes / sizeof dtypes[0]; d++) {
        struct foray_array array, view;

        assert_ok(
            foray_array_create(&array, NULL, dtypes[d / 2], 3, shape, &err),
            err);
        array.swapped = d % 2;
        assert_ok(foray_array_copy(&array, &source, &err), err);
        assert_ok(
            foray_array_slice(&view, &array, 1, -1, FORAY_TO_END, -3, &err),
            err);
        assert_ok(foray_array_transpose(&view, &view, (int[]){2, 0, 1}, &err),
                  err);
        for (int axis = 0; axis < 3; axis++) {
            size_t n = view.shape[axis], k = 0;
            struct foray_stats stats[A * B * C];
            size_t at[3], last[3];

            assert_ok(foray_array_stats_along(stats, every_pool[axis], &view,
                                              axis - 3, &err),
                      err);
            for (int j = 0; j < 3; j++)
                last[j] = j == axis ? 1 : view.shape[j];
            for (at[0] = 0; at[0] < last[0]; at[0]++)
                for (at[1] = 0; at[1] < last[1]; at[1]++)
                    for (at[2] = 0; at[2] < last[2]; at[2]++, k++) {
                        double line[B];
                        struct foray_stats expected;
                        size_t from[3] = {at[0], at[1], at[2]};

                        for (size_t i = 0; i < n; i++) {
                            double item;

                            from[axis] = i;
                            item = x[from[1]][B - 1 - 3 * from[2]][from[0]];
                            line[i] =
                                dtypes[d / 2] == FORAY_BOOL ? item != 0 : item;
                        }
                        expected = plain(line, n);
                        assert_int_equal(stats[k].is_integer, d / 2 < 9);
                        check(&stats[k], &expected);
                    }
        }
        assert_int_equal(foray_array_close(&array, NULL), 0);
    }
}

/* So many positions that tasks take slices of another axis. */
static void test_many_positions(void **state)
{
    enum { A = 3, B = 40, C = 900 };
    double *x = malloc(sizeof(double[A][B][C]));
    struct foray_stats *stats = calloc(B * C, sizeof *stats);
    size_t shape[3] = {A, B, C};
    struct foray_array array, view;
    struct foray_error err;

    (void)state;
    assert_non_null(x);
    assert_non_null(stats);
    for (int i = 0; i < A * B * C; i++)
        x[i] = i / (B * C) * 10 + i % (B * C);
    assert_ok(foray_array_wrap(&array, x, FORAY_F64, 3, shape, &err), err);
    for (int axis = 0; axis < 3; axis++) {
        /* The one that goes is first, second, last. */
        static const int orders[3][3] = {{0, 1, 2}, {1, 0, 2}, {1, 2, 0}};

        assert_ok(foray_array_transpose(&view, &array, orders[axis], &err),
                  err);
        assert_ok(
            foray_array_stats_along(stats, every_pool[2], &view, axis, &err),
            err);
        for (int i = 0; i < B * C; i++) {
            assert_int_equal(stats[i].count, A);
            assert_true(stats[i].min == i && stats[i].max == i + 20);
            assert_close(stats[i].mean, i + 10, 1e-9);
        }
    }
    free(stats);
    free(x);
}

static void test_edges_along(void **state)
{
    static const size_t shape[2] = {0, 3}, other[2] = {3, 0};
    struct foray_stats stats[3];
    struct foray_array array;
    struct foray_error err;
    double x;

    (void)state;
    assert_ok(foray_array_wrap(&array, &x, FORAY_F64, 2, shape, &err), err);
    assert_ok(foray_array_stats_along(stats, NULL, &array, 0, &err), err);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(stats[k].count, 0);
        assert_true(isnan(stats[k].mean));
    }
    assert_ok(foray_array_stats_along(NULL, NULL, &array, 1, &err), err);
    assert_ok(foray_array_wrap(&array, &x, FORAY_F64, 2, other, &err), err);
    assert_ok(foray_array_stats_along(NULL, NULL, &array, 0, &err), err);
    assert_int_equal(foray_array_stats_along(stats, NULL, &array, 2, &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_array_stats_along(stats, NULL, &array, -3, &err),
                     FORAY_EINVAL);
    array.dtype = FORAY_C128;
    assert_int_equal(foray_array_stats(stats, NULL, &array, &err),
                     FORAY_EDTYPE);
}

/* All lengths around the lanes, with NaNs and infinities here and there. */
static void test_kernels_agree(void **state)
{
    enum { MAX = 70 };
    const struct foray__moments_kernel *kernels[FORAY__MOMENTS_KERNELS];
    size_t n_kernels = foray__moments_kernels(kernels);
    double *x = random_numbers(MAX);
    float y[MAX];

    (void)state;
    x[5] = x[66] = (double)NAN;
    x[40] = (double)INFINITY;
    for (int i = 0; i < MAX; i++)
        y[i] = (float)x[i];
    for (size_t n = 0; n <= MAX; n++)
        for (size_t k = 1; k < n_kernels; k++) {
            struct foray__float_block a, b;
            double p, q;

            kernels[0]->scan64(&a, x, n);
            kernels[k]->scan64(&b, x, n);
            assert_memory_equal(&a, &b, sizeof a);
            kernels[0]->scan32(&a, y, n);
            kernels[k]->scan32(&b, y, n);
            assert_memory_equal(&a, &b, sizeof a);
            p = kernels[0]->squares64(x, n, 3.25);
            q = kernels[k]->squares64(x, n, 3.25);
            assert_memory_equal(&p, &q, sizeof p);
            p = kernels[0]->squares32(y, n, 3.25);
            q = kernels[k]->squares32(y, n, 3.25);
            assert_memory_equal(&p, &q, sizeof p);
        }
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_far_from_zero),
        cmocka_unit_test(test_infinities),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_integers_are_exact),
        cmocka_unit_test(test_every_dtype_along_each_axis),
        cmocka_unit_test(test_many_positions),
        cmocka_unit_test(test_edges_along),
        cmocka_unit_test(test_kernels_agree),
    };

    test_init();
    return cmocka_run_group_tests(tests, open_every_pool, close_every_pool);
}
