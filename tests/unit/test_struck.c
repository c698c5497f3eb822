/* A fault in a call's argument: the error says in which, and where. */
#include "helpers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "every_backend.h"
#include "mapping.h"

/* (number of an argument, i, j, arrays...): a store into that element */
static int store(struct foray_task *task)
{
    int which = (int)foray_task_i64(task, 0);
    size_t i = (size_t)foray_task_i64(task, 1),
           j = (size_t)foray_task_i64(task, 2);

    for (size_t k = 3; k < foray_task_n_args(task); k++) /* open them all */
        (void)foray_task_array(task, (int)k);
    FORAY_AT(foray_task_array(task, which), double, i, j) = 1;
    return 0;
}

/* The call ends in a fault that is explained so. */
static void expect_fault(struct foray_pool *pool, struct foray_call call,
                         const char *words, bool explained)
{
    struct foray_result result;
    struct foray_error err;

    assert_int_equal(foray_parallel(pool, &call, 1, &result, &err),
                     FORAY_ECRASH);
    assert_int_equal(err.signal, SIGSEGV);
    assert_int_equal(result.status, FORAY_TASK_CRASHED);
    if (!strstr(err.msg, words) == explained)
        fail_msg("\"%s\" and \"%s\"", err.msg, words);
    foray_result_free(&result);
}

static void test_stores_into_read_only_arguments(void **state)
{
    static double small[6], large[600 * 500];
    const size_t small_shape[] = {2, 3}, large_shape[] = {600, 500};
    struct foray_array inlined = wrap(small, FORAY_F64, 2, small_shape),
                       dumped = wrap(large, FORAY_F64, 2, large_shape), file,
                       reader;
    const char *path = test_path("named.npy");
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_create(&file, path, FORAY_F64, 2, small_shape, &err),
              err);
    assert_ok(foray_array_close(&file, &err), err);
    assert_ok(foray_array_open(&reader, path, "r", &err), err);
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);

        expect_fault(
            pool, foray_delayed(store, 3, 1, 2, &inlined, &dumped, &reader),
            " at element [1, 2] of argument 3, which is read-only", true);
        expect_fault(
            pool, foray_delayed(store, 4, 599, 0, &inlined, &dumped, &reader),
            " at element [599, 0] of argument 4, which is read-only", true);
        expect_fault(pool,
                     foray_delayed(store, 5, 0, 1, &inlined, &dumped, &reader),
                     "named.npy), which is read-only", true);
        expect_fault(pool,
                     foray_delayed(store, 5, 0, 1, &inlined, &dumped, &reader),
                     " at element [0, 1] of argument 5 (", true);
        expect_fault(
            pool, foray_delayed(store, 4, 600, 3, &inlined, &dumped, &reader),
            " 2400024 bytes from the begin of argument 4", true);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_ok(foray_array_close(&reader, &err), err);
    assert_true(small[5] == 0);
}

static int store_far_away(struct foray_task *task)
{
    (void)foray_task_array(task, 0);
    *(volatile double *)foray_task_u64(task, 1) = 1;
    return 0;
}

static void test_faults_elsewhere(void **state)
{
    static double data[6];
    const size_t shape[] = {2, 3};
    struct foray_array array = wrap(data, FORAY_F64, 2, shape);

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 1, NULL);

        expect_fault(pool, foray_delayed(store_far_away, &array, 16u),
                     "argument", false);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int write_ones(struct foray_task *task)
{
    const struct foray_array *rows = foray_task_out(task, 0);

    for (size_t k = 0; k < rows->shape[1]; k++)
        FORAY_AT(rows, double, 0, k) = 1;
    return 0;
}

/* Nor does the caller store into what is gone to make it blank. */
static void test_outputs_cut_short(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t shape[] = {4, page / sizeof(double)};
    struct foray_array array;
    uint8_t status[4];
    struct foray_error err;
    const char *path = test_path("cut.npy");

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 1, NULL);
        struct foray_map map = {.fn = write_ones,
                                .out = {&array},
                                .chunk = 1,
                                .status = status,
                                .on_error = FORAY_SKIP};

        assert_ok(foray_array_create(&array, path, FORAY_F64, 2, shape, &err),
                  err);
        assert_int_equal(truncate(path, (off_t)(2 * page)), 0);
        assert_ok(foray_map(pool, &map, NULL, &err), err);
        for (int i = 0; i < 4; i++)
            assert_int_equal(status[i], i ? FORAY_TASK_CRASHED : FORAY_TASK_OK);
        map.on_error = FORAY_STOP;
        assert_int_equal(foray_map(pool, &map, NULL, &err), FORAY_ECRASH);
        assert_int_equal(err.signal, SIGBUS);
        assert_non_null(strstr(err.msg, "cut.npy), byte "));
        assert_non_null(strstr(err.msg, " of a file that was cut to "));
        assert_int_equal(foray_pool_close(pool), 0);
        foray_array_close(&array, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stores_into_read_only_arguments),
        cmocka_unit_test(test_faults_elsewhere),
        cmocka_unit_test(test_outputs_cut_short),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
