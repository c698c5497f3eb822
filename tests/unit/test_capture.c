/* What calls print comes back with their results. */
#include "helpers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray.h>

#include "calls.h"
#include "pools.h"

static const char *const backends[] = {"fork", "forkserver"};

static struct foray_pool *open_capturing(const char *backend, int n_jobs,
                                         struct foray_config config)
{
    config.capture = true;
    if (!config.on_error)
        config.on_error = FORAY_SKIP;
    return open_pool(backend, n_jobs, &config);
}

static void expect(const struct foray_result *result, const char *text)
{
    size_t size;

    assert_string_equal(foray_result_output(result, &size), text);
    assert_int_equal(size, strlen(text));
}

static int print(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0);

    if (i % 3 == 0)
        return foray_return(task, i); /* and says nothing */
    printf("call %d", (int)i);
    fflush(stdout);
    fprintf(stderr, ", error %d\n", (int)i);
    return i % 3 == 1 ? foray_return(task, i)
                      : foray_return(task, "text", i, i, i);
}

static void test_each_call_has_its_own(void **state)
{
    enum { N = 2000 };
    static struct foray_call calls[N];
    static struct foray_result results[N];

    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_pool *pool =
            open_capturing(backends[b], 3, (struct foray_config){0});
        struct foray_error err;

        for (int i = 0; i < N; i++)
            calls[i] = foray_delayed(print, i);
        assert_ok(foray_parallel(pool, calls, N, results, &err), err);
        for (int i = 0; i < N; i++) {
            char text[64] = "";

            if (i % 3)
                snprintf(text, sizeof text, "call %d, error %d\n", i, i);
            expect(&results[i], text);
            assert_int_equal(foray_result_i64(&results[i], i % 3 == 2), i);
        }
        foray_results_free(results, N);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int run_program(struct foray_task *task)
{
    printf("before ");
    if (system("echo child; echo trouble >&2"))
        return foray_task_fail(task, "there is no shell");
    printf("after");
    return write(1, "!", 1) == 1 ? 0 : 1;
}

static void test_processes_that_it_starts(void **state)
{
    struct foray_pool *pool =
        open_capturing("fork", 1, (struct foray_config){0});
    struct foray_call call = foray_delayed(run_program);
    struct foray_result result;
    struct foray_error err;
    const char *text;

    (void)state;
    assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
    text = foray_result_output(&result, NULL);
    assert_non_null(strstr(text, "child\ntrouble\n"));
    assert_non_null(strstr(text, "before"));
    assert_non_null(strstr(text, "after"));
    foray_result_free(&result);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int print_and_die(struct foray_task *task)
{
    printf("last words of %d\n", (int)foray_task_i64(task, 0));
    switch (foray_task_i64(task, 0)) {
    case 0:
        return foray_task_fail(task, "said so");
    case 1:
        raise(SIGKILL);
        break;
    case 2:
        abort();
    case 3:
        exit(3);
    case 4:
        nap(2 * PATIENCE);
        break;
    default:
        break;
    }
    return 0;
}

static void test_of_calls_that_die(void **state)
{
    const int codes[] = {FORAY_ETASK, FORAY_ECRASH,    FORAY_ECRASH,
                         FORAY_EEXIT, FORAY_ETIMEDOUT, 0};

    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_pool *pool =
            open_capturing(backends[b], 2, (struct foray_config){.timeout = 3});
        struct foray_call calls[6];
        struct foray_result results[6];
        struct foray_error err;

        for (int i = 0; i < 6; i++)
            calls[i] = foray_delayed(print_and_die, i);
        assert_ok(foray_parallel(pool, calls, 6, results, &err), err);
        for (int i = 0; i < 6; i++) {
            char text[64];

            assert_int_equal(results[i].code, codes[i]);
            snprintf(text, sizeof text, "last words of %d\n", i);
            expect(&results[i], text);
        }
        foray_results_free(results, 6);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int print_the_try(struct foray_task *task)
{
    printf("try %d\n", foray_task_attempt(task));
    if (foray_task_attempt(task) == 2)
        raise(SIGKILL);
    return foray_task_attempt(task) < 3;
}

static void test_of_the_last_try(void **state)
{
    struct foray_pool *pool =
        open_capturing("fork", 1, (struct foray_config){.retries = 5});
    struct foray_call call = foray_delayed(print_the_try);
    struct foray_result result;
    struct foray_error err;

    (void)state;
    assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
    assert_int_equal(result.attempt, 3);
    expect(&result, "try 3\n");
    foray_result_free(&result);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int print_much(struct foray_task *task)
{
    int64_t n = foray_task_i64(task, 0);

    for (int64_t i = 0; i < n; i++)
        putchar(i < 100 ? 'a' : 'b');
    return 0;
}

static void test_the_end_of_much(void **state)
{
    enum { MOST = 64 << 10 };
    const int sizes[] = {MOST - 1, MOST, MOST + 1, MOST + 5000, 10 << 20};
    struct foray_pool *pool =
        open_capturing("fork", 1, (struct foray_config){0});
    struct foray_error err;

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct foray_call call = foray_delayed(print_much, sizes[i]);
        struct foray_result result;
        const char *text;
        char mark[64] = "";
        size_t size;

        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        assert_int_equal(result.code, 0);
        if (sizes[i] > MOST)
            snprintf(mark, sizeof mark, "[%d bytes cut]\n", sizes[i] - MOST);
        text = foray_result_output(&result, &size);
        assert_int_equal(size, strlen(text));
        assert_int_equal(size, strlen(mark) +
                                   (size_t)(sizes[i] < MOST ? sizes[i] : MOST));
        assert_memory_equal(text, mark, strlen(mark));
        assert_int_equal(text[strlen(mark)], sizes[i] < MOST + 100 ? 'a' : 'b');
        assert_int_equal(text[size - 1], 'b');
        foray_result_free(&result);
    }
    assert_int_equal(foray_pool_close(pool), 0);
}

static int produce(struct foray_slot *slot, void *arg)
{
    int *next = arg;

    if (*next == 50)
        return 0;
    return foray_produce(slot, foray_delayed(print, (*next)++));
}

static int print_index(struct foray_task *task)
{
    printf("index %zu\n", foray_task_index(task));
    return 0;
}

/* Standard output goes to a file of the test's meanwhile. */
static void test_other_runs_print_where_they_did(void **state)
{
    const char *path = test_path("printed");
    int file = open(path, O_RDWR | O_CREAT | O_APPEND, 0600), kept = dup(1);
    struct foray_pool *pool;
    struct foray_error err;
    int next = 0, code = 0;
    struct foray_iterator iterator = {.next = produce, .next_arg = &next};
    struct foray_run *run;
    struct foray_result result;
    char text[64] = "";

    (void)state;
    fflush(stdout);
    dup2(file, 1);
    pool = open_capturing("fork", 1, (struct foray_config){0});
    dup2(kept, 1);
    close(kept);
    for (int round = 0; round < 2; round++) {
        next = 0;
        assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
        while ((code = foray_run_next(run, &result, &err)) > 0) {
            size_t size;

            foray_result_output(&result, &size);
            assert_int_equal(size != 0, result.index % 3 != 0);
            foray_result_free(&result);
        }
        assert_int_equal(code, 0);
        foray_run_drop(run, NULL);
        assert_ok(foray_for(pool,
                            &(struct foray_for){.fn = print_index, .n = 2},
                            NULL, &err),
                  err);
    }
    assert_int_equal(foray_pool_close(pool), 0);
    assert_int_equal(pread(file, text, sizeof text - 1, 0), 32);
    assert_string_equal(text, "index 0\nindex 1\nindex 0\nindex 1\n");
    close(file);
}

static void test_without_memfd_and_without_trace(void **state)
{
    size_t names = count_shm_names(), descriptors = count_descriptors();

    setenv("FORAY_TEST_NO", "memfd", 1);
    test_of_calls_that_die(state);
    unsetenv("FORAY_TEST_NO");
    assert_true(no_more_shm_names(names));
    assert_int_equal(count_descriptors(), descriptors);
}

/* (i) -> i; the tenth prints, and fails or dies */
static int print_and_end(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0);

    if (i != 10)
        return foray_return(task, i);
    printf("the tenth\n");
    fflush(stdout);
    if (foray_task_i64(task, 1))
        raise(SIGKILL);
    return foray_task_fail(task, "enough");
}

/* With stop nobody reads the result of the call that failed. */
static void test_of_the_call_that_ends_an_iterator(void **state)
{
    (void)state;
    for (int k = 0; k < 8; k++) {
        struct foray_pool *pool = open_capturing(
            backends[k % 2], 2, (struct foray_config){.on_error = FORAY_STOP});
        struct range range = {
            .stop = 1000, .fn = print_and_end, .more = k / 2 % 2};
        struct foray_run *run = start_range(
            pool, &range, &(struct foray_iterator){.unordered = k / 4});
        const struct foray_result *failure;
        struct foray_result result;
        struct foray_error err;

        assert_null(foray_run_failure(run));
        while (foray_run_next(run, &result, &err) == 1)
            foray_result_free(&result);
        assert_int_equal(err.task, 10);
        for (int again = 0; again < 2; again++) {
            failure = foray_run_failure(run);
            assert_non_null(failure);
            assert_int_equal(failure->index, 10);
            assert_int_equal(failure->code, err.code);
            assert_string_equal(foray_result_error(failure)->msg, err.msg);
            expect(failure, "the tenth\n");
            assert_int_equal(foray_run_next(run, &result, &err), err.code);
        }
        foray_run_drop(run, NULL);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* A run that ended otherwise. */
static void test_no_call_ended_an_iterator(void **state)
{
    struct foray_pool *pool = open_capturing(
        "fork", 2, (struct foray_config){.on_error = FORAY_STOP});
    struct range range = {.stop = 3, .fn = print};
    struct foray_run *run = start_range(pool, &range, NULL);
    struct foray_result result;
    struct foray_error err;

    (void)state;
    while (foray_run_next(run, &result, &err) == 1)
        foray_result_free(&result);
    assert_null(foray_run_failure(run));
    foray_run_drop(run, NULL);
    range = (struct range){.stop = 1000, .fn = print};
    run = start_range(pool, &range, NULL);
    foray_run_cancel(run);
    assert_int_equal(foray_run_next(run, &result, &err), FORAY_ECANCELED);
    assert_null(foray_run_failure(run));
    foray_run_drop(run, NULL);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int fail_if_open(struct foray_task *task)
{
    return fcntl(STDOUT_FILENO, F_GETFD) < 0
               ? 0
               : foray_task_fail(task, "standard output is open");
}

/* The file must not become the stream that the program does not have. */
static int capture_without_streams(void *arg)
{
    struct foray_config config = {
        .backend = "fork", .n_jobs = 1, .capture = true};
    struct foray_call call = foray_delayed(print, 1);
    struct foray_pool *pool = NULL;
    struct foray_result result;
    struct foray_error err;

    (void)arg;
    close(STDOUT_FILENO);
    if (foray_pool_open(&pool, &config, &err))
        return 1;
    for (int i = 0; i < 2; i++) {
        if (foray_parallel(pool, &call, 1, &result, &err))
            return 2;
        if (strcmp(foray_result_output(&result, NULL), "call 1, error 1\n") !=
            0)
            return 3;
        foray_result_free(&result);
        if (foray_for(pool, &(struct foray_for){.fn = fail_if_open, .n = 2},
                      NULL, &err))
            return 4;
    }
    return foray_pool_close(pool) ? 5 : 0;
}

static void test_of_a_program_without_standard_output(void **state)
{
    (void)state;
    assert_int_equal(in_child(capture_without_streams, NULL), 0);
}

static void test_nothing_unless_asked(void **state)
{
    struct foray_config config = {.backend = "fork", .n_jobs = 1};
    struct foray_pool *pool = NULL;
    struct foray_call call = foray_delayed(print, 0);
    struct foray_result result;
    struct foray_error err;

    (void)state;
    assert_ok(foray_pool_open(&pool, &config, &err), err);
    assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
    expect(&result, "");
    foray_result_free(&result);
    assert_string_equal(foray_result_output(&result, NULL), "");
    assert_int_equal(foray_pool_close(pool), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_call_has_its_own),
        cmocka_unit_test(test_processes_that_it_starts),
        cmocka_unit_test(test_of_calls_that_die),
        cmocka_unit_test(test_of_the_last_try),
        cmocka_unit_test(test_the_end_of_much),
        cmocka_unit_test(test_other_runs_print_where_they_did),
        cmocka_unit_test(test_without_memfd_and_without_trace),
        cmocka_unit_test(test_of_the_call_that_ends_an_iterator),
        cmocka_unit_test(test_no_call_ended_an_iterator),
        cmocka_unit_test(test_of_a_program_without_standard_output),
        cmocka_unit_test(test_nothing_unless_asked),
    };
    struct foray_error err;

    unsetenv("FORAY_FORCE_BACKEND");
    if (foray_init(&err))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
