#include "helpers.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <foray.h>

#include "gate.h"

static int empty(struct foray_task *task)
{
    (void)task;
    return 0;
}

static void test_open_refuses_what_makes_no_sense(void **state)
{
    struct foray_error err;
    struct foray_pool *pool = (void *)1;

    (void)state;
    assert_int_equal(
        foray_pool_open(&pool, &(struct foray_config){.backend = "loky"}, &err),
        FORAY_EINVAL);
    assert_null(pool);
    assert_non_null(strstr(err.msg,
                           "\"loky\": use one of fork, forkserver, serial, "
                           "threads"));
    assert_int_equal(
        foray_pool_open(&pool, &(struct foray_config){.n_jobs = 5000}, &err),
        FORAY_EINVAL);
    assert_int_equal(
        foray_pool_open(&pool, &(struct foray_config){.inner_threads = -1},
                        &err),
        FORAY_EINVAL);
    assert_int_equal(
        foray_pool_open(&pool, &(struct foray_config){.n_keep_fds = 1}, &err),
        FORAY_EINVAL);
    assert_int_equal(
        foray_pool_open(&pool,
                        &(struct foray_config){.keep_fds = (int[]){1, INT_MAX},
                                               .n_keep_fds = 2},
                        &err),
        FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "keep_fds[1] is 2147483647"));
    assert_int_equal(foray_pool_close(NULL), 0);
}

static void test_n_jobs_as_joblib(void **state)
{
    int wanted[] = {1, 3, -1, -1000, 0}, cpus = foray_cpu_count();
    int expected[] = {1, 3, cpus, 1, cpus};

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct foray_pool *pool;
        struct foray_error err;

        assert_ok(foray_pool_open(
                      &pool, &(struct foray_config){.n_jobs = wanted[i]}, &err),
                  err);
        assert_int_equal(foray_pool_n_jobs(pool), expected[i]);
        assert_string_equal(foray_pool_backend(pool), "fork");
        for (int slot = 0; slot < expected[i]; slot++)
            assert_true(foray_pool_worker_pid(pool, slot) > 0);
        assert_int_equal(foray_pool_worker_pid(pool, expected[i]), 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_forced_backend(void **state)
{
    struct foray_pool *pool;
    struct foray_error err;

    (void)state;
    setenv("FORAY_FORCE_BACKEND", "serial", 1);
    assert_ok(
        foray_pool_open(&pool, &(struct foray_config){.backend = "fork"}, &err),
        err);
    unsetenv("FORAY_FORCE_BACKEND");
    assert_string_equal(foray_pool_backend(pool), "serial");
    assert_int_equal(foray_pool_n_jobs(pool), 1);
    assert_int_equal(foray_pool_worker_pid(pool, 0), getpid());
    assert_int_equal(foray_pool_close(pool), 0);
}

static void run_inside(const struct foray_progress *progress, void *arg)
{
    struct foray_pool **pool = arg;

    (void)progress;
    assert_int_equal(
        foray_for(*pool, &(struct foray_for){.fn = empty, .n = 1}, NULL, NULL),
        FORAY_EBUSY);
    assert_int_equal(foray_pool_close(*pool), FORAY_EBUSY);
}

static void test_one_run_at_a_time(void **state)
{
    static const char *const backends[] = {"fork", "serial"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct foray_pool *pool;
        struct foray_error err;

        assert_ok(foray_pool_open(&pool,
                                  &(struct foray_config){.backend = backends[i],
                                                         .n_jobs = 2,
                                                         .progress = run_inside,
                                                         .progress_arg = &pool},
                                  &err),
                  err);
        assert_ok(foray_for(pool, &(struct foray_for){.fn = empty, .n = 10},
                            NULL, &err),
                  err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int use_in_child(void *arg)
{
    struct foray_pool *pool = arg, *own;
    struct foray_error err;

    if (foray_for(pool, &(struct foray_for){.fn = empty, .n = 1}, NULL, &err) !=
        FORAY_EFORK)
        return 1;
    if (foray_pool_close(pool) != FORAY_EFORK)
        return 2;
    /* A pool of its own is fine. */
    if (foray_pool_open(&own, &(struct foray_config){.n_jobs = 2}, &err) ||
        foray_for(own, &(struct foray_for){.fn = empty, .n = 5}, NULL, &err) ||
        foray_pool_close(own))
        return 3;
    return 0;
}

static void test_child_of_the_host_cannot_use_it(void **state)
{
    struct foray_pool *pool;
    struct foray_error err;

    (void)state;
    assert_ok(foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err),
              err);
    assert_int_equal(in_child(use_in_child, pool), 0);
    assert_ok(
        foray_for(pool, &(struct foray_for){.fn = empty, .n = 5}, NULL, &err),
        err);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* Ends well, although the run is cancelled. */
static int heed_the_end(struct foray_task *task)
{
    pass_gate(task);
    return 0;
}

static void test_cancel_from_a_signal_handler(void **state)
{
    foray_task_fn functions[] = {heed_the_end, deaf_at_gate};
    struct foray_pool *pool;
    struct foray_report report;
    struct foray_error err;
    uint8_t status[100];

    (void)state;
    assert_ok(foray_pool_open(&pool,
                              &(struct foray_config){.n_jobs = 2, .grace = 0.1},
                              &err),
              err);
    for (int i = 0; i < 2; i++) {
        double start = seconds_now();

        cancel_at_gate(pool, 2);
        assert_int_equal(foray_for(pool,
                                   &(struct foray_for){.fn = functions[i],
                                                       .n = 100,
                                                       .status = status},
                                   &report, &err),
                         FORAY_ECANCELED);
        assert_no_wait_since(start);
        assert_int_equal(report.not_run, 98);
        /* Those that heeded the flag are done, those that were killed say so.
         */
        assert_int_equal(report.ok, i ? 0 : 2);
        assert_int_equal(report.failed, i ? 2 : 0);
        if (i)
            assert_int_equal(status[0], FORAY_TASK_CANCELLED);
    }
    /* The pool goes on afterwards. */
    assert_ok(foray_for(pool, &(struct foray_for){.fn = empty, .n = 100},
                        &report, &err),
              err);
    assert_int_equal(report.ok, 100);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_cancel_before_a_run_is_for_the_next(void **state)
{
    static const char *const backends[] = {"fork", "serial"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct foray_pool *pool;
        struct foray_error err;

        assert_ok(foray_pool_open(&pool,
                                  &(struct foray_config){
                                      .n_jobs = 2, .backend = backends[i]},
                                  &err),
                  err);
        shut_gate();
        foray_pool_cancel(pool);
        assert_int_equal(
            foray_for(pool, &(struct foray_for){.fn = heed_the_end, .n = 5},
                      NULL, &err),
            FORAY_ECANCELED);
        assert_ok(foray_for(pool, &(struct foray_for){.fn = empty, .n = 5},
                            NULL, &err),
                  err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* Too few descriptors for the workers: an error, and nothing left. */
static int open_with_few_descriptors(void *arg)
{
    struct rlimit limit = {12, 12};
    struct foray_pool *pool;
    struct foray_error err;
    size_t before = count_descriptors();

    (void)arg;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (foray_pool_open(&pool, &(struct foray_config){.n_jobs = 8}, &err) !=
        FORAY_EAGAIN)
        return 1;
    if (pool || !strstr(err.msg, "ulimit -n"))
        return 2;
    return count_descriptors() == before ? 0 : 3;
}

static void test_open_without_descriptors_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(in_child(open_with_few_descriptors, NULL), 0);
}

static int open_without_processes(void *arg)
{
    struct rlimit limit = {1, 1};
    struct foray_pool *pool;
    struct foray_error err;

    (void)arg;
    if (setresuid(65534, 65534, 65534)) /* root has no limit */
        return 77;
    setrlimit(RLIMIT_NPROC, &limit);
    if (foray_pool_open(&pool, &(struct foray_config){.n_jobs = 3}, &err) !=
        FORAY_EAGAIN)
        return 1;
    return strstr(err.msg, "ulimit -u") ? 0 : 2;
}

static void test_open_without_processes_is_an_error(void **state)
{
    int result;

    (void)state;
    if (getuid() != 0)
        skip();
    result = in_child(open_without_processes, NULL);
    assert_int_equal(result, 0);
}

static void *run_own_pool(void *arg)
{
    struct foray_pool *pool;
    long n_failed = 0;

    (void)arg;
    for (int i = 0; i < 10; i++) {
        if (foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, NULL)) {
            n_failed++;
            continue;
        }
        for (int k = 0; k < 5; k++)
            n_failed +=
                foray_for(pool, &(struct foray_for){.fn = empty, .n = 100},
                          NULL, NULL) != 0;
        n_failed += foray_pool_close(pool) != 0;
    }
    return (void *)n_failed;
}

static void test_pools_of_several_threads_are_independent(void **state)
{
    pthread_t threads[4];
    void *n_failed;

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_own_pool, NULL),
                         0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &n_failed);
        assert_null(n_failed);
    }
}

static void remember(const struct foray_progress *progress, void *arg)
{
    struct foray_progress *last = arg;

    assert_true(progress->completed >= last->completed ||
                progress->completed <= progress->total);
    *last = *progress;
}

static void test_progress_ends_at_the_total(void **state)
{
    static const char *const backends[] = {"fork", "serial"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct foray_progress last = {0};
        struct foray_pool *pool;
        struct foray_error err;

        assert_ok(
            foray_pool_open(&pool,
                            &(struct foray_config){.n_jobs = 2,
                                                   .backend = backends[i],
                                                   .progress = remember,
                                                   .progress_arg = &last,
                                                   .progress_interval = 0.001},
                            &err),
            err);
        assert_ok(foray_for(pool, &(struct foray_for){.fn = empty, .n = 500},
                            NULL, &err),
                  err);
        assert_int_equal(last.total, 500);
        assert_int_equal(last.completed, 500);
        assert_true(last.rate > 0);
        assert_true(last.remaining == 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_refuses_what_makes_no_sense),
        cmocka_unit_test(test_n_jobs_as_joblib),
        cmocka_unit_test(test_forced_backend),
        cmocka_unit_test(test_one_run_at_a_time),
        cmocka_unit_test(test_child_of_the_host_cannot_use_it),
        cmocka_unit_test(test_cancel_from_a_signal_handler),
        cmocka_unit_test(test_cancel_before_a_run_is_for_the_next),
        cmocka_unit_test(test_open_without_descriptors_is_an_error),
        cmocka_unit_test(test_open_without_processes_is_an_error),
        cmocka_unit_test(test_pools_of_several_threads_are_independent),
        cmocka_unit_test(test_progress_ends_at_the_total),
    };

    make_gate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
