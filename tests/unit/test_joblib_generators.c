/* Cases of joblib's own tests, by their numbers: generators, which are
 * iterators here, read in part, dropped, or open while another run begins. */
#include "helpers.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "every_backend.h"
#include "gate.h"

static void test_case_16_ordered(void **state)
{
    static const int n_jobs[] = {1, 2, 4};

    (void)state;
    FOR_EVERY_BACKEND(backend)
    for (int i = 0; i < 3; i++) {
        struct foray_pool *pool = open_backend(backend, n_jobs[i], NULL);
        struct range range = {.fn = call_square, .stop = 100};
        struct foray_run *run = start_range(pool, &range, NULL);
        struct foray_result result;
        struct foray_error err;

        for (int k = 0; k < 100; k++) {
            assert_int_equal(foray_run_next(run, &result, &err), 1);
            assert_int_equal(result.index, k);
            assert_int_equal(foray_result_i64(&result, 0), k * k);
            foray_result_free(&result);
        }
        assert_int_equal(foray_run_next(run, &result, &err), 0);
        assert_int_equal(foray_run_next(run, &result, &err), 0);
        foray_run_drop(run, NULL);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* (x) -> x; but 1 waits */
static int one_waits(struct foray_task *task)
{
    int64_t x = foray_task_i64(task, 0);

    return x == 1 ? call_at_gate(task) : foray_return(task, x);
}

static void test_case_16_unordered_passes_the_slow_one(void **state)
{
    (void)state;
    FOR_PARALLEL_BACKENDS(backend)
    for (int n_jobs = 2; n_jobs <= 4; n_jobs += 2) {
        struct foray_pool *pool = open_backend(backend, n_jobs, NULL);
        struct range range = {.fn = one_waits, .stop = 10};
        struct foray_run *run;
        struct foray_result result;
        struct foray_error err;
        unsigned seen = 0;
        double start = seconds_now();

        shut_gate();
        run = start_range(
            pool, &range,
            &(struct foray_iterator){.unordered = true, .batch_size = 1});
        for (int k = 0; k < 9; k++) {
            assert_int_equal(foray_run_next(run, &result, &err), 1);
            seen |= 1u << foray_result_i64(&result, 0);
            foray_result_free(&result);
        }
        assert_int_equal(seen, 0x3fd);
        foray_run_drop(run, NULL);
        assert_no_wait_since(start);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* An open iterator's pool: whatever else begins is refused, at once. */
static void expect_busy(struct foray_pool *pool)
{
    struct foray_call call = foray_delayed(call_square, 3);
    struct range range = {.fn = call_square, .stop = 10};
    const struct foray_iterator iterator = {.next = next_in_range,
                                            .next_arg = &range};
    struct foray_future *future;
    struct foray_run *run;
    struct foray_error err;

    assert_int_equal(foray_parallel(pool, &call, 1, NULL, &err), FORAY_EBUSY);
    assert_int_equal(foray_run_start(&run, pool, &iterator, &err), FORAY_EBUSY);
    assert_int_equal(foray_submit(&future, pool, &call, &err), FORAY_EBUSY);
    assert_int_equal(foray_pool_close(pool), FORAY_EBUSY);
    assert_int_equal(range.next, 0);
}

static void test_case_17_one_run_at_a_time(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct range range = {.fn = call_at_gate, .stop = 10};
        struct foray_run *run;
        struct foray_error err;
        size_t n;

        shut_gate();
        run = start_range(pool, &range, NULL);
        expect_busy(pool);
        open_gate();
        assert_ok(read_all(run, &n, &err), err); /* and it is not disturbed */
        assert_int_equal(n, 10);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_case_17_two_pools_at_once(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pools[2];
        struct range ranges[2];
        struct foray_run *runs[2];
        struct foray_error err;
        size_t n;

        for (int i = 0; i < 2; i++) {
            pools[i] = open_backend(backend, 2, NULL);
            ranges[i] = (struct range){.fn = call_square, .stop = 200};
            runs[i] = start_range(pools[i], &ranges[i], NULL);
        }
        for (int k = 0; k < 100; k++)
            for (int i = 0; i < 2; i++) {
                struct foray_result result;

                assert_int_equal(foray_run_next(runs[i], &result, &err), 1);
                assert_int_equal(foray_result_i64(&result, 0), k * k);
                foray_result_free(&result);
            }
        foray_run_drop(runs[0], NULL); /* joblib: ends the other one too */
        assert_ok(read_all(runs[1], &n, &err), err);
        assert_int_equal(n, 100);
        for (int i = 0; i < 2; i++) {
            expect_works(pools[i]);
            assert_int_equal(foray_pool_close(pools[i]), 0);
        }
    }
}

static void test_case_17_dropped_in_mid_task(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct range range = {.fn = deaf_at_gate, .stop = 10};
        struct foray_run *run;
        struct foray_report report;
        double start;

        shut_gate();
        run = start_range(pool, &range, NULL);
        assert_true(await_at_gate(2));
        start = seconds_now();
        foray_run_drop(run, &report);
        assert_no_wait_since(start);
        assert_int_equal(report.ok, 0);
        assert_int_equal(report.failed + report.not_run, report.tasks);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_case_18_dropped_with_results_unread(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    for (int unordered = 0; unordered < 2; unordered++) {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct range range = {.fn = call_bytes, .stop = 10, .more = 500000};
        struct foray_run *run = start_range(
            pool, &range, &(struct foray_iterator){.unordered = unordered});
        struct foray_result result;
        struct foray_error err;

        for (int k = 0; k < 2; k++) {
            assert_int_equal(foray_run_next(run, &result, &err), 1);
            assert_int_equal(foray_result_bytes(&result, 1).size, 500000);
            foray_result_free(&result);
        }
        foray_run_drop(run, NULL);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_case_16_ordered),
        cmocka_unit_test(test_case_16_unordered_passes_the_slow_one),
        cmocka_unit_test(test_case_17_one_run_at_a_time),
        cmocka_unit_test(test_case_17_two_pools_at_once),
        cmocka_unit_test(test_case_17_dropped_in_mid_task),
        cmocka_unit_test(test_case_18_dropped_with_results_unread),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
