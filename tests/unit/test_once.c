/* Runs that are given no pool: one is made for the run, of this thread's
 * configuration. */
#include "helpers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray.h>

#include "calls.h"
#include "once.h"

static struct foray_error err;

static int count_workers(struct foray_task *task)
{
    return foray_task_worker(task) < 2 ? 0 : foray_task_fail(task, "too many");
}

static void test_no_more_workers_than_tasks(void **state)
{
    struct foray_for loop = {.fn = count_workers, .n = 2};
    struct foray_report report;

    (void)state;
    configure_once(&(struct backend){.name = "fork"}, NULL);
    assert_ok(foray_for(NULL, &loop, &report, &err), err);
    assert_int_equal(report.workers, 2);
    assert_int_equal(report.ok, 2);
    loop.n = 0;
    assert_ok(foray_for(NULL, &loop, &report, &err), err);
    assert_ok(foray_parallel(NULL, NULL, 0, NULL, &err), err);
    assert_int_equal(foray_config_pop(), 0);
}

static void test_sum(void **state)
{
    struct foray_array x = private_ones();
    double sum;

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        configure_once(backend, NULL);
        assert_ok(foray_array_sum(&sum, NULL, &x, &err), err);
        assert_true(sum == ONCE_LENGTH);
        assert_int_equal(foray_config_pop(), 0);
    }
    free(x.data);
}

/* An iterator's pool is made for it and ends with it. */
static void test_iterator(void **state)
{
    size_t descriptors = count_descriptors();

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct range range = {.stop = 100, .fn = call_pid};
        struct foray_result result;
        struct foray_report report;
        struct foray_run *run;
        pid_t worker = 0;
        int n = 0;

        configure_once(backend, NULL);
        run = start_range(NULL, &range, NULL);
        for (; foray_run_next(run, &result, &err) == 1; n++) {
            assert_int_equal(foray_result_i64(&result, 0), n);
            worker = (pid_t)foray_result_i64(&result, 1);
            foray_result_free(&result);
        }
        assert_int_equal(n, 100);
        foray_run_drop(run, &report);
        assert_int_equal(report.ok, 100);
        assert_int_equal(report.workers, backend->parallel ? 3 : 1);
        assert_true(!backend->processes || process_ends(worker));

        /* Of two calls, and one that is dropped at once. */
        range = (struct range){.stop = 2, .fn = call_square};
        run = start_range(NULL, &range, &(struct foray_iterator){.total = 2});
        foray_run_drop(run, &report);
        assert_true(report.workers <= 2);
        assert_int_equal(foray_config_pop(), 0);
        assert_int_equal(count_descriptors(), descriptors);
    }
}

static int first_number(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);

    return foray_return(task, FORAY_AT(x, double, 0));
}

/* Makes calls of an array that it changes between them. */
static int next_changed(struct foray_slot *slot, void *arg)
{
    struct foray_array *x = arg;

    if (FORAY_AT(x, double, 0) >= 20)
        return 0;
    FORAY_AT(x, double, 0) += 1;
    return foray_produce(slot, foray_delayed(first_number, x));
}

/* Calls of an iterator are younger than its workers: what they pass is never
 * the memory that these inherited. */
static void test_iterator_passes_what_is_there_now(void **state)
{
    struct foray_array x = private_ones();
    struct foray_iterator iterator = {.next = next_changed, .next_arg = &x};

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_result result;
        struct foray_run *run;

        configure_once(backend, NULL);
        FORAY_AT(&x, double, 0) = 1;
        assert_ok(foray_run_start(&run, NULL, &iterator, &err), err);
        for (int n = 2; foray_run_next(run, &result, &err) == 1; n++) {
            assert_true(foray_result_f64(&result, 0) == n);
            foray_result_free(&result);
        }
        foray_run_drop(run, NULL);
        assert_true(FORAY_AT(&x, double, 0) == 20);
        assert_int_equal(foray_config_pop(), 0);
    }
    free(x.data);
}

static void cancel(const struct foray_progress *progress, void *arg)
{
    (void)arg;
    foray_pool_cancel(progress->pool);
}

/* Nobody knows the pool but the progress callback. */
static void test_cancelled_by_progress(void **state)
{
    struct foray_config config = {.progress = cancel,
                                  .progress_interval = 0.05};

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        configure_once(backend, NULL);
        assert_ok(foray_config_push(&config, &err), err);
        assert_int_equal(run_list(NULL, call_sleep, 1000, 20, NULL, &err),
                         FORAY_ECANCELED);
        assert_int_equal(foray_config_pop(), 0);
        assert_ok(run_list(NULL, call_sleep, 5, 0, NULL, &err), err);
        assert_int_equal(foray_config_pop(), 0);
    }
}

static void test_no_futures(void **state)
{
    struct foray_call call = foray_delayed(call_square, 3);
    struct foray_future *future = NULL;

    (void)state;
    assert_int_equal(foray_submit(&future, NULL, &call, &err), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "needs a pool"));
    assert_null(future);
}

static void test_configuration_that_makes_no_sense(void **state)
{
    struct foray_call call = foray_delayed(call_square, 3);
    struct foray_result result;
    struct foray_iterator iterator = {.next = next_changed};
    struct foray_run *run;

    (void)state;
    setenv("FORAY_N_JOBS", "0", 1);
    assert_int_equal(foray_run_start(&run, NULL, &iterator, &err),
                     FORAY_EINVAL);
    assert_null(run);
    assert_non_null(strstr(err.msg, "FORAY_N_JOBS"));
    assert_int_equal(foray_parallel(NULL, &call, 1, &result, &err),
                     FORAY_EINVAL);
    unsetenv("FORAY_N_JOBS");
    assert_non_null(strstr(err.msg, "FORAY_N_JOBS"));
    assert_int_equal(result.status, FORAY_TASK_NOT_RUN);
    foray_result_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_more_workers_than_tasks),
        cmocka_unit_test(test_sum),
        cmocka_unit_test(test_iterator),
        cmocka_unit_test(test_iterator_passes_what_is_there_now),
        cmocka_unit_test(test_cancelled_by_progress),
        cmocka_unit_test(test_no_futures),
        cmocka_unit_test(test_configuration_that_makes_no_sense),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
