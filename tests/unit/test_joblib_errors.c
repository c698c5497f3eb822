/* Cases of joblib's own tests, by their numbers: errors of tasks and of
 * producers, timeouts, interruption.
 *
 * Otherwise than in joblib an error costs no worker (13), a timeout counts from
 * the begin of each task and only that task's worker is killed (11). */
#include "helpers.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "every_backend.h"
#include "gate.h"

/* The code of a list of n calls and of both kinds of iterators over them. */
static void expect_code(struct foray_pool *pool, foray_task_fn fn, size_t n,
                        int64_t more, int code)
{
    struct foray_error err;
    size_t n_read;

    assert_int_equal(run_list(pool, fn, n, more, NULL, &err), code);
    if (code)
        assert_int_equal(err.code, code);
    for (int unordered = 0; unordered < 2; unordered++) {
        struct range range = {.fn = fn, .stop = (int64_t)n, .more = more};
        struct foray_run *run = start_range(
            pool, &range, &(struct foray_iterator){.unordered = unordered});

        assert_int_equal(read_all(run, &n_read, &err), code);
        if (!code)
            assert_int_equal(n_read, n);
    }
}

/* The pool does its work, unless somebody stands still for so long. */
static void works_at_last(struct foray_pool *pool)
{
    double start = seconds_now();
    struct foray_error err;
    int code;

    do
        code = run_list(pool, call_square, 10, 0, NULL, &err);
    while (code == FORAY_ETIMEDOUT && seconds_now() - start < PATIENCE);
    assert_ok(code, err);
}

static void test_case_11_timeout(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(
            backend, 2, &(struct foray_config){.timeout = PATIENCE});
        double start;

        expect_code(pool, call_sleep, 10, 1, 0);
        assert_int_equal(foray_pool_close(pool), 0);
        pool =
            open_backend(backend, 2, &(struct foray_config){.timeout = 0.01});
        start = seconds_now();
        expect_code(pool, deaf_at_gate, 10, 0, FORAY_ETIMEDOUT);
        assert_no_wait_since(start);
        works_at_last(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

struct heard {
    int n;
    char last[512];
};

static void hear(const char *sentence, void *arg)
{
    struct heard *heard = arg;

    heard->n++;
    snprintf(heard->last, sizeof heard->last, "%s", sentence);
}

static void test_case_12_only_processes_have_a_timeout(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct heard heard = {0};
        struct foray_pool *pool =
            open_backend(backend, 1,
                         &(struct foray_config){
                             .timeout = 20, .log = hear, .log_arg = &heard});

        expect_works(pool);
        assert_int_equal(heard.n, !backend->processes);
        if (heard.n)
            assert_non_null(strstr(heard.last, "timeout"));
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* As 1 / 0 in Python: an error, not a crash. */
static int divide(struct foray_task *task)
{
    int64_t x = foray_task_i64(task, 0);

    if (x == 7)
        return foray_task_fail(task, "division by zero");
    return foray_return(task, 1.0 / (double)(x - 7));
}

static void test_case_13_error_of_a_task(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        pid_t worker = foray_pool_worker_pid(pool, 1);
        struct foray_error err;

        for (int round = 0; round < 3; round++) {
            expect_code(pool, divide, 20, 0, FORAY_ETASK);
            assert_int_equal(run_list(pool, divide, 20, 0, NULL, &err),
                             FORAY_ETASK);
            assert_int_equal(err.task, 7);
            assert_ptr_equal(strstr(err.msg, "fn(7, 0): division by zero"),
                             err.msg);
            expect_works(pool);
        }
        assert_int_equal(foray_pool_worker_pid(pool, 1), worker);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_case_13_interrupted_by_a_signal(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct range range = {.fn = call_at_gate, .stop = 100};
        double start = seconds_now();
        struct foray_run *run;
        struct foray_error err;
        size_t n;

        cancel_at_gate(pool, 1);
        assert_int_equal(run_list(pool, call_at_gate, 100, 0, NULL, &err),
                         FORAY_ECANCELED);
        cancel_at_gate(pool, 1);
        run = start_range(pool, &range, NULL);
        assert_int_equal(read_all(run, &n, &err), FORAY_ECANCELED);
        assert_int_equal(n, 0);
        assert_no_wait_since(start);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int fail_first(struct foray_task *task)
{
    if (foray_task_i64(task, 0) == 0)
        return foray_task_fail(task, "the first");
    return call_at_gate(task); /* a thread cannot be killed */
}

static void test_case_14_error_ends_the_run_soon(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct foray_error err;
        double start = seconds_now();

        shut_gate();
        assert_int_equal(run_list(pool, fail_first, 101, 0, NULL, &err),
                         FORAY_ETASK);
        assert_int_equal(err.task, 0);
        assert_no_wait_since(start);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_case_15_error_of_the_producer(void **state)
{
    static const int64_t places[] = {0, 5, 19};

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);

        for (int i = 0; i < 3; i++) {
            struct range range = {
                .fn = call_square, .stop = 100, .fail_at = places[i] + 1};
            const struct foray_iterator iterator = {.next = next_in_range,
                                                    .next_arg = &range};
            char sentence[32];
            struct foray_run *run;
            struct foray_error err;
            size_t n = 0;
            int code = foray_run_start(&run, pool, &iterator, &err);

            if (!code)
                code = read_all(run, &n, &err);
            assert_int_equal(code, FORAY_EIO);
            assert_int_equal(err.code, FORAY_EIO);
            snprintf(sentence, sizeof sentence, "no call %d", (int)places[i]);
            assert_string_equal(err.msg, sentence);
            assert_true(n <= (size_t)places[i]);
            expect_works(pool);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_case_11_timeout),
        cmocka_unit_test(test_case_12_only_processes_have_a_timeout),
        cmocka_unit_test(test_case_13_error_of_a_task),
        cmocka_unit_test(test_case_13_interrupted_by_a_signal),
        cmocka_unit_test(test_case_14_error_ends_the_run_soon),
        cmocka_unit_test(test_case_15_error_of_the_producer),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
