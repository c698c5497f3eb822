/* What runs in backends that are registered from outside of the library. */
#include "helpers.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "gate.h"
#include "outside.h"
#include "pools.h"

static const char *const names[] = {"outside", "elsewhere"};

/* (array, number): adds the number to each element; the sum, and the pid. */
static int add(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    double sum = 0;

    for (size_t i = 0; i < x->shape[0]; i++) {
        if (x->mode != FORAY_READ)
            FORAY_AT(x, double, i) += foray_task_f64(task, 1);
        sum += FORAY_AT(x, double, i);
    }
    return foray_return(task, sum, x, (int)getpid());
}

/* By reference where memory is shared, by value elsewhere; in both a private
 * array is what it was. */
static void test_arrays_travel(void **state)
{
    enum { N = 1000 };

    (void)state;
    for (int b = 0; b < 2; b++)
        for (size_t max_nbytes = 1; max_nbytes <= 1 << 20;
             max_nbytes += (1 << 20) - 1) {
            struct foray_pool *pool = open_pool(
                names[b], 2, &(struct foray_config){.max_nbytes = max_nbytes});
            double data[N] = {0};
            struct foray_array shared, private;
            struct foray_result results[2];
            struct foray_call calls[2];
            struct foray_error err;
            size_t n = N;

            assert_ok(foray_array_create(&shared, NULL, FORAY_F64, 1, &n, &err),
                      err);
            assert_ok(foray_array_wrap(&private, data, FORAY_F64, 1, &n, &err),
                      err);
            calls[0] = foray_delayed(add, &shared, 2.0);
            calls[1] = foray_delayed(add, &private, 2.0);
            assert_ok(foray_parallel(pool, calls, 2, results, &err), err);
            assert_true(foray_result_f64(&results[0], 0) == 2.0 * N);
            assert_true(foray_result_f64(&results[1], 0) == 0); /* mode r */
            assert_true(FORAY_AT(&shared, double, 5) == (b == 0 ? 2 : 0));
            assert_true(data[5] == 0);
            assert_true(FORAY_AT(foray_result_array(&results[0], 1), double,
                                 N - 1) == 2);
            assert_true((foray_result_i64(&results[0], 2) == getpid()) ==
                        (b == 0));
            foray_results_free(results, 2);
            assert_int_equal(foray_array_close(&shared, NULL), 0);
            assert_int_equal(foray_pool_close(pool), 0);
        }
}

/* (number): fails for 7, dies for 9; else the try it is, which is the second
 * for 3. */
static int fail_or_die(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0);

    if (i == 9)
        raise(SIGKILL);
    if (i == 7)
        return foray_task_fail(task, "try %d", foray_task_attempt(task));
    if (i == 3 && foray_task_attempt(task) == 1)
        return foray_task_fail(task, "at first");
    return foray_return(task, foray_task_attempt(task));
}

static void test_failures_come_back(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_pool *pool = open_pool(
            names[b], 2,
            &(struct foray_config){
                .on_error = FORAY_SKIP, .retries = 1, .batch_size = 1});
        struct foray_result results[10];
        struct foray_call calls[10];
        size_t n = b ? 10 : 9; /* a thread would take the program along */
        struct foray_error err;

        for (size_t i = 0; i < n; i++)
            calls[i] = foray_delayed(fail_or_die, i);
        assert_ok(foray_parallel(pool, calls, n, results, &err), err);
        for (size_t i = 0; i < 9; i++)
            if (i != 7)
                assert_int_equal(foray_result_i64(&results[i], 0),
                                 1 + (i == 3));
        assert_int_equal(results[7].status, FORAY_TASK_FAILED);
        assert_int_equal(results[7].attempt, 2);
        assert_non_null(strstr(foray_result_error(&results[7])->msg,
                               "fail_or_die(7): try 2"));
        if (b) {
            assert_int_equal(results[9].status, FORAY_TASK_CRASHED);
            assert_int_equal(results[9].code, FORAY_ECRASH);
        }
        foray_results_free(results, n);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* (i): 7 fails, when those before it have run; those behind it wait for it, and
 * are slow enough not to be done before anybody sees that. */
static int fail_behind_others(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0);

    await_at_gate(i < 7 ? 0 : i == 7 ? 7 : 8);
    if (i <= 7)
        come_to_gate();
    if (i == 7)
        return foray_task_fail(task, "the first");
    if (i > 7)
        nap(1e-3);
    return 0;
}

/* Dies in its first try if it is the fifth, and always if the seventh. */
static int die_sometimes(struct foray_task *task)
{
    size_t i = foray_task_index(task);

    if (i == 7 || (i == 5 && foray_task_attempt(task) == 1))
        raise(SIGKILL);
    return 0;
}

static int die_and_return(struct foray_task *task)
{
    die_sometimes(task);
    return foray_return(task, foray_task_attempt(task), foray_task_str(task, 0),
                        foray_task_array(task, 1));
}

/* Whoever was in the batch is tried again with it, and one that dies again
 * takes nobody along. */
static void test_lost_calls_are_tried_again(void **state)
{
    double data[1000] = {[999] = 3};
    struct foray_array x;
    size_t n = 1000;

    (void)state;
    for (int retries = 0; retries < 3; retries++) {
        struct foray_pool *pool = open_pool(
            "elsewhere", 2,
            &(struct foray_config){
                .on_error = FORAY_SKIP, .retries = retries, .batch_size = 10});
        struct foray_result results[20];
        struct foray_call calls[20];
        struct foray_error err;

        assert_ok(foray_array_wrap(&x, data, FORAY_F64, 1, &n, &err), err);
        for (int i = 0; i < 20; i++)
            calls[i] = foray_delayed(die_and_return, "text", &x);
        assert_ok(foray_parallel(pool, calls, 20, results, &err), err);
        for (size_t i = 0; i < 20; i++) {
            if (i == 7 || (!retries && i < 10)) {
                assert_int_equal(results[i].status, FORAY_TASK_CRASHED);
                assert_int_equal(results[i].attempt, retries + 1);
                continue;
            }
            assert_int_equal(foray_result_i64(&results[i], 0), i < 10 ? 2 : 1);
            assert_string_equal(foray_result_str(&results[i], 1), "text");
            assert_true(
                FORAY_AT(foray_result_array(&results[i], 2), double, 999) == 3);
        }
        assert_non_null(
            strstr(foray_result_error(&results[7])->msg, "lost the batch"));
        foray_results_free(results, 20);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int write_attempt(struct foray_task *task)
{
    const struct foray_array *out = foray_task_out(task, 0);

    die_sometimes(task);
    FORAY_AT(out, double, 0) = foray_task_attempt(task);
    return 0;
}

static void test_lost_tasks_are_tried_again(void **state)
{
    (void)state;
    for (int retries = 0; retries < 3; retries++) {
        struct foray_pool *pool = open_pool(
            "elsewhere", 2,
            &(struct foray_config){.on_error = FORAY_SKIP, .retries = retries});
        double data[100] = {0};
        uint8_t status[100];
        struct foray_array out;
        struct foray_map map = {
            .fn = write_attempt, .out = {&out}, .chunk = 1, .status = status};
        struct foray_report report;
        struct foray_error err;
        size_t n = 100;

        assert_ok(foray_array_wrap(&out, data, FORAY_F64, 1, &n, &err), err);
        assert_ok(foray_map(pool, &map, &report, &err), err);
        assert_int_equal(status[7], FORAY_TASK_CRASHED);
        assert_true(data[7] != data[7]); /* blank */
        if (retries) {
            assert_int_equal(report.failed, 1);
            assert_int_equal(report.crashed, 1);
            assert_true(report.retried >= (size_t)retries + 1);
            assert_true(data[5] == 2);
        }
        assert_int_equal(report.ok + report.failed, 100);
        for (size_t i = 0; i < 100; i++)
            assert_true((status[i] == FORAY_TASK_OK) == (data[i] >= 1));
        expect_works(pool);
        map.on_error = FORAY_STOP;
        assert_int_equal(foray_map(pool, &map, &report, &err), FORAY_ECRASH);
        assert_true(err.task == 5 || err.task == 7 || !retries);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int store_into_whole(struct foray_task *task)
{
    const struct foray_array *x = foray_task_whole(task, 0);

    FORAY_AT(x, double, 0) = 1;
    return 0;
}

/* Where no memory is shared nobody would see them. */
static void test_stores_that_would_be_lost_are_faults(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_pool *pool = open_pool(names[b], 2, NULL);
        struct foray_array x;
        struct foray_for loop = {.fn = store_into_whole, .n = 1, .whole = {&x}};
        struct foray_error err;
        size_t n = 10;

        assert_ok(foray_array_create(&x, NULL, FORAY_F64, 1, &n, &err), err);
        assert_int_equal(foray_for(pool, &loop, NULL, &err),
                         b ? FORAY_ECRASH : 0);
        assert_true(FORAY_AT(&x, double, 0) == !b);
        assert_int_equal(foray_array_close(&x, NULL), 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_first_failure_ends_the_run(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++)
        for (int batch = 0; batch <= 100; batch += 50) {
            /* A second process would go on, for it is not told of the end. */
            struct foray_pool *pool = open_pool(
                names[b], 2 - b, &(struct foray_config){.batch_size = batch});
            static struct foray_result results[1000];
            static struct foray_call calls[1000];
            struct foray_error err;

            shut_gate();
            for (size_t i = 0; i < 1000; i++)
                calls[i] = foray_delayed(fail_behind_others, i);
            assert_int_equal(foray_parallel(pool, calls, 1000, results, &err),
                             FORAY_ETASK);
            assert_int_equal(err.task, 7);
            assert_int_equal(results[6].status, FORAY_TASK_OK);
            assert_int_equal(results[999].status, FORAY_TASK_NOT_RUN);
            foray_results_free(results, 1000);
            expect_works(pool);
            assert_int_equal(foray_pool_close(pool), 0);
        }
}

static void cancel_after_three(const struct foray_progress *progress, void *arg)
{
    if (progress->completed < 3 || progress->completed == 20)
        return;
    foray_pool_cancel(*(struct foray_pool **)arg);
    open_gate(); /* for those that are not told of the end */
}

static int three_pass(struct foray_task *task)
{
    return foray_task_i64(task, 0) > 2 && !pass_gate(task);
}

static void test_cancel(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_pool *pool = NULL;
        struct foray_result results[20];
        struct foray_call calls[20];
        struct foray_error err;

        shut_gate();
        pool = open_pool(names[b], 2,
                         &(struct foray_config){.batch_size = 1,
                                                .progress = cancel_after_three,
                                                .progress_arg = &pool,
                                                .progress_interval = 1e-9});
        for (int i = 0; i < 20; i++)
            calls[i] = foray_delayed(three_pass, i);
        assert_int_equal(foray_parallel(pool, calls, 20, results, &err),
                         FORAY_ECANCELED);
        assert_int_equal(results[2].status, FORAY_TASK_OK);
        assert_int_equal(results[19].status, FORAY_TASK_NOT_RUN);
        foray_results_free(results, 20);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_futures(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_pool *pool = open_pool(names[b], 2, NULL);
        struct foray_future *futures[10];
        struct foray_call call;
        struct foray_result result;
        struct foray_error err;

        shut_gate();
        for (int i = 0; i < 10; i++) {
            call = foray_delayed(call_at_gate, i);
            assert_ok(foray_submit(&futures[i], pool, &call, &err), err);
        }
        assert_true(foray_future_cancel(futures[9]));
        assert_false(foray_future_cancel(futures[9]));
        open_gate();
        for (int i = 0; i < 10; i++) {
            assert_ok(foray_future_wait(futures[i], -1, &result, &err), err);
            if (i < 9)
                assert_int_equal(foray_result_i64(&result, 0), i);
            else
                assert_int_equal(result.code, FORAY_ECANCELED);
            foray_result_free(&result);
            foray_future_free(futures[i]);
        }
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arrays_travel),
        cmocka_unit_test(test_failures_come_back),
        cmocka_unit_test(test_lost_calls_are_tried_again),
        cmocka_unit_test(test_lost_tasks_are_tried_again),
        cmocka_unit_test(test_stores_that_would_be_lost_are_faults),
        cmocka_unit_test(test_first_failure_ends_the_run),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_futures),
    };

    make_gate();
    register_outside();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
