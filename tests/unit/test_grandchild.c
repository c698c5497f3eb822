/* Processes that tasks fork themselves: what they hold and what they do is not
 * the worker's. */
#include "helpers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

enum { N = 4 };

/* The grandchild keeps the worker's descriptors when the worker dies. */
static int leave_child(struct foray_task *task)
{
    pid_t child;

    if (foray_task_index(task) != 0)
        return 0;
    child = fork();
    if (child == 0) {
        nap(2 * PATIENCE);
        _exit(0);
    }
    raise(SIGKILL);
    return 0;
}

static int outlived_by_a_grandchild(void *arg)
{
    double start = seconds_now();
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
    return seconds_now() - start < PATIENCE ? 0 : 5;
}

static void test_grandchild_does_not_hide_a_death(void **state)
{
    (void)state;
    assert_int_equal(in_child(outlived_by_a_grandchild, NULL), 0);
    setenv("FORAY_TEST_NO", "pidfd", 1);
    assert_int_equal(in_child(outlived_by_a_grandchild, NULL), 0);
    unsetenv("FORAY_TEST_NO");
}

/* What a task leaves behind ends with its worker. */
static int leave_child_at_peace(struct foray_task *task)
{
    pid_t child = fork();

    if (child == 0)
        for (;;)
            pause();
    FORAY_AT(foray_task_whole(task, 0), int64_t, 0) = child;
    return 0;
}

static void test_grandchild_ends_with_the_pool(void **state)
{
    struct foray_array pid;
    struct foray_pool *pool;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_create(&pid, NULL, FORAY_I64, 1, (size_t[]){1}, &err),
              err);
    assert_ok(foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err),
              err);
    assert_ok(foray_for(pool,
                        &(struct foray_for){.fn = leave_child_at_peace,
                                            .n = 1,
                                            .whole = {&pid}},
                        NULL, &err),
              err);
    assert_true(process_lives((pid_t)FORAY_AT(&pid, int64_t, 0)));
    assert_int_equal(foray_pool_close(pool), 0);
    assert_true(process_ends((pid_t)FORAY_AT(&pid, int64_t, 0)));
    assert_int_equal(foray_array_close(&pid, &err), 0);
}

/* Neither the grandchild's exit nor its crash is the worker's. */
static int child_ends_first(struct foray_task *task)
{
    size_t index = foray_task_index(task);
    int status;
    pid_t child = fork();

    if (child == 0) {
        if (index == 0)
            exit(0);
        abort();
    }
    waitpid(child, &status, 0);
    if (index == 0 ? !WIFEXITED(status) : !WIFSIGNALED(status))
        return 1;
    raise(SIGKILL);
    return 0;
}

static void check_cause(const struct foray_error *err, void *arg)
{
    int *n_killed = arg;

    *n_killed += err->code == FORAY_ECRASH && err->signal == SIGKILL;
}

static void test_end_of_a_grandchild_is_not_the_workers(void **state)
{
    struct foray_pool *pool;
    struct foray_error err;
    int n_killed = 0;

    (void)state;
    assert_ok(foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err),
              err);
    assert_ok(foray_for(pool,
                        &(struct foray_for){.fn = child_ends_first,
                                            .n = 2,
                                            .on_error = FORAY_SKIP,
                                            .failed = check_cause,
                                            .failed_arg = &n_killed},
                        NULL, &err),
              err);
    assert_int_equal(n_killed, 2);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* What a task or its child printed before it called exit is not lost. */
static int print_and_exit(struct foray_task *task)
{
    if (fork() == 0) {
        printf("child\n");
        exit(0);
    }
    wait(NULL);
    printf("task %zu\n", foray_task_index(task));
    exit(0);
}

static void test_output_before_exit_arrives(void **state)
{
    const char *path = test_path("output");
    int saved = dup(1);
    struct foray_report report;
    struct foray_pool *pool;
    struct foray_error err;
    char text[64] = "";
    FILE *file;
    int rc;

    (void)state;
    fflush(stdout);
    assert_non_null(freopen(path, "w", stdout));
    rc = foray_pool_open(&pool, &(struct foray_config){.n_jobs = 1}, &err);
    rc = rc ? rc
            : foray_for(pool,
                        &(struct foray_for){.fn = print_and_exit,
                                            .n = 1,
                                            .on_error = FORAY_SKIP},
                        &report, &err);
    rc = rc ? rc : foray_pool_close(pool);
    fflush(stdout);
    dup2(saved, 1);
    close(saved);
    assert_int_equal(rc, 0);
    assert_int_equal(report.crashed, 1);
    file = fopen(path, "r");
    assert_non_null(file);
    (void)!fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_string_equal(text, "child\ntask 0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grandchild_does_not_hide_a_death),
        cmocka_unit_test(test_grandchild_ends_with_the_pool),
        cmocka_unit_test(test_end_of_a_grandchild_is_not_the_workers),
        cmocka_unit_test(test_output_before_exit_arrives),
    };

    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
