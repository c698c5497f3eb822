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
    };

    n_begun = mmap(NULL, sizeof *n_begun, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (n_begun == MAP_FAILED)
        return 99;
    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
