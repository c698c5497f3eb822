/* The backend threads: who works, and where. */
#include "helpers.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray.h>

#include "threads.h"

/* Of this process. */
static int count_threads(void)
{
    struct stat st;

    assert_int_equal(stat("/proc/self/task", &st), 0);
    return (int)st.st_nlink - 2;
}

static void test_the_caller_is_one_of_them(void **state)
{
    int n_before;

    (void)state;
    /* With the first thread come those of sanitizers. */
    assert_int_equal(foray_pool_close(open_threads(2, NULL)), 0);
    n_before = count_threads();
    for (int n_jobs = 1; n_jobs <= 3; n_jobs++) {
        struct foray_pool *pool = open_threads(n_jobs, NULL);
        struct foray_call calls[40];
        struct foray_result results[40];
        struct foray_error err;

        assert_int_equal(count_threads(), n_before + n_jobs - 1);
        begin_counting();
        assert_ok(foray_for(pool, &(struct foray_for){.fn = count_me, .n = 40},
                            NULL, &err),
                  err);
        assert_int_equal(atomic_load(&n_seen), 40);
        assert_true(atomic_load(&n_in_caller) > 0);
        assert_true(n_jobs > 1 || atomic_load(&n_in_caller) == 40);
        begin_counting();
        for (int i = 0; i < 40; i++)
            calls[i] = foray_delayed(count_me, i);
        assert_ok(foray_parallel(pool, calls, 40, results, &err), err);
        for (int i = 0; i < 40; i++)
            assert_int_equal(foray_result_i64(&results[i], 0), i);
        foray_results_free(results, 40);
        assert_true(atomic_load(&n_in_caller) > 0);
        assert_true(n_jobs > 1 || atomic_load(&n_in_caller) == 40);
        assert_int_equal(count_threads(), n_before + n_jobs - 1);
        assert_int_equal(foray_pool_worker_pid(pool, 0), getpid());
        assert_int_equal(foray_pool_close(pool), 0);
        assert_int_equal(count_threads(), n_before);
    }
}

static int count_up(struct foray_slot *slot, void *arg)
{
    int64_t *next = arg;

    if (next[0] == next[1])
        return 0;
    return foray_produce(slot, foray_delayed(count_me, next[0]++));
}

/* An iterator's caller, and a future's, may have other things to do. */
static void test_iterators_leave_the_caller_alone(void **state)
{
    struct foray_pool *pool = open_threads(1, NULL);
    int64_t range[2] = {0, 50};
    struct foray_iterator iterator = {.next = count_up, .next_arg = range};
    struct foray_call call = foray_delayed(count_me, 7);
    struct foray_future *future;
    struct foray_result result;
    struct foray_run *run;
    struct foray_error err;
    int code, n = 0;
    double start;

    (void)state;
    begin_counting();
    assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
    while (n < 50) {
        struct pollfd ready = {.fd = foray_run_fd(run), .events = POLLIN};

        assert_int_equal(poll(&ready, 1, 1000 * PATIENCE), 1);
        while ((code = foray_run_try(run, &result, &err)) > 0) {
            assert_int_equal(foray_result_i64(&result, 0), n++);
            foray_result_free(&result);
        }
        assert_true(code == FORAY_EAGAIN || n == 50);
    }
    foray_run_drop(run, NULL);
    assert_ok(foray_submit(&future, pool, &call, &err), err);
    start = seconds_now();
    while (!foray_future_done(future) && seconds_now() - start < PATIENCE)
        nap(1e-3);
    assert_true(foray_future_done(future));
    foray_future_free(future);
    assert_int_equal(atomic_load(&n_in_caller), 0);
    /* And the thread that it took leaves lists to the caller again. */
    assert_ok(foray_for(pool, &(struct foray_for){.fn = count_me, .n = 20},
                        NULL, &err),
              err);
    assert_int_equal(atomic_load(&n_in_caller), 20);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int large_text(struct foray_task *task)
{
    char *text = malloc(60001);
    int code;

    if (!text)
        return foray_task_fail(task, "no memory");
    memset(text, 'a' + (int)(foray_task_i64(task, 0) % 26), 60000);
    text[60000] = '\0';
    code = foray_return(task, FORAY_BYTES(text, 3000), FORAY_BYTES(text, 4000));
    free(text);
    return code;
}

/* One claim has more results than a ring has room for, and the thread that
 * makes them is the one that reads them. */
static void test_the_caller_makes_room_for_itself(void **state)
{
    enum { N = 400 };
    struct foray_pool *pool =
        open_threads(1, &(struct foray_config){.batch_size = N});
    struct foray_call calls[N];
    struct foray_result results[N];
    struct foray_error err;

    (void)state;
    for (int i = 0; i < N; i++)
        calls[i] = foray_delayed(large_text, i);
    assert_ok(foray_parallel(pool, calls, N, results, &err), err);
    for (int i = 0; i < N; i++)
        assert_int_equal(
            ((const char *)foray_result_bytes(&results[i], 1).data)[3999],
            'a' + i % 26);
    foray_results_free(results, N);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int blocked_signals(struct foray_task *task)
{
    sigset_t blocked;

    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    return foray_return(task, pthread_equal(pthread_self(), caller) != 0,
                        sigismember(&blocked, SIGUSR1),
                        sigismember(&blocked, SIGSEGV));
}

static void test_signals_are_the_program_s(void **state)
{
    struct foray_pool *pool = open_threads(1, NULL);
    struct foray_call call = foray_delayed(blocked_signals);
    struct foray_future *future;
    struct foray_result result;
    struct foray_error err;

    (void)state;
    begin_counting();
    assert_ok(foray_submit(&future, pool, &call, &err), err);
    assert_ok(foray_future_wait(future, -1, &result, &err), err);
    assert_false(foray_result_bool(&result, 0));
    assert_int_equal(foray_result_i64(&result, 1), 1);
    assert_int_equal(foray_result_i64(&result, 2), 0);
    foray_result_free(&result);
    foray_future_free(future);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* Two pools, each in a thread of its own, and one more in a task. */
static int sum_within(struct foray_task *task)
{
    struct foray_pool *pool = open_threads(2, NULL);
    int64_t i = foray_task_i64(task, 0);
    double data[64], sum = 0;
    struct foray_array array;
    struct foray_error err;
    int code;

    for (int k = 0; k < 64; k++)
        data[k] = (double)i;
    code = foray_array_wrap(&array, data, FORAY_F64, 1, (size_t[]){64}, &err);
    if (!code)
        code = foray_array_sum(&sum, pool, &array, &err);
    foray_pool_close(pool);
    return code ? foray_task_raise(task, &err) : foray_return(task, sum);
}

static void *run_own_pool(void *arg)
{
    struct foray_pool *pool = open_threads(2, NULL);
    struct foray_call calls[20];
    struct foray_result results[20];
    struct foray_error err;
    size_t *n_wrong = arg;

    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 20; i++)
            calls[i] = foray_delayed(sum_within, i);
        if (foray_parallel(pool, calls, 20, results, &err)) {
            ++*n_wrong;
            continue;
        }
        for (int i = 0; i < 20; i++)
            *n_wrong += foray_result_f64(&results[i], 0) != 64.0 * i;
        foray_results_free(results, 20);
    }
    foray_pool_close(pool);
    return NULL;
}

static void test_pools_beside_and_within_one_another(void **state)
{
    pthread_t threads[2];
    size_t n_wrong[2] = {0, 0};

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, run_own_pool, &n_wrong[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(n_wrong[i], 0);
    }
}

static const char *backend_of(const struct foray_config *config)
{
    struct foray_pool *pool;
    struct foray_error err;
    const char *name;

    assert_ok(foray_pool_open(&pool, config, &err), err);
    name = foray_pool_backend(pool);
    assert_int_equal(foray_pool_close(pool), 0);
    return name;
}

static void test_who_wants_memory_shared_gets_threads(void **state)
{
    (void)state;
    assert_string_equal(
        backend_of(&(struct foray_config){.n_jobs = 2, .prefer = "threads"}),
        "threads");
    assert_string_equal(
        backend_of(&(struct foray_config){.n_jobs = 2, .require = "sharedmem"}),
        "threads");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_caller_is_one_of_them),
        cmocka_unit_test(test_iterators_leave_the_caller_alone),
        cmocka_unit_test(test_the_caller_makes_room_for_itself),
        cmocka_unit_test(test_signals_are_the_program_s),
        cmocka_unit_test(test_pools_beside_and_within_one_another),
        cmocka_unit_test(test_who_wants_memory_shared_gets_threads),
    };

    unsetenv("FORAY_FORCE_BACKEND");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
