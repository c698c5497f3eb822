/* Conformance with joblib, cases 35, 36 and 43: what becomes of stores into
 * arguments, in each mode, of files, of private arrays above the threshold and
 * below it. */
#include "helpers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <foray.h>

#include "every_backend.h"
#include "mapping.h"

enum { N = 10, LENGTH = 500 };

static struct foray_error err;

/* Doubles the row that it is given, fails if it is not all ones; returns the
 * mode. */
static int double_row(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    size_t row = (size_t)foray_task_u64(task, 1);

    for (size_t j = 0; j < x->shape[1]; j++) {
        if (FORAY_AT(x, double, row, j) != 1)
            return foray_task_fail(task, "element %zu is not 1", j);
        FORAY_AT(x, double, row, j) *= 2;
    }
    return foray_return(task, (int)x->mode);
}

static void fill(const struct foray_array *x, double value)
{
    for (size_t i = 0; i < x->shape[0]; i++)
        for (size_t j = 0; j < x->shape[1]; j++)
            FORAY_AT(x, double, i, j) = value;
}

static void check_all(const struct foray_array *x, double value)
{
    for (size_t i = 0; i < x->shape[0]; i++)
        for (size_t j = 0; j < x->shape[1]; j++)
            assert_true(FORAY_AT(x, double, i, j) == value);
}

/* Call i doubles row i % n_rows. All must succeed, in `mode`. */
static void double_rows(struct foray_pool *pool, const struct foray_array *x,
                        size_t n, size_t n_rows, enum foray_mode mode)
{
    struct foray_call calls[N] = {0};
    struct foray_result results[N];

    for (size_t i = 0; i < n; i++)
        calls[i] = foray_delayed(double_row, x, i % n_rows);
    assert_ok(foray_parallel(pool, calls, n, results, &err), err);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(foray_result_i64(&results[i], 0), mode);
    foray_results_free(results, n);
}

static void test_35_stores_reach_the_file(void **state)
{
    const char *folder = test_folder(), *path = test_path("ones.npy");
    size_t shape[2] = {N, LENGTH};

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(
            backend, 2,
            &(struct foray_config){.temp_folder = folder, .max_nbytes = 1});
        struct foray_array x, part, again;

        assert_ok(foray_array_create(&x, path, FORAY_F64, 2, shape, &err), err);
        assert_int_equal(x.mode, FORAY_CREATE);
        fill(&x, 1);
        double_rows(pool, &x, N, N, FORAY_READ_WRITE);
        check_all(&x, 2);
        fill(&x, 1);
        assert_ok(foray_array_slice(&part, &x, 1, 1, FORAY_TO_END, 2, &err),
                  err);
        double_rows(pool, &part, N, N, FORAY_READ_WRITE);
        check_all(&part, 2);
        assert_int_equal(count_files(folder), 1); /* its own */
        assert_ok(foray_array_close(&x, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_ok(foray_array_open(&again, path, "r", &err), err);
        assert_true(FORAY_AT(&again, double, 3, 0) == 1);
        assert_true(FORAY_AT(&again, double, 3, 1) == 2);
        assert_ok(foray_array_close(&again, &err), err);
    }
}

static void write_ones(const char *path)
{
    double ones[N][LENGTH];
    struct foray_array x = wrap(ones, FORAY_F64, 2, (size_t[]){N, LENGTH});

    fill(&x, 1);
    assert_ok(foray_array_save(&x, path, &err), err);
}

/* Calls of one batch, in a process that locks all that it maps. */
static void test_36_copies_are_of_one_task_in_locked_memory(void **state)
{
    const char *path = test_path("locked.npy");

    (void)state;
    write_ones(path);
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool =
            open_backend(backend, 2, &(struct foray_config){.batch_size = N});
        struct foray_array x;

        assert_ok(foray_array_open(&x, path, "c", &err), err);
        if (mlockall(MCL_FUTURE)) { /* ulimit -l */
            assert_ok(foray_array_close(&x, &err), err);
            assert_int_equal(foray_pool_close(pool), 0);
            skip();
        }
        double_rows(pool, &x, N, 1, FORAY_COPY);
        assert_int_equal(munlockall(), 0);
        check_all(&x, 1);
        assert_ok(foray_array_close(&x, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* Doubles what it finds to be 1 everywhere. */
static int double_whole(struct foray_task *task)
{
    const struct foray_array *x = foray_task_whole(task, 0);

    for (size_t j = 0; j < x->shape[1]; j++) {
        if (FORAY_AT(x, double, 0, j) != 1)
            return foray_task_fail(task, "element %zu is not 1", j);
        FORAY_AT(x, double, 0, j) *= 2;
    }
    return 0;
}

static void test_36_whole_copies_are_of_one_task_in_locked_memory(void **state)
{
    const char *path = test_path("whole.npy");

    (void)state;
    write_ones(path);
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct foray_array x;
        int code;

        assert_ok(foray_array_open(&x, path, "c", &err), err);
        if (mlockall(MCL_FUTURE)) {
            assert_ok(foray_array_close(&x, &err), err);
            assert_int_equal(foray_pool_close(pool), 0);
            skip();
        }
        code = foray_for(
            pool,
            &(struct foray_for){.fn = double_whole, .n = 100, .whole = {&x}},
            NULL, &err);
        assert_int_equal(munlockall(), 0);
        assert_ok(code, err);
        check_all(&x, 1);
        assert_ok(foray_array_close(&x, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_36_copies_are_of_one_task(void **state)
{
    const char *path = test_path("c.npy");

    (void)state;
    write_ones(path);
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct foray_array x, file;

        assert_ok(foray_array_open(&x, path, "c", &err), err);
        double_rows(pool, &x, N, 1, FORAY_COPY);
        check_all(&x, 1);
        assert_ok(foray_array_close(&x, &err), err);
        assert_ok(foray_array_open(&file, path, "r", &err), err);
        check_all(&file, 1);
        assert_ok(foray_array_close(&file, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int read_row(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);

    return foray_return(task, FORAY_AT(x, double, 5, 7), (int)x->mode);
}

/* Reading is right, and a store is this task's crash. */
static void check_read_only(struct foray_pool *pool,
                            const struct foray_array *x)
{
    struct foray_call calls[2] = {foray_delayed(read_row, x),
                                  foray_delayed(double_row, x, 5)};
    struct foray_result results[2];

    assert_ok(foray_parallel(pool, calls, 2, results, &err), err);
    assert_true(foray_result_f64(&results[0], 0) == 1);
    assert_int_equal(foray_result_i64(&results[0], 1), FORAY_READ);
    assert_int_equal(results[1].code, FORAY_ECRASH);
    assert_int_equal(foray_result_error(&results[1])->signal, SIGSEGV);
    check_all(x, 1);
    foray_results_free(results, 2);
}

/* In the caller's own process a store into mode r is the caller's crash. */
static void test_36_stores_into_mode_r_fail(void **state)
{
    const char *path = test_path("r.npy");

    (void)state;
    write_ones(path);
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(
            backend, 2, &(struct foray_config){.on_error = FORAY_SKIP});
        struct foray_array x;

        assert_ok(foray_array_open(&x, path, "r", &err), err);
        check_read_only(pool, &x);
        assert_ok(foray_array_close(&x, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* Private arrays: the same, whether they are dumped or travel inline. */
static void test_36_private_arrays_above_and_below(void **state)
{
    static const size_t thresholds[] = {1, FORAY_NEVER};
    double ones[N][LENGTH];
    struct foray_array x = wrap(ones, FORAY_F64, 2, (size_t[]){N, LENGTH});

    (void)state;
    fill(&x, 1);
    FOR_EVERY_BACKEND(backend)
    for (int t = 0; t < 2; t++) {
        struct foray_config config = {.max_nbytes = thresholds[t],
                                      .on_error = FORAY_SKIP};
        struct foray_pool *pool;

        config.mmap_mode = "c";
        pool = open_backend(backend, 2, &config);
        double_rows(pool, &x, N, 1, FORAY_COPY);
        check_all(&x, 1);
        assert_int_equal(foray_pool_close(pool), 0);
        config.mmap_mode = "r";
        pool = open_backend(backend, 2, &config);
        if (backend->processes)
            check_read_only(pool, &x);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* Fills its array with a number, and hands it back: how a caller reads a
 * snapshot of mode r+. */
static int fill_with(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    double value = foray_task_f64(task, 1);

    for (size_t i = 0; i < x->shape[0]; i++) {
        if (FORAY_AT(x, double, i) != 0)
            return foray_task_fail(task, "another task's store is here");
        FORAY_AT(x, double, i) = value;
    }
    return foray_return(task, x, FORAY_AT(x, double, 0), (int)x->mode);
}

static void check_zeros_stay_apart(struct foray_pool *pool)
{
    static double zeros[N][LENGTH];
    size_t length = LENGTH;
    struct foray_array arrays[N];
    struct foray_call calls[N];
    struct foray_result results[N];

    for (int i = 0; i < N; i++) {
        arrays[i] = wrap(zeros[i], FORAY_F64, 1, &length);
        calls[i] = foray_delayed(fill_with, &arrays[i], i);
    }
    assert_ok(foray_parallel(pool, calls, N, results, &err), err);
    for (int i = 0; i < N; i++) {
        const struct foray_array *x = foray_result_array(&results[i], 0);

        assert_true(foray_result_f64(&results[i], 1) == i);
        assert_int_equal(foray_result_i64(&results[i], 2), FORAY_READ_WRITE);
        for (size_t j = 0; j < LENGTH; j++) {
            assert_true(FORAY_AT(x, double, j) == i);
            assert_true(zeros[i][j] == 0); /* the caller's are its own */
        }
    }
    foray_results_free(results, N);
}

static void test_43_equal_arrays_are_not_one(void **state)
{
    static const char *const modes[] = {"r+", "w+"};
    static const size_t thresholds[] = {1, FORAY_NEVER};

    (void)state;
    FOR_EVERY_BACKEND(backend)
    for (int m = 0; m < 4; m++) {
        struct foray_config config = {.max_nbytes = thresholds[m / 2],
                                      .mmap_mode = modes[m % 2]};
        struct foray_pool *pool = open_backend(backend, 2, &config);

        check_zeros_stay_apart(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_35_stores_reach_the_file),
        cmocka_unit_test(test_36_copies_are_of_one_task),
        cmocka_unit_test(test_36_copies_are_of_one_task_in_locked_memory),
        cmocka_unit_test(test_36_whole_copies_are_of_one_task_in_locked_memory),
        cmocka_unit_test(test_36_stores_into_mode_r_fail),
        cmocka_unit_test(test_36_private_arrays_above_and_below),
        cmocka_unit_test(test_43_equal_arrays_are_not_one),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
