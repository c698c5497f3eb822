/* The backend threads: what ends tasks or does not, what is counted and said
 * meanwhile, what caps the threads of their runtimes. */
#include "helpers.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>

#include "threads.h"

static atomic_int n_waiting;

/* Ends when it is asked to. */
static int wait_for_the_end(struct foray_task *task)
{
    atomic_fetch_add(&n_waiting, 1);
    while (!foray_task_cancelled(task))
        nap(100e-6);
    return 1;
}

static void *cancel_soon(void *pool)
{
    while (atomic_load(&n_waiting) < 2)
        nap(100e-6);
    foray_pool_cancel(pool);
    return NULL;
}

static void test_cancel_is_up_to_the_tasks(void **state)
{
    /* The grace ends nobody. */
    struct foray_pool *pool =
        open_threads(2, &(struct foray_config){.grace = 1e-3});
    struct foray_call calls[10];
    struct foray_result results[10];
    struct foray_report report;
    struct foray_error err;
    pthread_t other;

    (void)state;
    atomic_store(&n_waiting, 0);
    assert_int_equal(pthread_create(&other, NULL, cancel_soon, pool), 0);
    assert_int_equal(
        foray_for(pool, &(struct foray_for){.fn = wait_for_the_end, .n = 10},
                  &report, &err),
        FORAY_ECANCELED);
    pthread_join(other, NULL);
    assert_int_equal(report.ok, 0);
    assert_int_equal(report.not_run, 8);
    atomic_store(&n_waiting, 0);
    for (int i = 0; i < 10; i++)
        calls[i] = foray_delayed(wait_for_the_end);
    assert_int_equal(pthread_create(&other, NULL, cancel_soon, pool), 0);
    assert_int_equal(foray_parallel(pool, calls, 10, results, &err),
                     FORAY_ECANCELED);
    pthread_join(other, NULL);
    foray_results_free(results, 10);
    begin_counting();
    assert_ok(foray_for(pool, &(struct foray_for){.fn = count_me, .n = 5}, NULL,
                        &err),
              err);
    assert_int_equal(atomic_load(&n_seen), 5);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int fail_some(struct foray_task *task)
{
    size_t i = foray_task_index(task);

    if (i % 50 == 13 && foray_task_attempt(task) < 3)
        return foray_task_fail(task, "not yet");
    return 0;
}

static void test_errors_and_retries(void **state)
{
    struct foray_pool *pool = open_threads(3, NULL);
    struct foray_for loop = {.fn = fail_some, .n = 1000};
    struct foray_report report;
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_for(pool, &loop, NULL, &err), FORAY_ETASK);
    assert_int_equal(err.task % 50, 13);
    loop.on_error = FORAY_SKIP;
    assert_ok(foray_for(pool, &loop, &report, &err), err);
    assert_int_equal(report.failed, 20);
    assert_int_equal(foray_pool_close(pool), 0);
    pool = open_threads(3, &(struct foray_config){.retries = 2});
    assert_ok(foray_for(pool, &loop, &report, &err), err);
    assert_int_equal(report.failed, 0);
    assert_int_equal(report.retried, 40);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void note_progress(const struct foray_progress *progress, void *arg)
{
    (void)progress;
    ++*(int *)arg;
}

static void test_progress_while_the_caller_works(void **state)
{
    int n = 0;
    struct foray_pool *pool =
        open_threads(1, &(struct foray_config){.progress = note_progress,
                                               .progress_arg = &n,
                                               .progress_interval = 1e-3});
    struct foray_call calls[50];
    struct foray_error err;

    (void)state;
    assert_ok(foray_for(pool, &(struct foray_for){.fn = count_me, .n = 50},
                        NULL, &err),
              err);
    assert_true(n > 5);
    n = 0;
    for (int i = 0; i < 50; i++)
        calls[i] = foray_delayed(count_me, i);
    assert_ok(foray_parallel(pool, calls, 50, NULL, &err), err);
    assert_true(n > 5);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void keep_sentence(const char *sentence, void *arg)
{
    char *text = arg;

    snprintf(text + strlen(text), 1024 - strlen(text), "%s\n", sentence);
}

static void test_a_timeout_is_not_held_and_said(void **state)
{
    char text[1024] = "";
    struct foray_pool *pool = open_threads(
        2, &(struct foray_config){
               .timeout = 1e-3, .log = keep_sentence, .log_arg = text});
    struct foray_error err;

    (void)state;
    assert_ok(foray_for(pool, &(struct foray_for){.fn = count_me, .n = 20},
                        NULL, &err),
              err);
    assert_string_equal(text, "the backend \"threads\" cannot end a task: the "
                              "timeout of 0.001 s does not hold\n");
    assert_int_equal(foray_pool_close(pool), 0);
}

static int (*get_max_threads)(void);

static int ask_openmp(struct foray_task *task)
{
    nap(500e-6);
    return foray_return(task, get_max_threads());
}

static void test_openmp_is_capped_and_restored(void **state)
{
    void *gomp = dlopen("libgomp.so.1", RTLD_LAZY | RTLD_LOCAL);
    void *get = gomp ? dlsym(gomp, "omp_get_max_threads") : NULL;
    void *set = gomp ? dlsym(gomp, "omp_set_num_threads") : NULL;
    void (*set_num_threads)(int);
    struct foray_call calls[20];
    struct foray_result results[20];
    struct foray_pool *pool;
    struct foray_error err;

    (void)state;
    if (!get || !set)
        skip();
    memcpy(&get_max_threads, &get, sizeof get);
    memcpy(&set_num_threads, &set, sizeof set);
    set_num_threads(5);
    pool = open_threads(2, &(struct foray_config){.inner_threads = 3});
    for (int i = 0; i < 20; i++)
        calls[i] = foray_delayed(ask_openmp);
    assert_int_equal(get_max_threads(), 5); /* ours, outside of a run */
    assert_ok(foray_parallel(pool, calls, 20, results, &err), err);
    for (int i = 0; i < 20; i++)
        assert_int_equal(foray_result_i64(&results[i], 0), 3);
    foray_results_free(results, 20);
    assert_int_equal(get_max_threads(), 5);
    assert_int_equal(foray_pool_close(pool), 0);
    assert_int_equal(get_max_threads(), 5);
}

static int (*get_blas_threads)(void);

static int ask_blas(struct foray_task *task)
{
    return foray_return(task, get_blas_threads());
}

/* The process has one number: the least that an open pool of threads asks. */
static void test_blas_is_capped_while_a_pool_is_open(void **state)
{
    void *blas = dlopen("libopenblas.so.0", RTLD_LAZY | RTLD_LOCAL);
    void *get = blas ? dlsym(blas, "openblas_get_num_threads") : NULL;
    void *set = blas ? dlsym(blas, "openblas_set_num_threads") : NULL;
    struct foray_call call = foray_delayed(ask_blas);
    struct foray_pool *three, *two;
    void (*set_num_threads)(int);
    struct foray_result result;
    struct foray_error err;

    (void)state;
    if (!get || !set)
        skip();
    memcpy(&get_blas_threads, &get, sizeof get);
    memcpy(&set_num_threads, &set, sizeof set);
    set_num_threads(4);
    three = open_threads(2, &(struct foray_config){.inner_threads = 3});
    assert_int_equal(get_blas_threads(), 3);
    two = open_threads(2, &(struct foray_config){.inner_threads = 2});
    assert_ok(foray_parallel(three, &call, 1, &result, &err), err);
    assert_int_equal(foray_result_i64(&result, 0), 2);
    foray_result_free(&result);
    assert_int_equal(foray_pool_close(two), 0);
    assert_int_equal(get_blas_threads(), 3);
    assert_int_equal(foray_pool_close(three), 0);
    assert_int_equal(get_blas_threads(), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cancel_is_up_to_the_tasks),
        cmocka_unit_test(test_errors_and_retries),
        cmocka_unit_test(test_progress_while_the_caller_works),
        cmocka_unit_test(test_a_timeout_is_not_held_and_said),
        cmocka_unit_test(test_openmp_is_capped_and_restored),
        cmocka_unit_test(test_blas_is_capped_while_a_pool_is_open),
    };

    unsetenv("FORAY_FORCE_BACKEND");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
