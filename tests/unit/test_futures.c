/* Futures: one call each, waited for, asked after, cancelled, forgotten. */
#include "helpers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "every_backend.h"
#include "gate.h"

enum { N = 1000 };

static struct foray_future *submit(struct foray_pool *pool, foray_task_fn fn,
                                   int64_t i, int64_t more)
{
    struct foray_call call = foray_delayed(fn, i, more);
    struct foray_future *future;
    struct foray_error err;

    assert_ok(foray_submit(&future, pool, &call, &err), err);
    return future;
}

/* The first value of a call that must be done right. */
static int64_t value_of(struct foray_future *future)
{
    struct foray_result result;
    struct foray_error err;
    int64_t value;

    assert_ok(foray_future_wait(future, -1, &result, &err), err);
    assert_int_equal(result.code, 0);
    value = foray_result_i64(&result, 0);
    foray_result_free(&result);
    return value;
}

static void test_wait_in_any_order(void **state)
{
    static struct foray_future *futures[N];

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 3, NULL);

        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < N; i++)
                futures[i] = submit(pool, call_square, i, 0);
            for (int i = 0; i < N; i++) { /* 7 and 1000 have no common factor */
                int k = round == 0 ? i : round == 1 ? N - 1 - i : i * 7 % N;

                assert_int_equal(value_of(futures[k]), k * k);
                assert_true(foray_future_done(futures[k]));
            }
            for (int i = 0; i < N; i++)
                foray_future_free(futures[i]);
            expect_works(pool); /* the last one freed the pool */
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_timeouts_and_taking_twice(void **state)
{
    (void)state;
    FOR_PARALLEL_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 1, NULL);
        struct foray_future *future;
        struct foray_result result;
        struct foray_error err;

        shut_gate();
        future = submit(pool, call_at_gate, 5, 0);
        assert_int_equal(foray_future_wait(future, 0, &result, &err),
                         FORAY_EAGAIN);
        assert_int_equal(foray_future_wait(future, 0.05, &result, &err),
                         FORAY_EAGAIN);
        assert_false(foray_future_done(future));
        open_gate();
        assert_int_equal(value_of(future), 5);
        assert_true(foray_future_done(future));
        assert_false(foray_future_cancel(future));
        assert_int_equal(foray_future_wait(future, 0, &result, &err),
                         FORAY_EINVAL);
        foray_future_free(future);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_cancel(void **state)
{
    static struct foray_future *futures[100];

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        int n_cancelled = 0;
        struct foray_error err;

        shut_gate();
        for (int i = 0; i < 100; i++)
            futures[i] = submit(pool, i < 2 ? call_at_gate : call_sleep, i, 0);
        for (int i = 99; i >= 50; i--)
            n_cancelled += foray_future_cancel(futures[i]);
        assert_int_equal(n_cancelled, 50);
        open_gate();
        assert_false(foray_future_cancel(futures[99])); /* it is done now */
        for (int i = 0; i < 50; i++)
            assert_int_equal(value_of(futures[i]), i);
        for (int i = 50; i < 100; i++) {
            struct foray_result result;

            assert_true(foray_future_done(futures[i]));
            assert_ok(foray_future_wait(futures[i], 0, &result, &err), err);
            assert_int_equal(result.code, FORAY_ECANCELED);
            assert_int_equal(result.status, FORAY_TASK_CANCELLED);
            foray_result_free(&result);
        }
        for (int i = 0; i < 100; i++)
            foray_future_free(futures[i]);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_freed_before_done(void **state)
{
    static struct foray_future *futures[100];

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        size_t descriptors = count_descriptors();

        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 100; i++)
                futures[i] = submit(pool, call_bytes, i, 10000);
            for (int i = 0; i < 100; i++)
                if (i % 10 != round % 10)
                    foray_future_free(futures[i]);
            for (int i = round % 10; i < 100; i += 10) {
                if (round % 2)
                    assert_int_equal(value_of(futures[i]), i);
                foray_future_free(futures[i]);
            }
        }
        foray_future_free(NULL);
        expect_works(pool);
        assert_int_equal(count_descriptors(), descriptors);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* (i) -> i, but 3 fails and 5 dies where that is survived */
static int fail_or_die(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0);

    if (i == 3)
        return foray_task_fail(task, "three");
    if (i == 5 && foray_task_i64(task, 1))
        raise(SIGKILL);
    return foray_return(task, i);
}

static void test_failed_calls_leave_the_others(void **state)
{
    struct foray_future *futures[10];

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);

        for (int i = 0; i < 10; i++)
            futures[i] = submit(pool, fail_or_die, i, backend->processes);
        for (int i = 0; i < 10; i++) {
            struct foray_result result;
            struct foray_error err;

            assert_ok(foray_future_wait(futures[i], PATIENCE, &result, &err),
                      err);
            if (i == 3)
                assert_int_equal(result.code, FORAY_ETASK);
            else if (i == 5 && backend->processes)
                assert_int_equal(result.code, FORAY_ECRASH);
            else
                assert_int_equal(foray_result_i64(&result, 0), i);
            foray_result_free(&result);
        }
        for (int i = 0; i < 10; i++)
            foray_future_free(futures[i]);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* Calls that have begun are killed, or see the end of the run. */
static void test_cancelled_pool(void **state)
{
    enum { N_WAITING = 20 };
    struct foray_future *futures[N_WAITING];

    (void)state;
    FOR_PARALLEL_BACKENDS(backend)
    {
        struct foray_pool *pool =
            open_backend(backend, 2, &(struct foray_config){.grace = 0.1});
        foray_task_fn fn = backend->processes ? deaf_at_gate : call_at_gate;
        struct foray_call call = foray_delayed(call_square, 1);
        struct foray_future *late;
        struct foray_error err;

        shut_gate();
        for (int i = 0; i < N_WAITING; i++)
            futures[i] = submit(pool, fn, i, 0);
        foray_pool_cancel(pool);
        for (int i = 0; i < N_WAITING; i++) {
            struct foray_result result;

            assert_ok(foray_future_wait(futures[i], PATIENCE, &result, &err),
                      err);
            assert_int_not_equal(result.code, 0);
            foray_result_free(&result);
        }
        assert_int_equal(foray_submit(&late, pool, &call, &err),
                         FORAY_ECANCELED);
        for (int i = 0; i < N_WAITING; i++)
            foray_future_free(futures[i]);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_refused_while_futures_are_there(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct foray_future *future = submit(pool, call_square, 4, 0);
        struct foray_call call = {0};
        struct foray_future *other;
        struct foray_error err;

        assert_int_equal(foray_submit(&other, pool, &call, &err),
                         FORAY_EINVAL); /* no function */
        assert_null(other);
        call = foray_delayed(call_square, 1);
        assert_int_equal(foray_parallel(pool, &call, 1, NULL, &err),
                         FORAY_EBUSY);
        assert_int_equal(foray_pool_close(pool), FORAY_EBUSY);
        assert_int_equal(value_of(future), 16);
        foray_future_free(future);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* One outlasts thousands of others, of which some are done and some are not. */
static void test_one_that_lasts(void **state)
{
    enum { MANY = 3000, AHEAD = 100 };
    static struct foray_future *futures[MANY];

    (void)state;
    FOR_PARALLEL_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct foray_future *first;

        shut_gate();
        first = submit(pool, call_at_gate, -1, 0);
        assert_true(await_at_gate(1));
        for (int i = 0; i < MANY + AHEAD; i++) {
            if (i < MANY)
                futures[i] = submit(pool, call_square, i, 0);
            if (i < AHEAD)
                continue;
            assert_int_equal(value_of(futures[i - AHEAD]),
                             (i - AHEAD) * (i - AHEAD));
            foray_future_free(futures[i - AHEAD]);
        }
        assert_false(foray_future_done(first));
        open_gate();
        assert_int_equal(value_of(first), -1);
        foray_future_free(first);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_in_any_order),
        cmocka_unit_test(test_timeouts_and_taking_twice),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_freed_before_done),
        cmocka_unit_test(test_failed_calls_leave_the_others),
        cmocka_unit_test(test_cancelled_pool),
        cmocka_unit_test(test_one_that_lasts),
        cmocka_unit_test(test_refused_while_futures_are_there),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
