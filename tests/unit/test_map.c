#include "helpers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray.h>

#include "engine/blank.h"
#include "outside.h"

static const char *const backends[] = {"fork", "serial", "outside",
                                       "elsewhere"};
enum { N_BACKENDS = 4 };

/* One pool of each backend for all tests. */
static struct foray_pool *pools[N_BACKENDS];

static int open_pools(void **state)
{
    (void)state;
    register_outside();
    for (int b = 0; b < N_BACKENDS; b++)
        if (foray_pool_open(
                &pools[b],
                &(struct foray_config){.backend = backends[b], .n_jobs = 2},
                NULL))
            return -1;
    return 0;
}

static int close_pools(void **state)
{
    int code = 0;

    (void)state;
    for (int b = 0; b < N_BACKENDS; b++)
        code |= foray_pool_close(pools[b]);
    return code;
}

/* An unnamed f64 array that holds 0, 1, 2, ... */
static struct foray_array counting(size_t rows, size_t cols)
{
    size_t shape[2] = {rows, cols};
    struct foray_array array;
    struct foray_error err;

    assert_ok(foray_array_create(&array, NULL, FORAY_F64, 2, shape, &err), err);
    for (size_t i = 0; i < rows * cols; i++)
        ((double *)array.data)[i] = (double)i;
    return array;
}

/* out = in + 2 * inout + whole[0], and inout = -inout */
static int combine(struct foray_task *task)
{
    const struct foray_array *in = foray_task_in(task, 0);
    const struct foray_array *inout = foray_task_inout(task, 0);
    const struct foray_array *out = foray_task_out(task, 0);
    const struct foray_array *whole = foray_task_whole(task, 0);

    for (size_t i = 0; i < in->shape[0]; i++)
        for (size_t j = 0; j < in->shape[1]; j++) {
            FORAY_AT(out, double, i, j) = FORAY_AT(in, double, i, j) +
                                          2 * FORAY_AT(inout, double, i, j) +
                                          FORAY_AT(whole, double, 0);
            FORAY_AT(inout, double, i, j) *= -1;
        }
    return 0;
}

static void check_combined(const struct foray_array *in,
                           const struct foray_array *inout,
                           const struct foray_array *out, double constant)
{
    for (size_t i = 0; i < in->shape[0]; i++)
        for (size_t j = 0; j < in->shape[1]; j++) {
            double x = FORAY_AT(in, double, i, j);

            assert_true(FORAY_AT(out, double, i, j) == x + 2 * x + constant);
            assert_true(FORAY_AT(inout, double, i, j) == -x);
        }
}

static void test_slices_of_every_role_along_every_axis(void **state)
{
    static const size_t chunks[] = {0, 1, 3, 7, 1000};

    (void)state;
    for (int k = 0; k < 10 * N_BACKENDS; k++) {
        struct foray_array in = counting(13, 7), inout = counting(13, 7);
        struct foray_array out = counting(13, 7), whole = counting(1, 1);
        struct foray_array scalar;
        struct foray_report report;
        struct foray_error err;
        int axis = k / N_BACKENDS % 2;
        size_t chunk = chunks[k / N_BACKENDS / 2], one = 1;

        FORAY_AT(&whole, double, 0, 0) = 100;
        assert_ok(foray_array_reshape(&scalar, &whole, 1, &one, &err), err);
        assert_ok(foray_map(pools[k % N_BACKENDS],
                            &(struct foray_map){.fn = combine,
                                                .in = {&in},
                                                .inout = {&inout},
                                                .out = {&out},
                                                .whole = {&scalar},
                                                .axis = axis,
                                                .chunk = chunk},
                            &report, &err),
                  err);
        check_combined(&in, &inout, &out, 100);
        if (chunk)
            assert_int_equal(report.tasks,
                             ((axis ? 7 : 13) + chunk - 1) / chunk);
        assert_int_equal(foray_array_close(&in, NULL), 0);
        assert_int_equal(foray_array_close(&inout, NULL), 0);
        assert_int_equal(foray_array_close(&out, NULL), 0);
        assert_int_equal(foray_array_close(&whole, NULL), 0);
    }
}

static void test_private_arrays_and_views(void **state)
{
    (void)state;
    for (int b = 0; b < N_BACKENDS; b++) {
        static double x[20][14], y[20][14], z[7][20];
        size_t shape[2] = {20, 14}, turned[2] = {7, 20}, one = 1;
        struct foray_array in, inout, out, whole;
        double constant = 5;
        struct foray_error err;

        for (int i = 0; i < 280; i++)
            x[i / 14][i % 14] = y[i / 14][i % 14] = i;
        memset(z, 0, sizeof z);
        assert_ok(foray_array_wrap(&in, x, FORAY_F64, 2, shape, &err), err);
        assert_ok(foray_array_wrap(&inout, y, FORAY_F64, 2, shape, &err), err);
        assert_ok(foray_array_wrap(&out, z, FORAY_F64, 2, turned, &err), err);
        assert_ok(foray_array_wrap(&whole, &constant, FORAY_F64, 1, &one, &err),
                  err);
        /* Every second column backwards, and a transposed output. */
        assert_ok(foray_array_slice(&in, &in, 1, -1, FORAY_TO_END, -2, &err),
                  err);
        assert_ok(
            foray_array_slice(&inout, &inout, 1, -1, FORAY_TO_END, -2, &err),
            err);
        assert_ok(foray_array_transpose(&out, &out, NULL, &err), err);
        assert_ok(foray_map(pools[b],
                            &(struct foray_map){.fn = combine,
                                                .in = {&in},
                                                .inout = {&inout},
                                                .out = {&out},
                                                .whole = {&whole}},
                            NULL, &err),
                  err);
        check_combined(&in, &inout, &out, 5);
        assert_true(y[0][0] == 0 && y[1][0] == 14); /* between the columns */
    }
}

static void test_results_do_not_depend_on_the_pool(void **state)
{
    struct foray_array in = counting(1000, 20);
    struct foray_map map = {.fn = combine, .in = {&in}};
    size_t n_tasks, first = 0;

    (void)state;
    assert_int_equal(foray_map_tasks(&n_tasks, &map, NULL), 0);
    for (int n_jobs = 1; n_jobs <= 5; n_jobs++) {
        struct foray_array out = counting(1000, 20), inout = counting(1000, 20);
        struct foray_report report;
        struct foray_pool *pool;
        struct foray_error err;

        assert_ok(foray_pool_open(
                      &pool, &(struct foray_config){.n_jobs = n_jobs}, &err),
                  err);
        map.inout[0] = &inout;
        map.out[0] = &out;
        map.whole[0] = &in;
        assert_int_equal(foray_map(pool, &map, &report, &err),
                         0); /* whole[0] of two axes: element 0 is row 0 */
        if (n_jobs == 1)
            first = report.tasks;
        assert_int_equal(report.tasks, first);
        assert_int_equal(report.tasks, n_tasks);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_int_equal(foray_array_close(&out, NULL), 0);
        assert_int_equal(foray_array_close(&inout, NULL), 0);
    }
    assert_int_equal(foray_array_close(&in, NULL), 0);
}

static void test_nonsense_is_refused_before_anything_runs(void **state)
{
    struct foray_array x = counting(10, 4), y = counting(9, 4), view, other;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_save(&x, test_path("r.npy"), &err), err);
#define REFUSED(code, part, ...)                                               \
    do {                                                                       \
        assert_int_equal(                                                      \
            foray_map(pools[0],                                                \
                      &(struct foray_map){.fn = combine, __VA_ARGS__}, NULL,   \
                      &err),                                                   \
            code);                                                             \
        if (!strstr(err.msg, part))                                            \
            fail_msg("\"%s\" lacks \"%s\"", err.msg, part);                    \
    } while (0)
    REFUSED(FORAY_EINVAL, "no array to cut", .chunk = 1);
    REFUSED(FORAY_ESHAPE, "equally long", .in = {&x}, .out = {&y});
    REFUSED(FORAY_ESHAPE, "axis 2", .in = {&x}, .axis = 2);
    REFUSED(FORAY_ESHAPE, "axis -1", .in = {&x}, .axis = -1);
    REFUSED(FORAY_EOVERLAP, "out[0] and out[1]", .out = {&x, &x});
    /* Rows of a shifted window share memory. */
    view = x;
    view.strides[0] = 8;
    view.shape[0] = 5;
    REFUSED(FORAY_EOVERLAP, "slices of out[0]", .out = {&view});
    view.strides[0] = 0;
    REFUSED(FORAY_EOVERLAP, "slices of inout[0]", .inout = {&view});
    /* Columns of one table do not overlap. */
    assert_ok(foray_array_slice(&view, &x, 1, 0, 2, 1, &err), err);
    assert_ok(foray_array_slice(&other, &x, 1, 2, 4, 1, &err), err);
    assert_int_equal(
        foray_map_tasks(
            &(size_t){0},
            &(struct foray_map){.fn = combine, .out = {&view, &other}}, &err),
        0);
    /* Neighbouring columns that do. */
    assert_ok(foray_array_slice(&other, &x, 1, 1, 3, 1, &err), err);
    REFUSED(FORAY_EOVERLAP, "share memory", .out = {&view, &other});
    assert_ok(foray_array_open(&view, test_path("r.npy"), "r", &err), err);
    REFUSED(FORAY_EACCES, "mode r", .out = {&view});
    assert_int_equal(foray_array_close(&view, NULL), 0);
    assert_ok(foray_array_open(&view, test_path("r.npy"), "c", &err), err);
    REFUSED(FORAY_EACCES, "mode c", .inout = {&view});
    assert_int_equal(foray_array_close(&view, NULL), 0);
    assert_int_equal(foray_array_close(&x, NULL), 0);
    assert_int_equal(foray_array_close(&y, NULL), 0);
}

/* Mode c is private to a task: each one sees the file, not what another left.
 */
static int scribble(struct foray_task *task)
{
    const struct foray_array *x = foray_task_whole(task, 0);

    for (size_t i = 0; i < x->shape[0]; i++) {
        if (FORAY_AT(x, double, i, 0) != (double)(i * x->shape[1]))
            return foray_task_fail(task, "row %zu was scribbled on", i);
        FORAY_AT(x, double, i, 0) = -1;
    }
    return 0;
}

static void test_mode_c_is_private_to_a_task(void **state)
{
    struct foray_array x = counting(1000, 3), copy;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_save(&x, test_path("c.npy"), &err), err);
    assert_ok(foray_array_open(&copy, test_path("c.npy"), "c", &err), err);
    for (int b = 0; b < N_BACKENDS; b++)
        assert_ok(foray_for(pools[b],
                            &(struct foray_for){
                                .fn = scribble, .n = 20, .whole = {&copy}},
                            NULL, &err),
                  err);
    assert_int_equal(foray_array_close(&copy, NULL), 0);
    assert_ok(foray_array_open(&copy, test_path("c.npy"), "r", &err), err);
    assert_true(FORAY_AT(&copy, double, 0, 0) == 0);
    assert_int_equal(foray_array_close(&copy, NULL), 0);
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

/* A file opened r+ is written by workers, and others see it at once. */
static int negate(struct foray_task *task)
{
    const struct foray_array *x = foray_task_inout(task, 0);

    for (size_t i = 0; i < x->shape[0]; i++)
        FORAY_AT(x, double, i, 1) *= -1;
    return 0;
}

static void test_files_are_written_in_place(void **state)
{
    struct foray_array x = counting(100, 3), file, again;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_save(&x, test_path("w.npy"), &err), err);
    assert_ok(foray_array_open(&file, test_path("w.npy"), "r+", &err), err);
    assert_ok(foray_map(pools[0],
                        &(struct foray_map){.fn = negate, .inout = {&file}},
                        NULL, &err),
              err);
    assert_ok(foray_array_open(&again, test_path("w.npy"), "r", &err), err);
    for (size_t i = 0; i < 100; i++)
        assert_true(FORAY_AT(&again, double, i, 1) == -(3.0 * (double)i + 1));
    assert_int_equal(foray_array_close(&again, NULL), 0);
    assert_int_equal(foray_array_close(&file, NULL), 0);
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

static int fail_on_odd(struct foray_task *task)
{
    const struct foray_array *out = foray_task_out(task, 0);

    for (size_t j = 0; j < out->shape[1]; j++)
        if (out->dtype == FORAY_F32)
            FORAY_AT(out, float, 0, j) = 7;
        else
            FORAY_AT(out, short, 0, j) = 7;
    return foray_task_index(task) % 2 ? foray_task_fail(task, "odd") : 0;
}

static void test_failed_rows_are_blank(void **state)
{
    size_t shape[2] = {9, 5};

    (void)state;
    for (int k = 0; k < 2 * N_BACKENDS; k++) {
        enum foray_dtype dtype = k / N_BACKENDS ? FORAY_I16 : FORAY_F32;
        struct foray_array out;
        struct foray_error err;

        assert_ok(foray_array_create(&out, NULL, dtype, 2, shape, &err), err);
        assert_ok(foray_map(pools[k % N_BACKENDS],
                            &(struct foray_map){.fn = fail_on_odd,
                                                .out = {&out},
                                                .chunk = 1,
                                                .on_error = FORAY_SKIP},
                            NULL, &err),
                  err);
        for (size_t i = 0; i < 9; i++)
            if (dtype == FORAY_I16)
                assert_int_equal(FORAY_AT(&out, short, i, 4), i % 2 ? 0 : 7);
            else if (i % 2)
                assert_true(isnan(FORAY_AT(&out, float, i, 4)));
            else
                assert_true(FORAY_AT(&out, float, i, 4) == 7);
        assert_int_equal(foray_array_close(&out, NULL), 0);
    }
}

/* NaN where there is one, in either order of bytes; else 0. */
static void test_blank_of_every_type(void **state)
{
    static const enum foray_dtype dtypes[] = {FORAY_F16, FORAY_F32,  FORAY_F64,
                                              FORAY_C64, FORAY_C128, FORAY_I32,
                                              FORAY_BOOL};
    struct foray_array array, copy;
    double numbers[3][2];
    char bytes[3 * 16];
    struct foray_error err;

    (void)state;
    assert_ok(
        foray_array_wrap(&copy, numbers, FORAY_C128, 1, (size_t[]){3}, &err),
        err);
    for (size_t i = 0; i < 2 * sizeof dtypes / sizeof *dtypes; i++) {
        memset(bytes, 0x41, sizeof bytes);
        assert_ok(foray_array_wrap(&array, bytes, dtypes[i / 2], 1,
                                   (size_t[]){3}, &err),
                  err);
        array.swapped = i % 2;
        foray__blank(&array);
        assert_ok(foray_array_copy(&copy, &array, &err), err);
        for (int k = 0; k < 3; k++) {
            assert_true(dtypes[i / 2] >= FORAY_F16 ? isnan(numbers[k][0])
                                                   : numbers[k][0] == 0);
            assert_true(numbers[k][1] == 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slices_of_every_role_along_every_axis),
        cmocka_unit_test(test_private_arrays_and_views),
        cmocka_unit_test(test_results_do_not_depend_on_the_pool),
        cmocka_unit_test(test_nonsense_is_refused_before_anything_runs),
        cmocka_unit_test(test_mode_c_is_private_to_a_task),
        cmocka_unit_test(test_files_are_written_in_place),
        cmocka_unit_test(test_failed_rows_are_blank),
        cmocka_unit_test(test_blank_of_every_type),
    };

    test_init();
    return cmocka_run_group_tests(tests, open_pools, close_pools);
}
