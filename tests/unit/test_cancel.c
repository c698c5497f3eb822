/* Runs that end before their time: what is told of them, and how soon. */
#include "helpers.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

#include "calls.h"
#include "every_backend.h"
#include "gate.h"
#include "pools.h"

/* Those that run foray_for; the last has no worker beside the caller. */
static const char *const backends[] = {"fork", "forkserver", "threads",
                                       "outside", "serial"};
enum { SERIAL = 4, N_BACKENDS };

static int empty(struct foray_task *task)
{
    (void)task;
    return 0;
}

static int come(struct foray_task *task)
{
    (void)task;
    come_to_gate();
    return 0;
}

/* The end of a run must not count its tasks one by one. */
static void test_cancel_a_run_of_very_many_tasks(void **state)
{
    (void)state;
    for (int i = 0; i < SERIAL; i++) {
        double start = seconds_now();
        struct foray_pool *pool = open_pool(backends[i], 2, NULL);
        struct foray_for many = {.fn = come, .n = (size_t)1 << 40};
        struct foray_report report;
        struct foray_error err;

        cancel_at_gate(pool, 1000);
        assert_int_equal(foray_for(pool, &many, &report, &err),
                         FORAY_ECANCELED);
        assert_no_wait_since(start);
        assert_true(report.ok >= 1000);
        assert_int_equal(report.failed, 0);
        assert_true(report.ok + report.not_run == many.n);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int give_up_when_told(struct foray_task *task)
{
    pass_gate(task);
    return foray_task_cancelled(task) ? 7 : 0;
}

/* In mid-task, under every backend; giving up is no error of the run. */
static void test_task_that_gives_up_is_cancelled(void **state)
{
    (void)state;
    for (int i = 0; i < N_BACKENDS; i++) {
        struct foray_pool *pool = open_pool(backends[i], 2, NULL);
        int n_jobs = foray_pool_n_jobs(pool);
        struct foray_report report;
        struct foray_error err;
        uint8_t status[20];

        cancel_at_gate(pool, n_jobs);
        assert_int_equal(foray_for(pool,
                                   &(struct foray_for){.fn = give_up_when_told,
                                                       .n = 20,
                                                       .status = status},
                                   &report, &err),
                         FORAY_ECANCELED);
        assert_int_equal(status[0], FORAY_TASK_CANCELLED);
        assert_int_equal(report.ok, 0);
        assert_int_equal(report.failed, n_jobs);
        assert_int_equal(report.not_run, 20 - n_jobs);
        assert_ok(foray_for(pool, &(struct foray_for){.fn = empty, .n = 5},
                            &report, &err),
                  err);
        assert_int_equal(report.ok, 5);
        assert_int_equal(foray_pool_close(pool), 0);
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
    (void)state;
    for (int i = 0; i < SERIAL; i++) {
        const struct foray_config config = {.n_jobs = 4,
                                            .backend = backends[i]};
        const struct foray_for loop = {.fn = fail_or_give_up, .n = 20};
        struct foray_pool *pool;
        struct foray_error err;

        shut_gate();
        assert_ok(foray_pool_open(&pool, &config, &err), err);
        assert_int_equal(foray_for(pool, &loop, NULL, &err), FORAY_ETASK);
        assert_int_equal(err.task, 3);
        assert_string_equal(err.msg,
                            "no convergence; FORAY_ONLY_TASK=3 runs it alone");
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static struct foray_pool *to_cancel;

/* The last progress call comes when all is done; the run has not returned. */
static void cancel_at_the_end(const struct foray_progress *progress, void *arg)
{
    int *left = arg;

    if (progress->completed == progress->total && (*left)-- > 0)
        foray_pool_cancel(to_cancel);
}

static void test_cancel_from_the_last_progress_call(void **state)
{
    (void)state;
    for (int i = 0; i < N_BACKENDS; i++) {
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

static struct foray_run *run_to_cancel;

static void cancel_run(int signo)
{
    (void)signo;
    foray_run_cancel(run_to_cancel);
}

static void *cancel_run_soon(void *arg)
{
    (void)arg;
    await_at_gate(1);
    foray_run_cancel(run_to_cancel);
    return NULL;
}

/* Of a run with a pool and of one without, in which one call outlasts the test:
 * cancelled from a signal handler or from another thread. */
static void expect_run_cancelled(const struct backend *backend, bool own,
                                 bool by_thread)
{
    struct foray_config config = {.backend = backend->name, .n_jobs = 2};
    struct range range = {.stop = 1000, .fn = call_at_gate};
    struct foray_pool *pool = NULL;
    struct foray_error err;
    pthread_t thread;
    size_t n;

    assert_ok(foray_config_push(&config, &err), err);
    if (own)
        pool = open_backend(backend, 2, NULL);
    shut_gate();
    run_to_cancel = start_range(pool, &range, NULL);
    signal(SIGALRM, cancel_run);
    if (by_thread)
        assert_int_equal(pthread_create(&thread, NULL, cancel_run_soon, NULL),
                         0);
    else
        setitimer(ITIMER_REAL,
                  &(struct itimerval){.it_value = {.tv_usec = 200 * 1000}},
                  NULL);
    assert_int_equal(read_all(run_to_cancel, &n, &err), FORAY_ECANCELED);
    if (by_thread)
        pthread_join(thread, NULL);
    if (own)
        expect_works(pool);
    assert_int_equal(foray_pool_close(pool), 0);
    assert_int_equal(foray_config_pop(), 0);
}

static void test_cancel_an_iterator(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        expect_run_cancelled(backend, true, false);
        expect_run_cancelled(backend, false, false);
        expect_run_cancelled(backend, false, true);
    }
}

/* It means this run and no other, whenever it comes. */
static void test_cancel_a_run_that_ended(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct range range = {.stop = 3, .fn = call_square};
        struct foray_run *run = start_range(pool, &range, NULL);
        struct foray_result result;
        struct foray_error err;

        for (int i = 0; i < 3; i++) {
            assert_int_equal(foray_run_next(run, &result, &err), 1);
            foray_result_free(&result);
        }
        assert_int_equal(foray_run_next(run, &result, &err), 0);
        foray_run_cancel(run);
        assert_int_equal(foray_run_next(run, &result, &err), 0);
        foray_run_drop(run, NULL);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void cancel_from_child(const struct foray_progress *progress, void *arg)
{
    int *status = arg;
    pid_t pid = fork();

    if (pid == 0) {
        foray_pool_cancel(progress->pool);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, status, 0), pid);
}

/* (i) -> i: fails when the run ends. */
static int nap_or_give_up(struct foray_task *task)
{
    for (int i = 0; i < 20; i++) {
        nap(0.005);
        if (foray_task_cancelled(task))
            return foray_task_fail(task, "saw the end");
    }
    return foray_return(task, foray_task_i64(task, 0));
}

/* A child has its parent's handlers, until it executes something else. */
static void test_a_child_cancels_nothing(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        int status = -1;
        struct foray_config config = {.progress = cancel_from_child,
                                      .progress_interval = 0.01,
                                      .progress_arg = &status};
        struct foray_pool *pool = open_backend(backend, 2, &config);
        struct foray_error err;

        assert_ok(run_list(pool, nap_or_give_up, 6, 0, NULL, &err), err);
        assert_int_equal(status, 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cancel_a_run_of_very_many_tasks),
        cmocka_unit_test(test_task_that_gives_up_is_cancelled),
        cmocka_unit_test(test_stop_tells_the_cause),
        cmocka_unit_test(test_cancel_from_the_last_progress_call),
        cmocka_unit_test(test_cancel_an_iterator),
        cmocka_unit_test(test_cancel_a_run_that_ended),
        cmocka_unit_test(test_a_child_cancels_nothing),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
