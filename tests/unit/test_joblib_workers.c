/* Cases of joblib's own tests, by their numbers: what workers inherit, runs
 * within tasks, BLAS and OpenMP in workers. */
#include "helpers.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "every_backend.h"

/* (i) -> the sum of the squares below 10 i, by a run of its own; its pid */
static int run_within(struct foray_task *task)
{
    int64_t n = 10 * foray_task_i64(task, 0), sum = 0;
    struct range range = {.fn = call_square, .stop = n};
    const struct foray_iterator iterator = {.next = next_in_range,
                                            .next_arg = &range};
    struct foray_pool *pool;
    struct foray_run *run;
    struct foray_result result;
    struct foray_error err;
    int code =
        foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err);

    if (code)
        return foray_task_raise(task, &err);
    code = foray_run_start(&run, pool, &iterator, &err);
    while (!code && (code = foray_run_next(run, &result, &err)) > 0) {
        sum += foray_result_i64(&result, 0);
        foray_result_free(&result);
        code = 0;
    }
    foray_run_drop(run, NULL);
    foray_pool_close(pool);
    return code ? foray_task_raise(task, &err)
                : foray_return(task, sum, getpid());
}

static void test_case_22_runs_within_tasks(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct foray_result results[10];
        struct foray_error err;

        assert_ok(run_list(pool, run_within, 10, 0, results, &err), err);
        for (int64_t i = 0; i < 10; i++) {
            int64_t n = 10 * i, pid = foray_result_i64(&results[i], 1);

            assert_int_equal(foray_result_i64(&results[i], 0),
                             n * (n - 1) * (2 * n - 1) / 6);
            assert_int_equal(pid,
                             foray_pool_worker_pid(pool, results[i].worker));
        }
        foray_results_free(results, 10);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static const char *const variables[] = {
    "OMP_NUM_THREADS",    "OPENBLAS_NUM_THREADS",   "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",   "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS"};
enum { N_VARIABLES = sizeof variables / sizeof variables[0] };

/* () -> the variables as numbers, and what OpenMP makes of it, -1: none */
static int inner_threads(struct foray_task *task)
{
    struct foray_value values[N_VARIABLES + 1];
    void *openmp = dlopen("libgomp.so.1", RTLD_NOW);
    int (*max_threads)(void);
    size_t i;

    for (i = 0; i < N_VARIABLES; i++) {
        const char *text = getenv(variables[i]);

        values[i] = foray_value_i64(text ? atoi(text) : 0);
    }
    values[i] = foray_value_i64(-1);
    if (openmp) {
        *(void **)&max_threads = dlsym(openmp, "omp_get_max_threads");
        values[i] = foray_value_i64(max_threads());
    }
    return foray_return_values(task, i + 1, values);
}

/* All variables but the first say `others`, and the first and OpenMP `omp`. */
static void expect_inner(const struct backend *backend, int config, int omp,
                         int others)
{
    struct foray_pool *pool = open_backend(
        backend, 2, &(struct foray_config){.inner_threads = config});
    struct foray_call call = foray_call_of("inner", inner_threads, 0, NULL);
    struct foray_result result;
    struct foray_error err;
    int64_t found;

    assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
    for (int i = 0; i < N_VARIABLES; i++)
        assert_int_equal(foray_result_i64(&result, i), i ? others : omp);
    found = foray_result_i64(&result, N_VARIABLES);
    if (found < 0)
        print_message("no libgomp here\n");
    else
        assert_int_equal(found, omp);
    foray_result_free(&result);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_case_23_inner_threads(void **state)
{
    int share = foray_cpu_count() / 2 > 1 ? foray_cpu_count() / 2 : 1;

    (void)state;
    for (int i = 0; i < N_VARIABLES; i++)
        unsetenv(variables[i]);
    FOR_PROCESS_BACKENDS(backend)
    {
        expect_inner(backend, 0, share, share);
        expect_inner(backend, 3, 3, 3);
        assert_int_equal(setenv("OMP_NUM_THREADS", "4", 1), 0);
        expect_inner(backend, 0, 4, share);
        expect_inner(backend, 1, 1, 1);
        unsetenv("OMP_NUM_THREADS");
    }
}

enum { SIZE = 1000 };
typedef void (*dgemm_fn)(const char *ta, const char *tb, const int *m,
                         const int *n, const int *k, const double *alpha,
                         const double *a, const int *lda, const double *b,
                         const int *ldb, const double *beta, double *c,
                         const int *ldc);

/* The trace of the square of a matrix; -1: no BLAS. */
static double trace_of_square(void)
{
    static double a[SIZE * SIZE], c[SIZE * SIZE];
    const double one = 1, zero = 0;
    const int n = SIZE;
    void *blas = dlopen("libopenblas.so.0", RTLD_NOW);
    dgemm_fn dgemm;
    double trace = 0;

    if (!blas)
        return -1;
    *(void **)&dgemm = dlsym(blas, "dgemm_");
    for (int i = 0; i < SIZE * SIZE; i++)
        a[i] = i % 7;
    dgemm("N", "N", &n, &n, &n, &one, a, &n, a, &n, &zero, c, &n);
    for (int i = 0; i < SIZE; i++)
        trace += c[i * (SIZE + 1)];
    return trace;
}

static int call_trace(struct foray_task *task)
{
    return foray_return(task, trace_of_square());
}

static void test_case_28_blas_before_and_in_workers(void **state)
{
    double trace = trace_of_square();

    (void)state;
    if (trace < 0) {
        print_message("no OpenBLAS here\n");
        skip();
    }
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool =
            open_backend(backend, 2, &(struct foray_config){.timeout = 60});
        struct foray_result results[4];
        struct foray_error err;

        assert_ok(run_list(pool, call_trace, 4, 0, results, &err), err);
        for (int i = 0; i < 4; i++)
            assert_true(foray_result_f64(&results[i], 0) == trace);
        foray_results_free(results, 4);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_case_22_runs_within_tasks),
        cmocka_unit_test(test_case_23_inner_threads),
        cmocka_unit_test(test_case_28_blas_before_and_in_workers),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
