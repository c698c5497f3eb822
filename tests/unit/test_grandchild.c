/* Processes that tasks fork themselves: what they hold and what they do is not
 * the worker's. */
#include "helpers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <foray.h>

enum { N = 4 };

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The grandchild keeps the worker's descriptors when the worker dies. */
static int leave_child(struct foray_task *task)
{
    pid_t child;

    if (foray_task_index(task) != 0)
        return 0;
    child = fork();
    if (child == 0) {
        sleep(5);
        _exit(0);
    }
    raise(SIGKILL);
    return 0;
}

static int outlived_by_a_grandchild(void *arg)
{
    double start = seconds();
    struct foray_report report;
    struct foray_error err;
    struct foray_pool *pool;

    (void)arg;
    if (foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err))
        return 1;
    if (foray_for(pool,
                  &(struct foray_for){
                      .fn = leave_child, .n = N, .on_error = FORAY_SKIP},
                  &report, &err))
        return 2;
    if (report.crashed != 1 || report.ok != N - 1)
        return 3;
    if (foray_pool_close(pool))
        return 4;
    return seconds() - start < 3 ? 0 : 5;
}

static void test_grandchild_does_not_hide_a_death(void **state)
{
    (void)state;
    assert_int_equal(in_child(outlived_by_a_grandchild, NULL), 0);
    setenv("FORAY_TEST_NO", "pidfd", 1);
    assert_int_equal(in_child(outlived_by_a_grandchild, NULL), 0);
    unsetenv("FORAY_TEST_NO");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grandchild_does_not_hide_a_death),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
