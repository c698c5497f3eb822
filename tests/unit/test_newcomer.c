/* Workers that are forked in the middle of a run, for one that died. */
#include "helpers.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <foray.h>

#include "gate.h"

enum { N = 20 };

/* A parent that does not get to run for a while after it forked. */
static bool is_slow;
static void be_slow(void)
{
    if (is_slow)
        nap(30e-3);
}

static int die_once(struct foray_task *task)
{
    const struct foray_array *out = foray_task_out(task, 0);

    nap(3e-3);
    if (foray_task_index(task) == 0)
        abort();
    FORAY_AT(out, double, 0) = (double)foray_task_index(task);
    return 0;
}

static void test_newcomer_waits_for_its_arrays(void **state)
{
    struct foray_pool *pool;
    struct foray_array out;
    struct foray_report report;
    struct foray_error err;

    (void)state;
    assert_int_equal(pthread_atfork(NULL, be_slow, NULL), 0);
    assert_ok(foray_pool_open(
                  &pool,
                  &(struct foray_config){.n_jobs = 2, .on_error = FORAY_SKIP},
                  &err),
              err);
    assert_ok(foray_array_create(&out, NULL, FORAY_F64, 1, (size_t[]){N}, &err),
              err);
    is_slow = true;
    assert_ok(foray_map(pool,
                        &(struct foray_map){
                            .fn = die_once, .out = {&out}, .chunk = 1},
                        &report, &err),
              err);
    is_slow = false;
    assert_int_equal(report.failed, 1);
    assert_int_equal(report.crashed, 1);
    assert_int_equal(report.replaced, 1);
    for (size_t i = 1; i < N; i++)
        assert_true(FORAY_AT(&out, double, i) == (double)i);
    assert_int_equal(foray_array_close(&out, &err), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* Kills every newcomer as soon as it is told of. */
static void kill_newcomer(const char *sentence, void *arg)
{
    struct foray_pool **pool = arg;
    int slot;

    if (sscanf(sentence, "worker %d died and was replaced", &slot) == 1)
        kill(foray_pool_worker_pid(*pool, slot), SIGKILL);
}

static int die_or_stay(struct foray_task *task)
{
    FORAY_AT(foray_task_out(task, 0), double, 0) = 1;
    if (foray_task_index(task) > 0)
        return deaf_at_gate(task);
    await_at_gate(1);
    abort();
}

/* Nobody is left to do the rest, and every task is accounted for. */
static void test_newcomers_that_always_die_end_the_run(void **state)
{
    struct foray_pool *pool;
    struct foray_array out;
    struct foray_report report;
    struct foray_error err;
    uint8_t status[N];

    (void)state;
    shut_gate();
    assert_ok(foray_pool_open(&pool,
                              &(struct foray_config){.n_jobs = 2,
                                                     .on_error = FORAY_SKIP,
                                                     .log = kill_newcomer,
                                                     .log_arg = &pool},
                              &err),
              err);
    assert_ok(foray_array_create(&out, NULL, FORAY_F64, 1, (size_t[]){N}, &err),
              err);
    assert_int_equal(foray_map(pool,
                               &(struct foray_map){.fn = die_or_stay,
                                                   .out = {&out},
                                                   .chunk = 1,
                                                   .status = status},
                               &report, &err),
                     FORAY_ECRASH);
    assert_non_null(strstr(err.msg, "one after another"));
    assert_int_equal(report.ok, 0);
    /* A newcomer may have begun a task before it was killed. */
    assert_int_equal(report.failed, report.crashed + 1);
    assert_int_equal(report.failed + report.not_run, N);
    assert_int_equal(status[0], FORAY_TASK_CRASHED);
    assert_int_equal(status[1], FORAY_TASK_CANCELLED);
    for (size_t i = 0; i < 2; i++)
        assert_true(isnan(FORAY_AT(&out, double, i)));
    assert_int_equal(foray_array_close(&out, &err), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newcomer_waits_for_its_arrays),
        cmocka_unit_test(test_newcomers_that_always_die_end_the_run),
    };

    make_gate();
    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
