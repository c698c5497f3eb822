/* The backend threads: what only it does, and what it must do as others. */
#include "helpers.h"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <foray.h>

static struct foray_pool *open_threads(int n_jobs,
                                       const struct foray_config *more)
{
    struct foray_config config = more ? *more : (struct foray_config){0};
    struct foray_pool *pool = NULL;
    struct foray_error err;

    config.backend = "threads";
    config.n_jobs = n_jobs;
    assert_ok(foray_pool_open(&pool, &config, &err), err);
    return pool;
}

/* Of this process. */
static int count_threads(void)
{
    struct stat st;

    assert_int_equal(stat("/proc/self/task", &st), 0);
    return (int)st.st_nlink - 2;
}

static void nap(long us)
{
    nanosleep(&(struct timespec){0, us * 1000}, NULL);
}

static atomic_int n_seen, n_in_caller;
static pthread_t caller;

/* Who ran it is counted in the program's own memory. */
static int count_me(struct foray_task *task)
{
    atomic_fetch_add(&n_seen, 1);
    if (pthread_equal(pthread_self(), caller))
        atomic_fetch_add(&n_in_caller, 1);
    nap(500);
    return foray_task_n_args(task) ? foray_return(task, foray_task_i64(task, 0))
                                   : 0;
}

static void begin_counting(void)
{
    caller = pthread_self();
    atomic_store(&n_seen, 0);
    atomic_store(&n_in_caller, 0);
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

    (void)state;
    begin_counting();
    assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
    while (n < 50) {
        struct pollfd ready = {.fd = foray_run_fd(run), .events = POLLIN};

        assert_int_equal(poll(&ready, 1, 30000), 1);
        while ((code = foray_run_try(run, &result, &err)) > 0) {
            assert_int_equal(foray_result_i64(&result, 0), n++);
            foray_result_free(&result);
        }
        assert_true(code == FORAY_EAGAIN || n == 50);
    }
    foray_run_drop(run, NULL);
    assert_ok(foray_submit(&future, pool, &call, &err), err);
    for (int k = 0; k < 10000 && !foray_future_done(future); k++)
        nap(1000);
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

static int add_rows(struct foray_task *task)
{
    const struct foray_array *in = foray_task_in(task, 0);
    const struct foray_array *out = foray_task_inout(task, 0);
    const struct foray_array *where = foray_task_whole(task, 0);

    for (size_t i = 0; i < out->shape[0]; i++)
        FORAY_AT(out, double, i) += FORAY_AT(in, double, i);
    FORAY_AT(where, uintptr_t, foray_task_index(task)) = (uintptr_t)out->data;
    return 0;
}

static void test_private_memory_is_where_it_was(void **state)
{
    enum { N = 1000, CHUNK = 10 };
    static double a[N], b[N];
    static uint64_t addresses[N / CHUNK];
    struct foray_pool *pool = open_threads(3, NULL);
    struct foray_array in, out, where;
    struct foray_error err;
    struct foray_map map = {.fn = add_rows,
                            .chunk = CHUNK,
                            .in = {&in},
                            .inout = {&out},
                            .whole = {&where}};

    (void)state;
    for (int i = 0; i < N; i++)
        a[i] = b[i] = i;
    assert_ok(foray_array_wrap(&in, a, FORAY_F64, 1, (size_t[]){N}, &err), err);
    assert_ok(foray_array_wrap(&out, b, FORAY_F64, 1, (size_t[]){N}, &err),
              err);
    assert_ok(foray_array_wrap(&where, addresses, FORAY_U64, 1,
                               (size_t[]){N / CHUNK}, &err),
              err);
    assert_ok(foray_map(pool, &map, NULL, &err), err);
    for (int i = 0; i < N; i++) {
        assert_true(b[i] == 2 * i);
        assert_true(addresses[i / CHUNK] == (uintptr_t)&b[i / CHUNK * CHUNK]);
    }
    assert_int_equal(foray_pool_close(pool), 0);
}

/* (array) -> where it is, its sum */
static int locate(struct foray_task *task)
{
    const struct foray_array *array = foray_task_array(task, 0);
    double sum = 0;

    for (size_t i = 0; i < array->shape[0]; i++)
        sum += FORAY_AT(array, double, i);
    return foray_return(task, (uint64_t)(uintptr_t)array->data, sum,
                        foray_task_bytes(task, 1).size, array);
}

/* A list's caller waits, so that tasks may read what it has; others copy. */
static void test_a_list_lends_private_memory(void **state)
{
    enum { N = 300000 };
    static double data[N];
    struct foray_pool *pool = open_threads(2, NULL);
    struct foray_call calls[100];
    struct foray_result results[100];
    struct foray_array whole, part;
    struct foray_future *future;
    struct foray_error err;

    (void)state;
    for (int i = 0; i < N; i++)
        data[i] = i;
    assert_ok(foray_array_wrap(&whole, data, FORAY_F64, 1, (size_t[]){N}, &err),
              err);
    assert_ok(foray_array_slice(&part, &whole, 0, 10, 0, -3, &err), err);
    for (int i = 0; i < 100; i++)
        calls[i] = foray_delayed(locate, i % 2 ? &whole : &part,
                                 FORAY_BYTES(data, sizeof data));
    assert_ok(foray_parallel(pool, calls, 100, results, &err), err);
    for (int i = 0; i < 100; i++) {
        const struct foray_array *array = i % 2 ? &whole : &part;
        const struct foray_array *copy = foray_result_array(&results[i], 3);

        assert_true(foray_result_u64(&results[i], 0) == (uintptr_t)array->data);
        assert_true(foray_result_f64(&results[i], 1) ==
                    (i % 2 ? (N - 1.0) * N / 2 : 10 + 7 + 4 + 1));
        assert_int_equal(foray_result_u64(&results[i], 2), sizeof data);
        assert_true(copy->data != array->data);
        assert_true(FORAY_AT(copy, double, 1) == FORAY_AT(array, double, 1));
    }
    foray_results_free(results, 100);
    assert_ok(foray_submit(&future, pool, &calls[1], &err), err);
    data[N - 1] = 0;
    assert_ok(foray_future_wait(future, -1, &results[0], &err), err);
    assert_true(foray_result_u64(&results[0], 0) != (uintptr_t)data);
    assert_true(foray_result_f64(&results[0], 1) == (N - 1.0) * N / 2);
    foray_result_free(&results[0]);
    foray_future_free(future);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* Each task of mode c begins with what is in the file. */
static int store(struct foray_task *task)
{
    const struct foray_array *array = foray_task_n_args(task)
                                          ? foray_task_array(task, 0)
                                          : foray_task_whole(task, 0);

    if (FORAY_AT(array, double, 3) != 3)
        return foray_task_fail(task, "another task's change");
    for (size_t k = 0; k < 8; k++)
        FORAY_AT(array, double, k) = -1;
    nap(200);
    return 0;
}

static void test_mode_c_is_private_to_a_task(void **state)
{
    struct foray_pool *pool = open_threads(2, NULL);
    struct foray_call calls[50];
    struct foray_array array, copy;
    struct foray_error err;

    (void)state;
    assert_ok(
        foray_array_create(&array, NULL, FORAY_F64, 1, (size_t[]){8}, &err),
        err);
    for (size_t k = 0; k < 8; k++)
        FORAY_AT(&array, double, k) = (double)k;
    copy = array;
    copy.mode = FORAY_COPY;
    assert_ok(
        foray_for(pool,
                  &(struct foray_for){.fn = store, .n = 50, .whole = {&copy}},
                  NULL, &err),
        err);
    for (int i = 0; i < 50; i++)
        calls[i] = foray_delayed(store, &copy);
    assert_ok(foray_parallel(pool, calls, 50, NULL, &err), err);
    for (size_t k = 0; k < 8; k++)
        assert_true(FORAY_AT(&array, double, k) == (double)k);
    assert_int_equal(foray_array_close(&array, NULL), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

static struct foray_array kept; /* the program's */

/* (i) -> an array of its own, a view of it, one of the program's */
static int make_arrays(struct foray_task *task)
{
    struct foray_array own, part;
    struct foray_error err;

    if (foray_array_create(&own, NULL, FORAY_I64, 1, (size_t[]){100000},
                           &err) ||
        foray_array_slice(&part, &own, 0, 1, 100000, 1, &err))
        return foray_task_raise(task, &err);
    FORAY_AT(&own, int64_t, 5) = foray_task_i64(task, 0);
    return foray_return(task, &own, &part, &kept);
}

static void test_arrays_are_handed_over(void **state)
{
    enum { N = 60 };
    size_t n_mappings = count_foray_mappings();
    struct foray_pool *pool = open_threads(3, NULL);
    struct foray_call calls[N];
    struct foray_result results[N];
    struct foray_error err;

    (void)state;
    assert_ok(
        foray_array_create(&kept, NULL, FORAY_F64, 1, (size_t[]){4}, &err),
        err);
    FORAY_AT(&kept, double, 1) = 4.5;
    for (int i = 0; i < N; i++)
        calls[i] = foray_delayed(make_arrays, i);
    for (int round = 0; round < 3; round++) {
        assert_ok(foray_parallel(pool, calls, N, results, &err), err);
        for (int i = 0; i < N; i++) {
            const struct foray_array *own = foray_result_array(&results[i], 0);
            const struct foray_array *part = foray_result_array(&results[i], 1);
            const struct foray_array *copy = foray_result_array(&results[i], 2);

            assert_int_equal(FORAY_AT(own, int64_t, 5), i);
            assert_int_equal(FORAY_AT(part, int64_t, 4), i);
            assert_true((char *)own->data + 8 == (char *)part->data);
            assert_true(FORAY_AT(copy, double, 1) == 4.5);
            assert_true(copy->data != kept.data);
        }
        foray_results_free(results, N);
    }
    assert_true(FORAY_AT(&kept, double, 1) == 4.5);
    assert_int_equal(foray_array_close(&kept, NULL), 0);
    assert_int_equal(foray_pool_close(pool), 0);
    assert_int_equal(count_foray_mappings(), n_mappings);
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

static atomic_int n_waiting;

/* Ends when it is asked to. */
static int wait_for_the_end(struct foray_task *task)
{
    atomic_fetch_add(&n_waiting, 1);
    while (!foray_task_cancelled(task))
        nap(100);
    return 1;
}

static void *cancel_soon(void *pool)
{
    while (atomic_load(&n_waiting) < 2)
        nap(100);
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

static int (*get_max_threads)(void);

static int ask_openmp(struct foray_task *task)
{
    nap(500);
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
        cmocka_unit_test(test_the_caller_is_one_of_them),
        cmocka_unit_test(test_iterators_leave_the_caller_alone),
        cmocka_unit_test(test_private_memory_is_where_it_was),
        cmocka_unit_test(test_a_list_lends_private_memory),
        cmocka_unit_test(test_mode_c_is_private_to_a_task),
        cmocka_unit_test(test_arrays_are_handed_over),
        cmocka_unit_test(test_the_caller_makes_room_for_itself),
        cmocka_unit_test(test_cancel_is_up_to_the_tasks),
        cmocka_unit_test(test_errors_and_retries),
        cmocka_unit_test(test_progress_while_the_caller_works),
        cmocka_unit_test(test_a_timeout_is_not_held_and_said),
        cmocka_unit_test(test_signals_are_the_program_s),
        cmocka_unit_test(test_pools_beside_and_within_one_another),
        cmocka_unit_test(test_who_wants_memory_shared_gets_threads),
        cmocka_unit_test(test_openmp_is_capped_and_restored),
        cmocka_unit_test(test_blas_is_capped_while_a_pool_is_open),
    };

    unsetenv("FORAY_FORCE_BACKEND");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
