/* Snapshots: what a run dumps of private arrays is gone as soon as nothing
 * needs it, here and in every worker. Tasks in the caller's process may need
 * none. */
#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <foray.h>

#include "every_backend.h"
#include "mapping.h"

static struct foray_error err;

/* Memory that malloc does not keep for later. Owner: the caller, munmap. */
static double *pages(size_t nbytes)
{
    void *data = mmap(NULL, nbytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_true(data != MAP_FAILED);
    return data;
}

/* What the host, its zygote and all workers have together. */
static double bytes_of_all(const struct foray_array *pids)
{
    size_t bytes = 0;

    for (size_t i = 0; i < pids->shape[0]; i++)
        bytes += proportional_bytes((pid_t)FORAY_AT(pids, int64_t, i));
    return (double)bytes;
}

/* (array, pids) -> sum of the array, bytes of memory when it has been read */
static int sum_and_weigh(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    const struct foray_array *pids = foray_task_array(task, 1);
    double sum = 0;

    for (size_t i = 0; i < x->shape[0]; i++)
        sum += FORAY_AT(x, double, i);
    return foray_return(task, sum, bytes_of_all(pids));
}

static struct foray_array pids_of(const struct foray_pool *pool,
                                  int64_t pids[3])
{
    pids[0] = getpid();
    for (int slot = 0; slot < 2; slot++) {
        pids[slot + 1] = foray_pool_worker_pid(pool, slot);
        if (pids[slot + 1] == pids[0]) /* the caller works itself */
            pids[slot + 1] = 0;
    }
    return wrap(pids, FORAY_I64, 1, (size_t[]){3});
}

/* One run with a fresh array; the most memory that a task saw. */
static double run_fresh(struct foray_pool *pool, size_t nbytes, double value)
{
    size_t n = nbytes / sizeof(double);
    double *data = pages(nbytes);
    struct foray_array x = wrap(data, FORAY_F64, 1, &n), pids;
    struct foray_call calls[4];
    struct foray_result results[4];
    int64_t numbers[3];
    double most = 0;

    for (size_t i = 0; i < n; i++)
        data[i] = value;
    pids = pids_of(pool, numbers);
    for (int i = 0; i < 4; i++)
        calls[i] = foray_delayed(sum_and_weigh, &x, &pids);
    assert_ok(foray_parallel(pool, calls, 4, results, &err), err);
    for (int i = 0; i < 4; i++) {
        double bytes = foray_result_f64(&results[i], 1);

        assert_true(foray_result_f64(&results[i], 0) == value * (double)n);
        most = bytes > most ? bytes : most;
    }
    foray_results_free(results, 4);
    munmap(data, nbytes);
    return most;
}

/* The array, its snapshot, and as much again for everything else. */
static void test_runs_with_fresh_arrays(void **state)
{
    enum { RUNS = 8, NBYTES = 50 * 1000 * 1000 };

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        double most = 0;

        for (int i = 0; i < RUNS; i++) {
            double bytes = run_fresh(pool, NBYTES, i + 1);

            most = bytes > most ? bytes : most;
        }
        if ((most < 2.0 * NBYTES && backend->processes) || most > 3.0 * NBYTES)
            fail_msg("%s: %.0f MB", backend->name, most / 1e6);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

enum { LENGTH = 1 << 18 }; /* 2 MiB */

/* (array, host, folder, milliseconds) -> snapshots that the host has open,
 * that this worker has mapped */
static int count_snapshots(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    const char *folder = foray_task_str(task, 2);

    if (!x || FORAY_AT(x, double, LENGTH - 1) != 1)
        return foray_task_fail(task, "the array is not what it was");
    nap(1e-3 * foray_task_f64(task, 3));
    return foray_return(task,
                        count_open((pid_t)foray_task_i64(task, 1), folder),
                        count_mapped(getpid(), folder));
}

/* Calls with an array each: the most snapshots that were open, and that one
 * worker had mapped. */
static void run_many(struct foray_pool *pool, int n, int ms, int *open,
                     int *mapped)
{
    struct foray_array *arrays = calloc((size_t)n, sizeof *arrays);
    struct foray_call *calls = calloc((size_t)n, sizeof *calls);
    struct foray_result *results = calloc((size_t)n, sizeof *results);
    size_t nbytes = (size_t)n * LENGTH * sizeof(double), length = LENGTH;
    double *data = pages(nbytes);

    for (int i = 0; i < n; i++) {
        arrays[i] = wrap(data + (size_t)i * LENGTH, FORAY_F64, 1, &length);
        FORAY_AT(&arrays[i], double, LENGTH - 1) = 1;
        calls[i] = foray_delayed(count_snapshots, &arrays[i], (long)getpid(),
                                 test_folder(), ms);
    }
    assert_ok(foray_parallel(pool, calls, (size_t)n, results, &err), err);
    *open = *mapped = 0;
    for (int i = 0; i < n; i++) {
        int here = (int)foray_result_i64(&results[i], 0);
        int there = (int)foray_result_i64(&results[i], 1);

        *open = here > *open ? here : *open;
        *mapped = there > *mapped ? there : *mapped;
    }
    foray_results_free(results, (size_t)n);
    munmap(data, nbytes);
    free(results);
    free(calls);
    free(arrays);
}

static struct foray_pool *open_small(const struct backend *backend, int n_jobs,
                                     const char *pre_dispatch)
{
    return open_backend(backend, n_jobs,
                        &(struct foray_config){.temp_folder = test_folder(),
                                               .pre_dispatch = pre_dispatch});
}

/* Not all that a list passes is dumped at once: what is dispatched, and one
 * that is being made; also when the calls are so short that batches grow. */
static void test_snapshots_end_with_their_last_call(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    for (int ms = 0; ms < 2; ms++) {
        struct foray_pool *pool = open_small(backend, 2, NULL);
        int open, mapped;

        run_many(pool, 40, ms, &open, &mapped);
        assert_in_range(open, backend->processes, 5);
        assert_in_range(mapped, backend->processes, 5);
        assert_int_equal(count_open(getpid(), test_folder()), 0);
        assert_int_equal(count_mapped(getpid(), test_folder()), 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_workers_drop_before_their_next_task(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_small(backend, 2, "1");
        int open, mapped;

        run_many(pool, 40, 0, &open, &mapped);
        assert_in_range(open, backend->processes, 1);
        assert_in_range(mapped, backend->processes, 1);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* Those that have nothing to do drop too. */
static void test_idle_workers_drop(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_small(backend, 3, NULL);
        int open, mapped;

        run_many(pool, 6, 1, &open, &mapped);
        for (int slot = 0; slot < 3; slot++) {
            pid_t worker = foray_pool_worker_pid(pool, slot);
            double start = seconds_now();

            while (count_mapped(worker, test_folder()) &&
                   seconds_now() - start < PATIENCE)
                nap(1e-3);
            assert_int_equal(count_mapped(worker, test_folder()), 0);
            assert_int_equal(count_open(worker, test_folder()), 0);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_with_fresh_arrays),
        cmocka_unit_test(test_snapshots_end_with_their_last_call),
        cmocka_unit_test(test_workers_drop_before_their_next_task),
        cmocka_unit_test(test_idle_workers_drop),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
