/* Runs that end before their time: what is told of them, and how soon. */
#include "helpers.h"

#include <signal.h>
#include <unistd.h>

#include <foray.h>

static struct foray_pool *to_cancel;

static void cancel(int signo)
{
    (void)signo;
    foray_pool_cancel(to_cancel);
}

static void open_and_cancel_soon(const char *backend)
{
    struct foray_error err;

    assert_ok(
        foray_pool_open(&to_cancel,
                        &(struct foray_config){.n_jobs = 2, .backend = backend},
                        &err),
        err);
    signal(SIGALRM, cancel);
    ualarm(50000, 0);
}

static int empty(struct foray_task *task)
{
    (void)task;
    return 0;
}

/* The end of a run must not count its tasks one by one. */
static void test_cancel_a_run_of_very_many_tasks(void **state)
{
    double start = seconds_now();
    struct foray_report report;
    struct foray_error err;

    (void)state;
    open_and_cancel_soon("fork");
    assert_int_equal(
        foray_for(to_cancel,
                  &(struct foray_for){.fn = empty, .n = (size_t)1 << 40},
                  &report, &err),
        FORAY_ECANCELED);
    assert_true(seconds_now() - start < 5);
    assert_true(report.ok > 0);
    assert_int_equal(report.failed, 0);
    assert_true(report.ok + report.not_run == (size_t)1 << 40);
    assert_int_equal(foray_pool_close(to_cancel), 0);
}

static int give_up_when_told(struct foray_task *task)
{
    double start = seconds_now();

    while (!foray_task_cancelled(task))
        if (seconds_now() - start > 5)
            return 0;
    return 7;
}

/* In mid-task, under every backend; giving up is no error of the run. */
static void test_task_that_gives_up_is_cancelled(void **state)
{
    static const char *const backends[] = {"fork", "serial"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct foray_report report;
        struct foray_error err;
        uint8_t status[20];

        open_and_cancel_soon(backends[i]);
        assert_int_equal(foray_for(to_cancel,
                                   &(struct foray_for){.fn = give_up_when_told,
                                                       .n = 20,
                                                       .status = status},
                                   &report, &err),
                         FORAY_ECANCELED);
        assert_int_equal(status[0], FORAY_TASK_CANCELLED);
        assert_int_equal(report.ok, 0);
        assert_int_equal(report.failed, foray_pool_n_jobs(to_cancel));
        assert_int_equal(report.not_run, 20 - report.failed);
        assert_ok(foray_for(to_cancel, &(struct foray_for){.fn = empty, .n = 5},
                            &report, &err),
                  err);
        assert_int_equal(report.ok, 5);
        assert_int_equal(foray_pool_close(to_cancel), 0);
    }
}

static int fail_or_give_up(struct foray_task *task)
{
    if (foray_task_index(task) == 3)
        return foray_task_fail(task, "no convergence");
    return give_up_when_told(task);
}

/* The others ended because of task 3: it is the one to tell, although their
 * indices are lower. */
static void test_stop_tells_the_cause(void **state)
{
    struct foray_pool *pool;
    struct foray_error err;

    (void)state;
    assert_ok(foray_pool_open(&pool, &(struct foray_config){.n_jobs = 4}, &err),
              err);
    assert_int_equal(
        foray_for(pool, &(struct foray_for){.fn = fail_or_give_up, .n = 20},
                  NULL, &err),
        FORAY_ETASK);
    assert_int_equal(err.task, 3);
    assert_string_equal(err.msg,
                        "no convergence; FORAY_ONLY_TASK=3 runs it alone");
    assert_int_equal(foray_pool_close(pool), 0);
}

/* The last progress call comes when all is done; the run has not returned. */
static void cancel_at_the_end(const struct foray_progress *progress, void *arg)
{
    int *left = arg;

    if (progress->completed == progress->total && (*left)-- > 0)
        foray_pool_cancel(to_cancel);
}

static void test_cancel_from_the_last_progress_call(void **state)
{
    static const char *const backends[] = {"fork", "serial"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct foray_report report;
        struct foray_error err;
        int left = 1;

        assert_ok(foray_pool_open(
                      &to_cancel,
                      &(struct foray_config){.n_jobs = 2,
                                             .backend = backends[i],
                                             .progress = cancel_at_the_end,
                                             .progress_interval = 60,
                                             .progress_arg = &left},
                      &err),
                  err);
        assert_int_equal(foray_for(to_cancel,
                                   &(struct foray_for){.fn = empty, .n = 9},
                                   &report, &err),
                         FORAY_ECANCELED);
        assert_int_equal(report.ok, 9);
        assert_ok(foray_for(to_cancel, &(struct foray_for){.fn = empty, .n = 9},
                            &report, &err),
                  err);
        assert_int_equal(foray_pool_close(to_cancel), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cancel_a_run_of_very_many_tasks),
        cmocka_unit_test(test_task_that_gives_up_is_cancelled),
        cmocka_unit_test(test_stop_tells_the_cause),
        cmocka_unit_test(test_cancel_from_the_last_progress_call),
    };

    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
