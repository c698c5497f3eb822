/* What a task received and passes on to a run of its own is kept for as long as
 * that needs it, and there once. */
#include "helpers.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <foray.h>

#include "every_backend.h"
#include "gate.h"
#include "inner.h"
#include "mapping.h"

static struct foray_error err;

/* The pool that a worker keeps from task to task, and a call in it. */
static struct foray_pool *kept;
static struct foray_future *under_way;

/* (x) -> the process of an inner worker that has it, how much it has mapped of
 * the folder, and this one */
static int pass_to_kept(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    struct foray_call call = foray_delayed(call_sum_row, x);
    struct foray_result result;
    struct foray_error why;
    const char *folder = foray_task_str(task, 1);
    pid_t worker;

    if (!kept &&
        foray_pool_open(&kept,
                        &(struct foray_config){.n_jobs = 1, .backend = "fork"},
                        &why))
        return foray_task_raise(task, &why);
    if (foray_parallel(kept, &call, 1, &result, &why))
        return foray_task_raise(task, &why);
    foray_result_free(&result);
    worker = foray_pool_worker_pid(kept, 0);
    return foray_return(task, (int)worker, count_mapped(worker, folder),
                        (int)getpid());
}

/* Neither it nor an inner worker keeps what the outermost caller closed. */
static void test_closed_outside_is_dropped_inside(void **state)
{
    const char *folder = test_folder();

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 1, NULL);
        struct foray_array x = make_rows(test_path("dropped.npy"));
        struct foray_call call = foray_delayed(pass_to_kept, &x, folder);
        struct foray_result result;
        pid_t inner, outer;
        double start;

        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        inner = (pid_t)foray_result_i64(&result, 0);
        outer = (pid_t)foray_result_i64(&result, 2);
        assert_true(foray_result_i64(&result, 1) > 0);
        foray_result_free(&result);
        assert_true(count_open(outer, folder) == 1);
        assert_true(count_open(inner, folder) == 1);
        assert_ok(foray_array_close(&x, &err), err);
        start = seconds_now();
        while (count_mapped(inner, folder) + count_mapped(outer, folder) &&
               seconds_now() - start < PATIENCE)
            nap(1e-3);
        assert_int_equal(count_mapped(inner, folder), 0);
        assert_int_equal(count_mapped(outer, folder), 0);
        assert_int_equal(count_open(inner, folder), 0);
        assert_int_equal(count_open(outer, folder), 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* (x) -> the sum of a row, when the gate is open */
static int sum_at_gate(struct foray_task *task)
{
    return pass_gate(task) ? call_sum_row(task) : foray_task_fail(task, "shut");
}

/* (x) leaves a call under way */
static int begin_call(struct foray_task *task)
{
    struct foray_call call =
        foray_delayed(sum_at_gate, foray_task_array(task, 0));
    struct foray_error why;

    if (foray_pool_open(&kept,
                        &(struct foray_config){.n_jobs = 1, .backend = "fork"},
                        &why) ||
        foray_submit(&under_way, kept, &call, &why))
        return foray_task_raise(task, &why);
    return 0;
}

/* -> what the call returned */
static int end_call(struct foray_task *task)
{
    struct foray_result result;
    struct foray_error why;
    double sum;

    if (foray_future_wait(under_way, -1, &result, &why))
        return foray_task_raise(task, &why);
    sum = foray_result_f64(&result, 0);
    foray_result_free(&result);
    foray_future_free(under_way);
    return foray_return(task, sum);
}

/* A call of a task that outlives it has what it was given until it ends. */
static void test_calls_that_are_left_keep_it(void **state)
{
    const char *folder = test_folder();

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 1, NULL);
        struct foray_array x = make_rows(test_path("left.npy"));
        struct foray_call begin = foray_delayed(begin_call, &x);
        struct foray_call end = foray_delayed(end_call);
        struct foray_result result;
        double start;
        pid_t worker;

        shut_gate();
        assert_ok(foray_parallel(pool, &begin, 1, NULL, &err), err);
        assert_true(await_at_gate(1));
        assert_ok(foray_array_close(&x, &err), err);
        open_gate();
        assert_ok(foray_parallel(pool, &end, 1, &result, &err), err);
        assert_true(foray_result_f64(&result, 0) == 4.0 * INNER_COLS);
        foray_result_free(&result);
        worker = foray_pool_worker_pid(pool, 0);
        start = seconds_now();
        while (count_mapped(worker, folder) && seconds_now() - start < PATIENCE)
            nap(1e-3);
        assert_int_equal(count_mapped(worker, folder), 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* (x) -> the sum of a row, as an inner task has it */
static int sum_inside(struct foray_task *task)
{
    struct foray_call call =
        foray_delayed(call_sum_row, foray_task_array(task, 0));
    struct foray_result result;
    struct foray_pool *pool;
    struct foray_error why;
    double sum;

    if (open_inner(&pool, "serial", &why) ||
        foray_parallel(pool, &call, 1, &result, &why))
        return foray_task_raise(task, &why);
    sum = foray_result_f64(&result, 0);
    foray_result_free(&result);
    foray_pool_close(pool);
    return foray_return(task, sum);
}

/* Tasks need descriptors, too: of many arrays some are copied instead. */
static void test_descriptors_are_left_for_tasks(void **state)
{
    enum { N = 40 };
    struct rlimit before, few;
    struct foray_array x[N];
    struct foray_call calls[N];
    struct foray_result results[N];
    size_t n_open = count_descriptors();
    struct foray_pool *pool;
    int n_kept;

    (void)state;
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = 2 * N;
    if (n_open > N / 2)
        skip();
    setrlimit(RLIMIT_NOFILE, &few);
    for (size_t i = 0; i < N; i++) {
        char name[24];

        snprintf(name, sizeof name, "few-%zu.npy", i);
        x[i] = make_rows(test_path(name));
        calls[i] = foray_delayed(sum_inside, &x[i]);
    }
    pool = open_backend(&(struct backend){.name = "fork"}, 1, NULL);
    assert_ok(foray_parallel(pool, calls, N, results, &err), err);
    for (size_t i = 0; i < N; i++)
        assert_true(foray_result_f64(&results[i], 0) == 4.0 * INNER_COLS);
    foray_results_free(results, N);
    n_kept = count_open(foray_pool_worker_pid(pool, 0), test_folder());
    assert_in_range(n_kept, 1, N - 1);
    assert_int_equal(foray_pool_close(pool), 0);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(foray_array_close(&x[i], NULL), 0);
    setrlimit(RLIMIT_NOFILE, &before);
}

/* (x, outermost) -> bytes of the three processes, having read all of it */
static int weigh(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    pid_t outermost = (pid_t)foray_task_i64(task, 1);
    double sum = 0;

    for (size_t i = 0; i < x->shape[0]; i += 64)
        sum += FORAY_AT(x, double, i);
    return foray_return(task,
                        proportional_bytes(getpid()) +
                            proportional_bytes(getppid()) +
                            proportional_bytes(outermost),
                        sum);
}

static int weigh_inside(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    struct foray_call call = foray_delayed(weigh, x, foray_task_i64(task, 1));
    struct foray_result result;
    struct foray_pool *pool;
    struct foray_error why;
    uint64_t bytes;

    if (open_inner(&pool, "fork", &why) ||
        foray_parallel(pool, &call, 1, &result, &why))
        return foray_task_raise(task, &why);
    bytes = foray_result_u64(&result, 0);
    foray_result_free(&result);
    foray_pool_close(pool);
    return foray_return(task, bytes);
}

static size_t weight(struct foray_pool *pool, size_t n)
{
    struct foray_array x;
    struct foray_result result;
    struct foray_call call;
    size_t bytes;

    assert_ok(foray_array_create(&x, NULL, FORAY_F64, 1, &n, &err), err);
    memset(x.data, 0, foray_array_nbytes(&x));
    call = foray_delayed(weigh_inside, &x, (int)getpid());
    assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
    bytes = (size_t)foray_result_u64(&result, 0);
    foray_result_free(&result);
    assert_int_equal(foray_array_close(&x, NULL), 0);
    return bytes;
}

static void test_large_arrays_are_there_once(void **state)
{
    enum { LARGE = 100 << 20 };

    (void)state;
    if (!proportional_bytes(getpid()))
        skip();
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 1, NULL);
        size_t base = weight(pool, 1);
        size_t bytes = weight(pool, LARGE / sizeof(double));

        assert_in_range(bytes, base + LARGE / 2, base + LARGE + LARGE / 4);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed_outside_is_dropped_inside),
        cmocka_unit_test(test_calls_that_are_left_keep_it),
        cmocka_unit_test(test_descriptors_are_left_for_tasks),
        cmocka_unit_test(test_large_arrays_are_there_once),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
