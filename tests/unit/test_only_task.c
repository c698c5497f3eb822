/* FORAY_ONLY_TASK: one task, alone, in the caller. */
#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray.h>

#include "pools.h"

static int n_ran, last_ran;
static pid_t ran_in;

static int note(struct foray_task *task)
{
    n_ran++;
    last_ran = (int)foray_task_index(task);
    ran_in = getpid();
    return last_ran == 9 ? foray_task_fail(task, "nine") : 0;
}

static int square(struct foray_task *task)
{
    int64_t x = foray_task_i64(task, 0);

    note(task);
    return foray_return(task, x * x);
}

static void expect(int n, int last)
{
    assert_int_equal(n_ran, n);
    if (n) {
        assert_int_equal(last_ran, last);
        assert_int_equal(ran_in, getpid());
    }
    n_ran = 0;
}

static void test_map_and_for(void **state)
{
    double data[20] = {0};
    uint8_t status[20];
    struct foray_array x;
    struct foray_report report;
    struct foray_error err;
    struct foray_pool *pool;

    (void)state;
    setenv("FORAY_ONLY_TASK", "17", 1);
    pool = open_pool("fork", 3, NULL);
    assert_string_equal(foray_pool_backend(pool), "serial");
    assert_ok(
        foray_for(pool,
                  &(struct foray_for){.fn = note, .n = 20, .status = status},
                  &report, &err),
        err);
    expect(1, 17);
    for (int i = 0; i < 20; i++)
        assert_int_equal(status[i],
                         i == 17 ? FORAY_TASK_OK : FORAY_TASK_NOT_RUN);
    assert_int_equal(report.ok, 1);
    assert_int_equal(report.not_run, 19);
    assert_ok(foray_array_wrap(&x, data, FORAY_F64, 1, (size_t[]){20}, &err),
              err);
    assert_ok(
        foray_map(pool,
                  &(struct foray_map){.fn = note, .inout = {&x}, .chunk = 1},
                  NULL, &err),
        err);
    expect(1, 17);
    /* A run that has no such task. */
    assert_ok(foray_for(pool, &(struct foray_for){.fn = note, .n = 17}, &report,
                        &err),
              err);
    expect(0, 0);
    assert_int_equal(report.not_run, 17);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_list_of_calls(void **state)
{
    struct foray_call calls[8];
    struct foray_result results[8];
    struct foray_error err;
    struct foray_pool *pool;

    (void)state;
    setenv("FORAY_ONLY_TASK", "5", 1);
    pool = open_pool("fork", 3, NULL);
    for (int i = 0; i < 8; i++)
        calls[i] = foray_delayed(square, i);
    assert_ok(foray_parallel(pool, calls, 8, results, &err), err);
    expect(1, 5);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(results[i].status,
                         i == 5 ? FORAY_TASK_OK : FORAY_TASK_NOT_RUN);
        assert_int_equal(results[i].code, i == 5 ? 0 : FORAY_ECANCELED);
    }
    assert_int_equal(foray_result_i64(&results[5], 0), 25);
    foray_results_free(results, 8);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int count_up(struct foray_slot *slot, void *arg)
{
    int *next = arg;

    if (*next == 1000)
        return 0;
    return foray_produce(slot, foray_delayed(square, (*next)++));
}

static void test_iterator_passes_over_the_others(void **state)
{
    (void)state;
    setenv("FORAY_ONLY_TASK", "700", 1);
    for (int unordered = 0; unordered < 2; unordered++) {
        int made = 0;
        struct foray_iterator iterator = {
            .next = count_up, .next_arg = &made, .unordered = unordered};
        struct foray_pool *pool = open_pool("fork", 3, NULL);
        struct foray_report report;
        struct foray_result result;
        struct foray_run *run;
        struct foray_error err;

        assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
        assert_int_equal(foray_run_next(run, &result, &err), 1);
        assert_int_equal(result.index, 700);
        assert_int_equal(foray_result_i64(&result, 0), 490000);
        foray_result_free(&result);
        assert_int_equal(foray_run_next(run, &result, &err), 0);
        assert_int_equal(made, 1000);
        foray_run_drop(run, &report);
        expect(1, 700);
        assert_int_equal(report.ok, 1);
        assert_int_equal(report.not_run, 999);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_futures(void **state)
{
    struct foray_future *futures[3];
    struct foray_error err;
    struct foray_pool *pool;

    (void)state;
    setenv("FORAY_ONLY_TASK", "1", 1);
    pool = open_pool("fork", 3, NULL);
    for (int i = 0; i < 3; i++) {
        struct foray_call call = foray_delayed(square, i + 2);

        assert_ok(foray_submit(&futures[i], pool, &call, &err), err);
    }
    for (int i = 0; i < 3; i++) {
        struct foray_result result;

        assert_ok(foray_future_wait(futures[i], -1, &result, &err), err);
        assert_int_equal(result.code, i == 1 ? 0 : FORAY_ECANCELED);
        assert_int_equal(foray_result_i64(&result, 0), i == 1 ? 9 : 0);
        foray_result_free(&result);
        foray_future_free(futures[i]);
    }
    expect(1, 1);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int run_inner(struct foray_task *task)
{
    struct foray_pool *pool = NULL;
    struct foray_config config = {.backend = "serial"};
    struct foray_error err;
    int code;

    if (foray_pool_open(&pool, &config, &err))
        return foray_task_raise(task, &err);
    code = foray_for(pool, &(struct foray_for){.fn = note, .n = 4}, NULL, &err);
    foray_pool_close(pool);
    return code ? foray_task_raise(task, &err) : 0;
}

static void test_runs_of_the_lone_task_are_whole(void **state)
{
    struct foray_error err;
    struct foray_pool *pool;

    (void)state;
    setenv("FORAY_ONLY_TASK", "2", 1);
    pool = open_pool("fork", 3, NULL);
    assert_ok(foray_for(pool, &(struct foray_for){.fn = run_inner, .n = 3},
                        NULL, &err),
              err);
    expect(4, 3);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int fail_inside(struct foray_task *task)
{
    struct foray_pool *pool = NULL;
    struct foray_config config = {.backend = "serial"};
    struct foray_error err;

    if (foray_pool_open(&pool, &config, &err))
        return foray_task_raise(task, &err);
    if (!foray_for(pool, &(struct foray_for){.fn = note, .n = 10}, NULL, &err))
        foray_task_fail(task, "task 9 did not fail");
    foray_pool_close(pool);
    return foray_task_raise(task, &err);
}

static int fail_at_length(struct foray_task *task)
{
    return foray_task_fail(task, "%0500d", 1);
}

static int message_of(foray_task_fn fn, struct foray_error *err)
{
    struct foray_pool *pool = open_pool("fork", 3, NULL);
    int code =
        foray_for(pool, &(struct foray_for){.fn = fn, .n = 10}, NULL, err);

    assert_int_equal(foray_pool_close(pool), 0);
    return code;
}

/* The number is that of the outer run: the task that runs alone. */
static void test_errors_end_with_what_runs_them_alone(void **state)
{
    struct foray_error err;

    (void)state;
    unsetenv("FORAY_ONLY_TASK");
    assert_int_equal(message_of(note, &err), FORAY_ETASK);
    assert_string_equal(err.msg, "nine; FORAY_ONLY_TASK=9 runs it alone");
    assert_int_equal(message_of(fail_inside, &err), FORAY_ETASK);
    assert_null(strstr(err.msg, "FORAY_ONLY_TASK=9"));
    assert_non_null(strstr(err.msg, "nine; FORAY_ONLY_TASK="));
    assert_int_equal(message_of(fail_at_length, &err), FORAY_ETASK);
    assert_int_equal(strlen(err.msg), 500);
    setenv("FORAY_ONLY_TASK", "9", 1);
    assert_int_equal(message_of(note, &err), FORAY_ETASK);
    assert_string_equal(err.msg, "nine");
    n_ran = 0;
}

static void test_wrong_numbers(void **state)
{
    static const char *const wrong[] = {"x", "-1", "1.5", "3 ", "1e30"};
    struct foray_pool *pool = NULL;
    struct foray_error err;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        setenv("FORAY_ONLY_TASK", wrong[i], 1);
        assert_int_equal(foray_pool_open(&pool, NULL, &err), FORAY_EINVAL);
        assert_non_null(strstr(err.msg, "FORAY_ONLY_TASK"));
    }
    setenv("FORAY_ONLY_TASK", "", 1);
    pool = open_pool("fork", 3, NULL);
    assert_int_equal(foray_pool_n_jobs(pool), 3);
    assert_int_equal(foray_pool_close(pool), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map_and_for),
        cmocka_unit_test(test_list_of_calls),
        cmocka_unit_test(test_iterator_passes_over_the_others),
        cmocka_unit_test(test_futures),
        cmocka_unit_test(test_runs_of_the_lone_task_are_whole),
        cmocka_unit_test(test_errors_end_with_what_runs_them_alone),
        cmocka_unit_test(test_wrong_numbers),
    };

    unsetenv("FORAY_FORCE_BACKEND");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
