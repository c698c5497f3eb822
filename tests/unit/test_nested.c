/* Pools inside of tasks: who runs there, on how many CPUs, and how deep. Case
 * 22 of joblib's own tests, whose levels are chosen by another rule. */
#include "helpers.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "calls.h"
#include "every_backend.h"

/* Where a task is. */
static int where(struct foray_task *task)
{
    return foray_return(task, foray_depth(), (int)getpid(),
                        foray_effective_n_jobs(0));
}

/* (n_jobs, backend) -> depth, pid, the inner pool's workers and backend, how
 * many of the inner tasks ran in this process, their depth, their share */
static int open_inner(struct foray_task *task)
{
    struct foray_config config = {.n_jobs = (int)foray_task_i64(task, 0),
                                  .backend = foray_task_str(task, 1)};
    struct foray_pool *pool = NULL;
    struct foray_call calls[8];
    struct foray_result results[8];
    struct foray_error err;
    int n_here = 0, code;

    for (int i = 0; i < 8; i++)
        calls[i] = foray_delayed(where);
    if (foray_pool_open(&pool, &config, &err) ||
        foray_parallel(pool, calls, 8, results, &err)) {
        foray_pool_close(pool);
        return foray_task_raise(task, &err);
    }
    for (int i = 0; i < 8; i++)
        n_here += foray_result_i64(&results[i], 1) == getpid();
    code = foray_return(task, foray_depth(), (int)getpid(),
                        foray_pool_n_jobs(pool), foray_pool_backend(pool),
                        n_here, foray_result_i64(&results[0], 0),
                        foray_result_i64(&results[0], 2));
    foray_results_free(results, 8);
    foray_pool_close(pool);
    return code;
}

enum { DEPTH, PID, N_JOBS, BACKEND, N_HERE, INNER_DEPTH, INNER_SHARE };

/* With a number of threads that was asked for, the last tasks of a run have no
 * more CPUs than the others. */
static const struct foray_config no_tail = {.inner_threads = 1};

/* One open_inner in a pool of `outer` workers. */
static struct foray_result run_inner(const struct backend *backend, int outer,
                                     int inner, const char *name)
{
    struct foray_pool *pool = open_backend(backend, outer, &no_tail);
    struct foray_call call = foray_delayed(open_inner, inner, name);
    struct foray_result result;
    struct foray_error err;

    assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
    assert_int_equal(foray_result_i64(&result, DEPTH), 1);
    assert_int_equal(foray_result_i64(&result, INNER_DEPTH), 2);
    assert_int_equal(foray_pool_close(pool), 0);
    return result;
}

/* A worker for each CPU: nothing is left for others, and the inner tasks run
 * in their caller. */
static void test_case_22_workers_on_all_cpus_have_none_to_share(void **state)
{
    (void)state;
    assert_int_equal(foray_depth(), 0);
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_result result = run_inner(backend, -1, 0, NULL);

        assert_int_equal(foray_result_i64(&result, N_JOBS), 1);
        assert_string_equal(foray_result_str(&result, BACKEND), "serial");
        assert_int_equal(foray_result_i64(&result, N_HERE), 8);
        assert_int_equal(foray_result_i64(&result, INNER_SHARE), 1);
        foray_result_free(&result);
    }
}

/* A single worker has them all, and its inner pool divides them further. */
static void test_case_22_one_worker_shares_all_cpus(void **state)
{
    int n_cpus = foray_cpu_count();

    (void)state;
    if (n_cpus == 1)
        skip();
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_result result = run_inner(backend, 1, 0, NULL);

        assert_int_equal(foray_result_i64(&result, N_JOBS), n_cpus);
        assert_string_equal(foray_result_str(&result, BACKEND), "fork");
        assert_int_equal(foray_result_i64(&result, N_HERE), 0);
        assert_int_equal(foray_result_i64(&result, INNER_SHARE), 1);
        foray_result_free(&result);
    }
}

/* The only task that is left has the CPUs of workers without work. */
static void test_the_last_task_shares_all_cpus(void **state)
{
    int n_cpus = foray_cpu_count();

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, -1, NULL);
        struct foray_call call = foray_delayed(open_inner, 0, NULL);
        struct foray_result result;
        struct foray_error err;

        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        assert_int_equal(foray_result_i64(&result, N_JOBS), n_cpus);
        foray_result_free(&result);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* What is said of n_jobs outside holds outside; inside it is a limit. */
static void test_only_the_task_itself_asks_for_more(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    for (int by_level = 0; by_level < 2; by_level++) {
        struct foray_result result;
        struct foray_error err;

        setenv("FORAY_N_JOBS", by_level ? "" : "64", 1);
        if (by_level)
            assert_ok(
                foray_config_push(&(struct foray_config){.n_jobs = 64}, &err),
                err);
        result = run_inner(backend, -1, 0, NULL);
        assert_int_equal(foray_result_i64(&result, N_JOBS), 1);
        foray_result_free(&result);
        result = run_inner(backend, -1, 3, NULL);
        assert_int_equal(foray_result_i64(&result, N_JOBS), 3);
        assert_string_equal(foray_result_str(&result, BACKEND), "fork");
        foray_result_free(&result);
        if (by_level)
            assert_int_equal(foray_config_pop(), 0);
        unsetenv("FORAY_N_JOBS");
    }
}

static int push_inside(struct foray_task *task)
{
    struct foray_error err;
    int before = foray_effective_n_jobs(0), after;

    if (foray_config_push(&(struct foray_config){.n_jobs = 5}, &err))
        return foray_task_raise(task, &err);
    after = foray_effective_n_jobs(0);
    foray_config_pop();
    return foray_return(task, before, after);
}

static void test_levels_inside_of_a_task_count(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, -1, &no_tail);
        struct foray_call call = foray_delayed(push_inside);
        struct foray_result result;
        struct foray_error err;

        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        assert_int_equal(foray_result_i64(&result, 0), 1);
        assert_int_equal(foray_result_i64(&result, 1), 5);
        foray_result_free(&result);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* A zygote serves its program only. */
static void test_forkserver_is_fork_in_a_task(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_result result = run_inner(backend, 1, 2, "forkserver");

        assert_int_equal(foray_result_i64(&result, N_JOBS), 2);
        assert_string_equal(foray_result_str(&result, BACKEND), "fork");
        foray_result_free(&result);
    }
}

static int open_64(struct foray_task *task)
{
    struct foray_pool *pool = NULL;
    struct foray_error err;

    if (!foray_pool_open(&pool, &(struct foray_config){.n_jobs = 64}, &err))
        return foray_pool_close(pool);
    return foray_task_raise(task, &err);
}

static void test_workers_of_workers_are_limited(void **state)
{
    struct foray_pool *pool = open_backend(&every_backend[1], 65, NULL);
    struct foray_error err;
    struct foray_for loop = {.fn = open_64, .n = 1};

    (void)state;
    assert_int_equal(foray_for(pool, &loop, NULL, &err), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "64 workers in each of the tasks of 65"));
    assert_int_equal(foray_pool_close(pool), 0);
}

/* Tasks begun; shared by all that are forked. */
static _Atomic int *n_begun;

/* (n_jobs, backend): never ends by itself. */
static int recurse(struct foray_task *task)
{
    struct foray_config config = {.n_jobs = (int)foray_task_i64(task, 0),
                                  .backend = foray_task_str(task, 1)};
    struct foray_pool *pool = NULL;
    struct foray_call calls[2];
    struct foray_error err;

    atomic_fetch_add(n_begun, 1);
    for (int i = 0; i < 2; i++)
        calls[i] = foray_delayed(recurse, config.n_jobs, config.backend);
    if (!foray_pool_open(&pool, &config, &err) &&
        !foray_parallel(pool, calls, 2, NULL, &err))
        return 0;
    foray_pool_close(pool);
    return foray_task_raise(task, &err);
}

/* joblib: an error, and no process bomb. */
static void test_case_22_recursion_is_an_error(void **state)
{
    static const char *const inner[] = {NULL, "serial", "fork"};

    (void)state;
    FOR_EVERY_BACKEND(backend)
    for (int i = 0; i < 3; i++) {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct foray_call call = foray_delayed(recurse, i == 2, inner[i]);
        struct foray_error err;

        atomic_store(n_begun, 0);
        assert_int_equal(foray_parallel(pool, &call, 1, NULL, &err),
                         FORAY_EINVAL);
        assert_non_null(strstr(err.msg, "at most 10 may be nested"));
        assert_in_range(*n_begun, 10, 20);
        assert_int_equal(foray_depth(), 0);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int fail_always(struct foray_task *task)
{
    return foray_task_fail(task, "as it always does");
}

static void say_nothing(const struct foray_progress *progress, void *arg)
{
    (void)progress;
    (void)arg;
}

/* A text of what a pool that is opened here would have, and what becomes of a
 * run in one. */
static void describe(char *out, size_t size)
{
    struct foray_call calls[2] = {foray_delayed(fail_always),
                                  foray_delayed(fail_always)};
    struct foray_config config;
    struct foray_error err;
    int code;

    if (foray_config_get(&config, &err)) {
        snprintf(out, size, "%s", err.msg);
        return;
    }
    code = foray_parallel(NULL, calls, 2, NULL, &err);
    snprintf(out, size, "%d %g %s %s %s %zu %s, %s; %s", config.retries,
             config.timeout, config.prefer ? config.prefer : "-",
             config.pre_dispatch, config.mmap_mode, config.max_nbytes,
             config.temp_folder ? "folder" : "-",
             config.progress ? "tells" : "tells nothing",
             code ? "ends" : "goes on");
}

static int describe_inside(struct foray_task *task)
{
    char text[512];

    describe(text, sizeof text);
    return foray_return(task, text, foray_config_pop());
}

static int push_and_leave(struct foray_task *task)
{
    struct foray_error err;

    for (int i = 0; i < 3; i++)
        if (foray_config_push(&(struct foray_config){.retries = 100}, &err))
            return foray_task_raise(task, &err);
    return 0;
}

static void expect_inside(const struct foray_result *result, const char *text)
{
    assert_int_equal(result->code, 0);
    assert_string_equal(foray_result_str(result, 0), text);
    assert_int_equal(foray_result_i64(result, 1), FORAY_EINVAL);
}

/* What is said around a run holds for pools in its tasks, however old the
 * workers are, and what tasks say only for themselves. */
static void expect_inherited(struct foray_pool *pool, const char *text)
{
    enum { N = 40 };
    struct foray_call calls[N];
    struct foray_result results[N], result;
    struct range range = {.stop = N, .fn = describe_inside};
    struct foray_run *run;
    struct foray_error err;
    int n = 0;

    for (int i = 0; i < N; i++)
        calls[i] = i % 2 ? foray_delayed(describe_inside)
                         : foray_delayed(push_and_leave);
    assert_ok(foray_parallel(pool, calls, N, results, &err), err);
    for (int i = 1; i < N; i += 2)
        expect_inside(&results[i], text);
    foray_results_free(results, N);
    run = start_range(pool, &range, NULL);
    assert_ok(foray_config_push(&(struct foray_config){.retries = 9}, &err),
              err); /* too late for that run */
    for (; foray_run_next(run, &result, &err) == 1; n++) {
        expect_inside(&result, text);
        foray_result_free(&result);
    }
    assert_int_equal(n, N);
    foray_run_drop(run, NULL);
    assert_int_equal(foray_config_pop(), 0);
}

static void test_tasks_inherit_levels(void **state)
{
    const struct foray_config level = {.retries = 2,
                                       .timeout = 77,
                                       .on_error = FORAY_SKIP,
                                       .prefer = "threads",
                                       .pre_dispatch = "3*n_jobs",
                                       .mmap_mode = "c",
                                       .max_nbytes = 12345,
                                       .temp_folder = test_folder(),
                                       .progress = say_nothing};

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        const char *nothing = "0 0 - 2*n_jobs r 1048576 -, tells nothing; ends";
        struct foray_error err;
        char text[512];

        expect_inherited(pool, nothing);
        assert_ok(foray_config_push(&level, &err), err);
        describe(text, sizeof text);
        assert_string_equal(
            text, "2 77 threads 3*n_jobs c 12345 folder, tells; goes on");
        expect_inherited(pool, "2 77 threads 3*n_jobs c 12345 folder, tells "
                               "nothing; goes on");
        assert_int_equal(foray_config_pop(), 0);
        expect_inherited(pool, nothing);
        assert_int_equal(foray_config_pop(), FORAY_EINVAL);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int expect_level(struct foray_task *task)
{
    char text[512];

    describe(text, sizeof text);
    return strcmp(text, foray_task_params(task))
               ? foray_task_fail(task, "%s", text)
               : 0;
}

/* The same of tasks that are no calls. */
static void test_tasks_of_loops_inherit_levels(void **state)
{
    static const char wanted[] = "1 0 - 2*n_jobs r 1048576 -, tells nothing; "
                                 "goes on";
    struct foray_for loop = {.fn = expect_level,
                             .n = 20,
                             .params = wanted,
                             .params_size = sizeof wanted};

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool;
        struct foray_error err;

        if (!strcmp(backend->name, "outside"))
            continue; /* it runs calls only */
        pool = open_backend(backend, 2,
                            &(struct foray_config){.on_error = FORAY_STOP});
        assert_ok(
            foray_config_push(
                &(struct foray_config){.retries = 1, .on_error = FORAY_SKIP},
                &err),
            err);
        assert_ok(foray_for(pool, &loop, NULL, &err), err);
        assert_int_equal(foray_config_pop(), 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_case_22_workers_on_all_cpus_have_none_to_share),
        cmocka_unit_test(test_case_22_one_worker_shares_all_cpus),
        cmocka_unit_test(test_the_last_task_shares_all_cpus),
        cmocka_unit_test(test_only_the_task_itself_asks_for_more),
        cmocka_unit_test(test_levels_inside_of_a_task_count),
        cmocka_unit_test(test_forkserver_is_fork_in_a_task),
        cmocka_unit_test(test_workers_of_workers_are_limited),
        cmocka_unit_test(test_case_22_recursion_is_an_error),
        cmocka_unit_test(test_tasks_inherit_levels),
        cmocka_unit_test(test_tasks_of_loops_inherit_levels),
    };

    n_begun = mmap(NULL, sizeof *n_begun, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (n_begun == MAP_FAILED)
        return 99;
    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
