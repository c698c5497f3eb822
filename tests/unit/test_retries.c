/* Tasks that are tried again. */
#include "helpers.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray.h>

#include "calls.h"
#include "outside.h"
#include "pools.h"

/* Tasks of the last have no array that they all write to. */
static const char *const backends[] = {"fork", "serial", "outside",
                                       "elsewhere"};
enum { N_BACKENDS = 4, N_SHARING = 3, N = 20 };

/* Whether tasks may die. */
static bool has_processes(int b)
{
    return b == 0 || b == 3;
}

static void open_counts(struct foray_array *counts)
{
    struct foray_error err;

    assert_ok(
        foray_array_create(counts, NULL, FORAY_I64, 1, (size_t[]){N}, &err),
        err);
}

/* Fails, or dies, until its third try; counts[i] says how many there were. */
static int third_time_lucky(struct foray_task *task)
{
    const struct foray_array *counts = foray_task_whole(task, 0);
    size_t i = foray_task_index(task);
    int attempt = foray_task_attempt(task);

    FORAY_AT(counts, int64_t, i)++;
    if (FORAY_AT(counts, int64_t, i) != attempt)
        return foray_task_fail(task, "try %d is the wrong number", attempt);
    if (attempt == 3)
        return 0;
    if (i % 4 == 1 && foray_task_params(task))
        raise(SIGKILL);
    return foray_task_fail(task, "try %d", attempt);
}

static void test_tries_have_numbers(void **state)
{
    (void)state;
    for (int b = 0; b < N_SHARING; b++) {
        struct foray_pool *pool =
            open_pool(backends[b], 2, &(struct foray_config){.retries = 2});
        struct foray_array counts = {0};
        struct foray_report report;
        struct foray_error err;
        struct foray_for loop = {
            .fn = third_time_lucky, .n = N, .whole = {&counts}};

        open_counts(&counts);
        if (has_processes(b)) {
            loop.params = "dies";
            loop.params_size = 5;
        }
        assert_ok(foray_for(pool, &loop, &report, &err), err);
        assert_int_equal(report.ok, N);
        assert_int_equal(report.failed, 0);
        assert_int_equal(report.retried, 2 * N);
        for (size_t i = 0; i < N; i++)
            assert_int_equal(FORAY_AT(&counts, int64_t, i), 3);
        assert_int_equal(foray_array_close(&counts, NULL), 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* Some die in each try, some only in the last. */
static int never_lucky(struct foray_task *task)
{
    const struct foray_array *counts = foray_task_whole(task, 0);
    size_t i = foray_task_index(task);

    FORAY_AT(counts, int64_t, i)++;
    if (i == 3 || (i == 5 && foray_task_attempt(task) == 3))
        abort();
    if (i == 5 || i == 7)
        return foray_task_fail(task, "try %d", foray_task_attempt(task));
    return 0;
}

static void keep(const struct foray_error *err, void *arg)
{
    struct foray_error *errors = arg;

    assert_int_equal(errors[err->task].code, 0); /* told once */
    errors[err->task] = *err;
}

static void test_last_error_is_told_once(void **state)
{
    struct foray_pool *pool =
        open_pool("fork", 2,
                  &(struct foray_config){.retries = 2, .on_error = FORAY_SKIP});
    struct foray_error errors[N] = {{0}}, err;
    struct foray_array counts = {0};
    struct foray_report report;
    uint8_t status[N];

    (void)state;
    open_counts(&counts);
    assert_ok(foray_for(pool,
                        &(struct foray_for){.fn = never_lucky,
                                            .n = N,
                                            .whole = {&counts},
                                            .status = status,
                                            .failed = keep,
                                            .failed_arg = errors},
                        &report, &err),
              err);
    for (size_t i = 0; i < N; i++) {
        bool unlucky = i == 3 || i == 5 || i == 7;

        assert_int_equal(FORAY_AT(&counts, int64_t, i), unlucky ? 3 : 1);
        assert_int_equal(status[i], !unlucky ? FORAY_TASK_OK
                                    : i == 7 ? FORAY_TASK_FAILED
                                             : FORAY_TASK_CRASHED);
    }
    assert_int_equal(errors[3].signal, SIGABRT);
    assert_int_equal(errors[5].signal, SIGABRT);
    assert_memory_equal(errors[7].msg, "try 3", 5);
    assert_int_equal(report.retried, 6);
    assert_int_equal(report.crashed, 2);
    assert_int_equal(report.failed, 3);
    assert_int_equal(foray_array_close(&counts, NULL), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int write_and_fail(struct foray_task *task)
{
    const struct foray_array *out = foray_task_out(task, 0);
    bool dies = foray_task_params(task) && foray_task_index(task) % 2;

    for (size_t i = 0; i < out->shape[0]; i++)
        if (!isnan(FORAY_AT(out, double, i)) && foray_task_attempt(task) > 1)
            return foray_task_fail(task, "row %zu is not blank", i);
    FORAY_AT(out, double, 0) = 7;
    if (foray_task_attempt(task) == 1 && dies)
        raise(SIGSEGV);
    return foray_task_attempt(task) == 1;
}

static void test_outputs_are_blank_again(void **state)
{
    (void)state;
    for (int b = 0; b < N_BACKENDS; b++) {
        struct foray_pool *pool =
            open_pool(backends[b], 2, &(struct foray_config){.retries = 1});
        struct foray_array out = {0};
        struct foray_report report;
        struct foray_error err;
        struct foray_map map = {
            .fn = write_and_fail, .out = {&out}, .chunk = 2};

        if (has_processes(b)) {
            map.params = "dies";
            map.params_size = 5;
        }
        assert_ok(
            foray_array_create(&out, NULL, FORAY_F64, 1, (size_t[]){N}, &err),
            err);
        assert_ok(foray_map(pool, &map, &report, &err), err);
        assert_int_equal(report.retried, N / 2);
        for (size_t i = 0; i < N; i += 2) {
            assert_true(FORAY_AT(&out, double, i) == 7);
            assert_true(isnan(FORAY_AT(&out, double, i + 1)));
        }
        assert_int_equal(foray_array_close(&out, NULL), 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static struct foray_pool *to_cancel;

static void cancel_the_next_try(const char *sentence, void *arg)
{
    (void)arg;
    if (strstr(sentence, "tried again"))
        foray_pool_cancel(to_cancel);
}

/* Dies with half of its slice written. A second try, if it begins, waits for
 * the end of the run. */
static int write_half_and_die(struct foray_task *task)
{
    const struct foray_array *out = foray_task_out(task, 0);

    FORAY_AT(out, double, 0) = 7;
    if (foray_task_attempt(task) == 1)
        raise(SIGKILL);
    while (!foray_task_cancelled(task))
        nap(1e-3);
    return 1;
}

/* A task whose run ends before it is tried again has begun: it is cancelled,
 * and its slice is blank. */
static void test_end_before_the_next_try(void **state)
{
    static const char *const both[] = {"fork", "forkserver"};

    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_array out = {0};
        struct foray_report report;
        struct foray_error err;
        uint8_t status[1];
        struct foray_pool *pool;

        if (b && foray_init(&err))
            fail_msg("%s", err.msg);
        pool = open_pool(
            both[b], 2,
            &(struct foray_config){.retries = 5, .log = cancel_the_next_try});
        to_cancel = pool;
        assert_ok(
            foray_array_create(&out, NULL, FORAY_F64, 1, (size_t[]){2}, &err),
            err);
        assert_int_equal(foray_map(pool,
                                   &(struct foray_map){.fn = write_half_and_die,
                                                       .out = {&out},
                                                       .chunk = 2,
                                                       .status = status},
                                   &report, &err),
                         FORAY_ECANCELED);
        assert_int_equal(status[0], FORAY_TASK_CANCELLED);
        assert_int_equal(report.failed, 1);
        assert_int_equal(report.not_run, 0);
        assert_true(isnan(FORAY_AT(&out, double, 0)));
        assert_true(isnan(FORAY_AT(&out, double, 1)));
        assert_int_equal(foray_array_close(&out, NULL), 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int call_and_die(struct foray_task *task)
{
    if (foray_task_attempt(task) == 1)
        raise(SIGKILL);
    while (!foray_task_cancelled(task))
        nap(1e-3);
    return 1;
}

static void test_end_before_the_next_try_of_a_call(void **state)
{
    struct foray_pool *pool = open_pool(
        "fork", 2,
        &(struct foray_config){.retries = 5, .log = cancel_the_next_try});
    struct foray_call calls[] = {foray_delayed(call_and_die)};
    struct foray_result result;
    struct foray_error err;

    (void)state;
    to_cancel = pool;
    assert_int_equal(foray_parallel(pool, calls, 1, &result, &err),
                     FORAY_ECANCELED);
    assert_int_equal(result.status, FORAY_TASK_CANCELLED);
    foray_result_free(&result);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int add_one_and_fail(struct foray_task *task)
{
    const struct foray_array *x = foray_task_inout(task, 0);

    for (size_t i = 0; i < x->shape[0]; i++)
        FORAY_AT(x, double, i)++;
    return foray_task_attempt(task) == 1;
}

static void test_inout_must_be_repeatable(void **state)
{
    struct foray_pool *pool =
        open_pool("fork", 2, &(struct foray_config){.retries = 1});
    double data[N] = {0};
    struct foray_array x;
    struct foray_error err;
    struct foray_map map = {.fn = add_one_and_fail, .inout = {&x}};

    (void)state;
    assert_ok(foray_array_wrap(&x, data, FORAY_F64, 1, (size_t[]){N}, &err),
              err);
    assert_int_equal(foray_map(pool, &map, NULL, &err), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "repeatable"));
    assert_true(data[0] == 0);
    map.repeatable = true;
    assert_ok(foray_map(pool, &map, NULL, &err), err);
    assert_true(data[0] == 2 && data[N - 1] == 2);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int sum_and_fail(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    double *sum = foray_task_partial(task);

    for (size_t i = 0; i < x->shape[0]; i++)
        *sum += FORAY_AT(x, double, i);
    if (foray_task_attempt(task) == 1 && foray_task_index(task) % 2 &&
        foray_task_params(task))
        _exit(1);
    return foray_task_attempt(task) < 3;
}

static void test_partial_results_begin_anew(void **state)
{
    (void)state;
    for (int b = 0; b < N_BACKENDS; b++) {
        struct foray_pool *pool =
            open_pool(backends[b], 2, &(struct foray_config){.retries = 2});
        double data[N], zero = 0, sum = -1;
        struct foray_array x;
        struct foray_error err;
        struct foray_reduce reduce = {.fn = sum_and_fail,
                                      .in = {&x},
                                      .chunk = 3,
                                      .size = sizeof sum,
                                      .combine = combine_sum};

        if (has_processes(b)) {
            reduce.params = "dies";
            reduce.params_size = 5;
        }
        for (int i = 0; i < N; i++)
            data[i] = i;
        assert_ok(foray_array_wrap(&x, data, FORAY_F64, 1, (size_t[]){N}, &err),
                  err);
        for (int initial = 0; initial < 2; initial++) {
            reduce.initial = initial ? &zero : NULL;
            assert_ok(foray_reduce(pool, &reduce, &sum, NULL, &err), err);
            assert_true(sum == N * (N - 1) / 2);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

enum { MANY_TRIES = 70000 };

static int fail_many_times(struct foray_task *task)
{
    return foray_task_attempt(task) < MANY_TRIES
               ? foray_task_fail(task, "not yet")
               : foray_return(task, foray_task_attempt(task));
}

/* The number of a try is not cut anywhere on its way. */
static void test_very_many_tries(void **state)
{
    (void)state;
    for (int b = 0; b < N_BACKENDS; b++) {
        struct foray_pool *pool = open_pool(
            backends[b], 2, &(struct foray_config){.retries = 2 * MANY_TRIES});
        struct foray_call call = foray_delayed(fail_many_times);
        struct foray_result result;
        struct foray_error err;

        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        assert_int_equal(foray_result_i64(&result, 0), MANY_TRIES);
        assert_int_equal(result.attempt, MANY_TRIES);
        foray_result_free(&result);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tries_have_numbers),
        cmocka_unit_test(test_last_error_is_told_once),
        cmocka_unit_test(test_outputs_are_blank_again),
        cmocka_unit_test(test_end_before_the_next_try),
        cmocka_unit_test(test_end_before_the_next_try_of_a_call),
        cmocka_unit_test(test_inout_must_be_repeatable),
        cmocka_unit_test(test_partial_results_begin_anew),
        cmocka_unit_test(test_very_many_tries),
    };

    test_init();
    register_outside();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
