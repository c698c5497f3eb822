/* Tasks that take too long: killed, and told as that. */
#include "helpers.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

#include "engine/deadline.h"
#include "gate.h"
#include "pools.h"

enum { N = 20 };

static void keep(const struct foray_error *err, void *arg)
{
    struct foray_error *errors = arg;

    errors[err->task] = *err;
}

/* Tasks 2 and 4 never end, 4 not even as a running process. */
static int hang(struct foray_task *task)
{
    size_t i = foray_task_index(task);

    if (i == 4)
        raise(SIGSTOP);
    while (i == 2 || i == 4)
        pause();
    return 0;
}

static void expect_long_tasks_killed(void)
{
    double start = seconds_now();
    /* The others may be kept from running that long, but not every time. */
    struct foray_pool *pool =
        open_pool("fork", 2,
                  &(struct foray_config){
                      .timeout = 0.2, .retries = 5, .on_error = FORAY_SKIP});
    struct foray_error errors[N] = {{0}}, err;
    struct foray_report report;
    uint8_t status[N];

    assert_ok(foray_for(pool,
                        &(struct foray_for){.fn = hang,
                                            .n = N,
                                            .status = status,
                                            .failed = keep,
                                            .failed_arg = errors},
                        &report, &err),
              err);
    assert_no_wait_since(start);
    for (int i = 0; i < N; i++)
        assert_int_equal(status[i],
                         i == 2 || i == 4 ? FORAY_TASK_TIMEOUT : FORAY_TASK_OK);
    assert_int_equal(errors[4].code, FORAY_ETIMEDOUT);
    assert_non_null(strstr(errors[2].msg, "timeout of 0.2 s"));
    assert_int_equal(report.timed_out, 2);
    assert_int_equal(report.crashed, 0);
    assert_int_equal(report.failed, 2);
    assert_true(report.retried >= 10);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int do_nothing(struct foray_task *task)
{
    (void)task;
    return 0;
}

static void expect_short_tasks_left_alone(void)
{
    struct foray_pool *pool =
        open_pool("fork", 2, &(struct foray_config){.timeout = PATIENCE});
    struct foray_report report;
    struct foray_error err;

    assert_ok(foray_for(pool, &(struct foray_for){.fn = do_nothing, .n = N},
                        &report, &err),
              err);
    assert_int_equal(report.failed, 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_long_tasks_are_killed(void **state)
{
    (void)state;
    expect_long_tasks_killed();
}

/* Timers count as pending signals, of which there may be too many. */
static void test_workers_that_have_no_timer(void **state)
{
    struct rlimit limit, none;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_SIGPENDING, &limit), 0);
    none = (struct rlimit){0, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_SIGPENDING, &none), 0);
    expect_long_tasks_killed();
    assert_int_equal(setrlimit(RLIMIT_SIGPENDING, &limit), 0);
    setenv("FORAY_TEST_NO", "timer", 1);
    expect_long_tasks_killed();
    expect_short_tasks_left_alone();
    unsetenv("FORAY_TEST_NO");
}

/* Ends within microseconds of its deadline, before it or behind. */
static int end_at_the_deadline(struct foray_task *task)
{
    double start = seconds_now();
    double seconds = 2e-3 - 1e-6 * (double)(foray_task_index(task) % 32);

    while (seconds_now() - start < seconds)
        continue;
    return 0;
}

static void count_others(const struct foray_error *err, void *arg)
{
    *(int *)arg += err->code != FORAY_ETIMEDOUT;
}

/* The kernel may kill it while it says that it is done. */
static void test_ends_at_the_deadline(void **state)
{
    struct foray_pool *pool = open_pool(
        "fork", 2,
        &(struct foray_config){.timeout = 2e-3, .on_error = FORAY_SKIP});
    struct foray_report report;
    struct foray_error err;
    int n_others = 0;

    (void)state;
    assert_ok(foray_for(pool,
                        &(struct foray_for){.fn = end_at_the_deadline,
                                            .n = 600,
                                            .failed = count_others,
                                            .failed_arg = &n_others},
                        &report, &err),
              err);
    assert_int_equal(n_others, 0);
    assert_int_equal(report.timed_out, report.failed);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int stop_for_good(struct foray_task *task)
{
    if (foray_task_attempt(task) == 1)
        raise(foray_task_i64(task, 0) ? SIGSTOP : SIGKILL);
    return foray_return(task, foray_task_attempt(task));
}

static int one_call(struct foray_slot *slot, void *arg)
{
    int *left = arg;

    return *left > 0
               ? foray_produce(slot, foray_delayed(stop_for_good, --*left))
               : 0;
}

static uint64_t now_in_nanoseconds(void)
{
    return (uint64_t)(seconds_now() * 1e9);
}

/* Who killed a worker is what its wait status says, as far as it goes. */
static void test_who_killed_it(void **state)
{
    static _Atomic uint64_t deadline;

    (void)state;
    atomic_store(&deadline, now_in_nanoseconds() + UINT64_C(3600000000000));
    assert_false(foray__deadline_killed(&deadline, SIGKILL));
    assert_false(foray__deadline_killed(&deadline, SIGALRM));
    assert_false(foray__deadline_killed(&deadline, -1));
    atomic_store(&deadline, now_in_nanoseconds());
    assert_false(foray__deadline_killed(&deadline, SIGKILL));
    assert_true(foray__deadline_killed(&deadline, SIGALRM));
    assert_true(foray__deadline_killed(&deadline, -1)); /* who knows */
    atomic_store(&deadline, 1);
    assert_true(foray__deadline_killed(&deadline, SIGKILL)); /* was stopped */
    assert_true(foray__deadline_killed(&deadline, SIGALRM));
    assert_false(foray__deadline_killed(&deadline, SIGTERM));
    assert_false(foray__deadline_killed(&deadline, 3 << 8)); /* _exit(3) */
}

static int die_of(struct foray_task *task)
{
    raise((int)foray_task_i64(task, 0));
    return 0;
}

static int call_to_die(struct foray_slot *slot, void *arg)
{
    int *signal = arg, now = *signal;

    *signal = 0;
    return now ? foray_produce(slot, foray_delayed(die_of, now)) : 0;
}

/* It dies in time, and the caller looks when the time is over. */
static void test_killed_before_its_deadline(void **state)
{
    struct foray_pool *pool = open_pool(
        "fork", 2,
        &(struct foray_config){.timeout = 0.1, .on_error = FORAY_SKIP});
    pid_t pids[2] = {foray_pool_worker_pid(pool, 0),
                     foray_pool_worker_pid(pool, 1)};
    struct foray_result result;
    struct foray_error err;
    struct foray_run *run;
    int signal = SIGTERM;

    (void)state;
    assert_ok(foray_run_start(&run, pool,
                              &(struct foray_iterator){.next = call_to_die,
                                                       .next_arg = &signal},
                              &err),
              err);
    while (process_lives(pids[0]) && process_lives(pids[1]))
        nap(1e-3);
    nap(0.2);
    assert_int_equal(foray_run_next(run, &result, &err), 1);
    assert_int_equal(result.status, FORAY_TASK_CRASHED);
    assert_int_equal(foray_result_error(&result)->signal, SIGTERM);
    foray_result_free(&result);
    foray_run_drop(run, NULL);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* The caller computes between two results: nobody watches the workers. */
static void test_timeout_holds_while_the_caller_is_elsewhere(void **state)
{
    struct foray_pool *pool = open_pool(
        "fork", 2, &(struct foray_config){.timeout = 0.2, .retries = 9});
    struct foray_report report;
    struct foray_result result;
    struct foray_run *run;
    struct foray_error err;
    int left = 2;
    pid_t pids[2];

    (void)state;
    for (int k = 0; k < 2; k++)
        pids[k] = foray_pool_worker_pid(pool, k);
    assert_ok(foray_run_start(&run, pool,
                              &(struct foray_iterator){.next = one_call,
                                                       .next_arg = &left,
                                                       .batch_size = 1},
                              &err),
              err);
    for (int k = 0; k < 2; k++)
        assert_true(process_ends(pids[k]));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(foray_run_next(run, &result, &err), 1);
        assert_true(result.attempt >= 2);
        assert_int_equal(foray_result_i64(&result, 0), result.attempt);
        foray_result_free(&result);
    }
    assert_int_equal(foray_run_next(run, &result, &err), 0);
    foray_run_drop(run, &report);
    assert_true(report.retried >= 2);
    assert_int_equal(report.failed, 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* A worker keeps some sixty of these until they are collected, and waits. */
enum { N_MUCH = 200, N_KEPT = 60 };

static int much(struct foray_task *task)
{
    static char bytes[4000];

    come_to_gate();
    return foray_return(task, FORAY_BYTES(bytes, sizeof bytes),
                        foray_task_i64(task, 0));
}

static int much_more(struct foray_slot *slot, void *arg)
{
    int *n = arg;

    return *n < N_MUCH ? foray_produce(slot, foray_delayed(much, (*n)++)) : 0;
}

/* A worker that waits until its results are collected runs no task. */
static void test_worker_stopped_between_tasks_is_replaced(void **state)
{
    struct foray_pool *pool = open_pool(
        "fork", 2, &(struct foray_config){.timeout = 1, .retries = 9});
    struct foray_result result;
    struct foray_report report;
    struct foray_run *run;
    struct foray_error err;
    int n = 0;
    pid_t pids[2];

    (void)state;
    shut_gate();
    assert_ok(foray_run_start(&run, pool,
                              &(struct foray_iterator){.next = much_more,
                                                       .next_arg = &n,
                                                       .batch_size = N_MUCH / 2,
                                                       .pre_dispatch = "2"},
                              &err),
              err);
    assert_true(await_at_gate(2 * N_KEPT));
    nap(0.3); /* for the last of them to wait */
    for (int k = 0; k < 2; k++) {
        pids[k] = foray_pool_worker_pid(pool, k);
        kill(pids[k], SIGSTOP);
        assert_true(process_stops(pids[k]));
    }
    for (int i = 0; i < N_MUCH; i++) {
        assert_int_equal(foray_run_next(run, &result, &err), 1);
        assert_int_equal(foray_result_i64(&result, 1), i);
        foray_result_free(&result);
    }
    foray_run_drop(run, &report);
    assert_int_equal(report.failed, 0);
    assert_int_equal(report.replaced, 2);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int call_in_vain(struct foray_task *task)
{
    if (foray_task_i64(task, 0) == 1)
        nap(2 * PATIENCE);
    if (foray_task_i64(task, 0) == 2)
        return foray_task_fail(task, "try %d", foray_task_attempt(task));
    if (foray_task_i64(task, 0) == 3)
        raise(SIGKILL);
    return foray_return(task, 1);
}

static void test_calls_say_how_they_ended(void **state)
{
    struct foray_pool *pool =
        open_pool("fork", 2,
                  &(struct foray_config){
                      .timeout = 1, .retries = 3, .on_error = FORAY_SKIP});
    static const enum foray_status ends[] = {FORAY_TASK_OK, FORAY_TASK_TIMEOUT,
                                             FORAY_TASK_FAILED,
                                             FORAY_TASK_CRASHED};
    struct foray_result results[4];
    struct foray_call calls[4];
    struct foray_error err;

    (void)state;
    for (int i = 0; i < 4; i++)
        calls[i] = foray_delayed(call_in_vain, i);
    assert_ok(foray_parallel(pool, calls, 4, results, &err), err);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(results[i].status, ends[i]);
        if (i)
            assert_int_equal(results[i].attempt, 4);
    }
    assert_non_null(
        strstr(foray_result_error(&results[2])->msg, "call_in_vain(2): try 4"));
    assert_int_equal(results[1].code, FORAY_ETIMEDOUT);
    foray_results_free(results, 4);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void count_sentences(const char *sentence, void *arg)
{
    *(int *)arg += strstr(sentence, "timeout") != NULL;
}

static int quick(struct foray_task *task)
{
    (void)task;
    return 0;
}

static void test_serial_says_that_it_holds_no_timeout(void **state)
{
    struct foray_pool *pool;
    struct foray_call calls[3];
    struct foray_error err;
    int n = 0;

    (void)state;
    if (getenv("FORAY_FORCE_BACKEND"))
        skip();
    pool = open_pool("serial", 2,
                     &(struct foray_config){
                         .timeout = 1, .log = count_sentences, .log_arg = &n});
    for (int i = 0; i < 3; i++)
        calls[i] = foray_delayed(quick);
    assert_ok(
        foray_for(pool, &(struct foray_for){.fn = quick, .n = N}, NULL, &err),
        err);
    assert_int_equal(n, 1);
    assert_ok(foray_parallel(pool, calls, 3, NULL, &err), err);
    assert_int_equal(n, 2);
    assert_int_equal(foray_pool_close(pool), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_tasks_are_killed),
        cmocka_unit_test(test_workers_that_have_no_timer),
        cmocka_unit_test(test_ends_at_the_deadline),
        cmocka_unit_test(test_who_killed_it),
        cmocka_unit_test(test_killed_before_its_deadline),
        cmocka_unit_test(test_timeout_holds_while_the_caller_is_elsewhere),
        cmocka_unit_test(test_worker_stopped_between_tasks_is_replaced),
        cmocka_unit_test(test_calls_say_how_they_ended),
        cmocka_unit_test(test_serial_says_that_it_holds_no_timeout),
    };

    make_gate();
    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
