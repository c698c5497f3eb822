#include "helpers.h"

#include <stdlib.h>
#include <string.h>

#include <foray.h>

#include "outside.h"
#include "pools.h"

/* Tasks of the last have no array that they all write to. */
static const char *const backends[] = {"fork", "serial", "outside",
                                       "elsewhere"};
enum { N_BACKENDS = 4, N_SHARING = 3 };

static int count(struct foray_task *task)
{
    const struct foray_array *counts = foray_task_whole(task, 0);
    const unsigned char *step = foray_task_params(task);
    struct foray_slice slice = foray_task_slice(task);

    if (slice.start != foray_task_index(task) || slice.stop != slice.start + 1)
        return 1;
    __atomic_fetch_add(&FORAY_AT(counts, unsigned char, foray_task_index(task)),
                       *step, __ATOMIC_RELAXED);
    return 0;
}

static void test_every_index_once(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 3, 100, 4096, 4097, 300001};
    unsigned char step = 3;

    (void)state;
    for (size_t k = 0; k < N_SHARING * sizeof sizes / sizeof sizes[0]; k++) {
        struct foray_pool *pool = open_pool(backends[k % N_SHARING], 3, NULL);
        size_t n = sizes[k / N_SHARING], at_least = n ? n : 1;
        struct foray_report report;
        struct foray_array counts;
        struct foray_error err;

        assert_ok(
            foray_array_create(&counts, NULL, FORAY_U8, 1, &at_least, &err),
            err);
        for (int round = 1; round <= 3; round++) {
            assert_ok(foray_for(pool,
                                &(struct foray_for){.fn = count,
                                                    .n = n,
                                                    .whole = {&counts},
                                                    .params = &step,
                                                    .params_size = 1},
                                &report, &err),
                      err);
            assert_int_equal(report.tasks, n);
            assert_int_equal(report.ok, n);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(FORAY_AT(&counts, unsigned char, i),
                                 3 * round);
        }
        assert_int_equal(foray_array_close(&counts, NULL), 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int check_params(struct foray_task *task)
{
    const char *params = foray_task_params(task);

    return (uintptr_t)params % 64 || *params != 'x';
}

static void test_params_are_aligned_wherever_they_lie(void **state)
{
    char params[128];

    (void)state;
    memset(params, 'x', sizeof params);
    for (int b = 0; b < N_BACKENDS; b++) {
        struct foray_pool *pool = open_pool(backends[b], 1, NULL);

        for (size_t k = 0; k < 64; k++) {
            struct foray_for loop = {.fn = check_params,
                                     .n = 1,
                                     .params = params + k,
                                     .params_size = 1 + k};
            struct foray_error err;

            assert_ok(foray_for(pool, &loop, NULL, &err), err);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int fail_some(struct foray_task *task)
{
    size_t i = foray_task_index(task);
    struct foray_error error = {.code = FORAY_ETRUNCATED, .msg = "cut short"};

    if (i == 30)
        return foray_task_raise(task, &error);
    if (i == 50)
        return foray_task_fail(task, "no luck with %zu", i);
    if (i == 70) {
        foray_task_fail(task, "said so, but returned 0");
        return 0;
    }
    if (i == 90)
        return foray_task_in(task, 2) ? 1 : 0;
    return 0;
}

static void collect(const struct foray_error *err, void *arg)
{
    char(*messages)[FORAY_ERROR_MSG_SIZE] = arg;

    strcpy(messages[err->task], err->msg);
}

static void test_skip_reports_each_failure_once(void **state)
{
    static char messages[200][FORAY_ERROR_MSG_SIZE];

    (void)state;
    for (int b = 0; b < N_BACKENDS; b++) {
        struct foray_pool *pool = open_pool(backends[b], 2, NULL);
        struct foray_report report;
        struct foray_error err;
        uint8_t status[200];

        memset(messages, 0, sizeof messages);
        assert_ok(foray_for(pool,
                            &(struct foray_for){.fn = fail_some,
                                                .n = 200,
                                                .on_error = FORAY_SKIP,
                                                .status = status,
                                                .failed = collect,
                                                .failed_arg = messages},
                            &report, &err),
                  err);
        assert_int_equal(report.failed, 4);
        assert_int_equal(report.crashed, 0);
        assert_string_equal(messages[30],
                            "cut short; FORAY_ONLY_TASK=30 runs it alone");
        assert_string_equal(
            messages[50], "no luck with 50; FORAY_ONLY_TASK=50 runs it alone");
        assert_string_equal(messages[70], "said so, but returned 0; "
                                          "FORAY_ONLY_TASK=70 runs it alone");
        assert_non_null(strstr(messages[90], "in[2]"));
        for (size_t i = 0; i < 200; i++) {
            bool fails = i == 30 || i == 50 || i == 70 || i == 90;

            assert_int_equal(status[i],
                             fails ? FORAY_TASK_FAILED : FORAY_TASK_OK);
            assert_int_equal(messages[i][0] != 0, fails);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_stop_reports_the_lowest_failure_known(void **state)
{
    (void)state;
    for (int b = 0; b < N_BACKENDS; b++) {
        /* One worker runs in order: the lowest failure is the first. */
        struct foray_pool *pool = open_pool(backends[b], 1, NULL);
        struct foray_report report;
        struct foray_error err;
        uint8_t status[200];

        assert_int_equal(foray_for(pool,
                                   &(struct foray_for){.fn = fail_some,
                                                       .n = 200,
                                                       .status = status},
                                   &report, &err),
                         FORAY_ETRUNCATED);
        assert_int_equal(err.task, 30);
        assert_string_equal(err.msg,
                            "cut short; FORAY_ONLY_TASK=30 runs it alone");
        assert_int_equal(status[29], FORAY_TASK_OK);
        assert_int_equal(status[30], FORAY_TASK_FAILED);
        assert_int_equal(status[199], FORAY_TASK_NOT_RUN);
        assert_int_equal(report.ok + report.failed + report.not_run, 200);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int always_fail(struct foray_task *task)
{
    return foray_task_fail(task, "%zu", foray_task_index(task));
}

static void sum(const struct foray_error *err, void *arg)
{
    size_t *total = arg;

    *total += (size_t)err->task;
}

static void test_many_failures_all_arrive(void **state)
{
    enum { N = 50000 };

    (void)state;
    for (int b = 0; b < N_BACKENDS; b++) {
        struct foray_pool *pool = open_pool(backends[b], 3, NULL);
        struct foray_report report;
        struct foray_error err;
        size_t total = 0;

        assert_ok(foray_for(pool,
                            &(struct foray_for){.fn = always_fail,
                                                .n = N,
                                                .on_error = FORAY_SKIP,
                                                .failed = sum,
                                                .failed_arg = &total},
                            &report, &err),
                  err);
        assert_int_equal(report.failed, N);
        assert_int_equal(report.ok, 0);
        assert_int_equal(total, (size_t)N * (N - 1) / 2);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_nonsense_is_refused(void **state)
{
    struct foray_pool *pool = open_pool("fork", 1, NULL);
    static char large[(1 << 20) + 1];
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_for(pool, &(struct foray_for){.n = 1}, NULL, &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_for(pool,
                               &(struct foray_for){.fn = count,
                                                   .n = 1,
                                                   .params = large,
                                                   .params_size = sizeof large},
                               NULL, &err),
                     FORAY_EINVAL);
    assert_int_equal(
        foray_for(pool,
                  &(struct foray_for){.fn = count, .n = 1, .params_size = 5},
                  NULL, &err),
        FORAY_EINVAL);
    assert_int_equal(foray_pool_close(pool), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_index_once),
        cmocka_unit_test(test_params_are_aligned_wherever_they_lie),
        cmocka_unit_test(test_skip_reports_each_failure_once),
        cmocka_unit_test(test_stop_reports_the_lowest_failure_known),
        cmocka_unit_test(test_many_failures_all_arrive),
        cmocka_unit_test(test_nonsense_is_refused),
    };

    test_init();
    register_outside();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
