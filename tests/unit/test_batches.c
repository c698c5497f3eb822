/* Batches are a matter of speed only: calls that turn out slow do not wait
 * behind one another in the batch of one worker while another is idle. */
#include "helpers.h"

#include <limits.h>
#include <string.h>

#include "calls.h"
#include "every_backend.h"

enum { N_SHORT = 20000, N_LONG = 40, N = N_SHORT + N_LONG };

/* (x) -> x; the last ones sleep */
static int late_slow(struct foray_task *task)
{
    int64_t x = foray_task_i64(task, 0);

    if (x >= N_SHORT)
        nap(0.02);
    return foray_return(task, x);
}

/* All results are right; how many long calls each of two workers ran. */
static void read_run(struct foray_run *run, size_t by_worker[2])
{
    struct foray_result result;
    struct foray_error err;
    size_t sum = 0;
    int code;

    memset(by_worker, 0, 2 * sizeof *by_worker);
    while ((code = foray_run_next(run, &result, &err)) > 0) {
        assert_int_equal(foray_result_i64(&result, 0), result.index);
        assert_in_range(result.worker, 0, 1);
        sum += result.index;
        by_worker[result.worker] += result.index >= N_SHORT;
        foray_result_free(&result);
    }
    assert_ok(code, err);
    assert_true(sum == (size_t)N * (N - 1) / 2);
    foray_run_drop(run, NULL);
}

/* The producer does not say how many calls there are: short ones fill batches
 * of hundreds by then. */
static void test_slow_calls_are_shared_out(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct range range = {.stop = N, .fn = late_slow};
        size_t by_worker[2];

        read_run(start_range(pool, &range, NULL), by_worker);
        assert_int_equal(by_worker[0] + by_worker[1], N_LONG);
        /* Neither had most of them in its batch, though one may be slow. */
        assert_in_range(by_worker[0], N_LONG / 10, N_LONG - N_LONG / 10);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int do_nothing(struct foray_task *task)
{
    (void)task;
    return 0;
}

static int next_of_nothing(struct foray_slot *slot, void *arg)
{
    int *left = arg;

    return (*left)-- > 0 ? foray_produce(slot, foray_delayed(do_nothing)) : 0;
}

/* More calls at once than anybody has room for: they are as small as can be. */
static void test_batches_of_any_size(void **state)
{
    static struct foray_call calls[N_SHORT];
    static struct foray_result results[N_SHORT];
    const struct foray_config config = {.batch_size = INT_MAX};

    (void)state;
    for (int i = 0; i < N_SHORT; i++)
        calls[i] = foray_delayed(do_nothing);
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, &config);
        int left = N_SHORT;
        struct foray_iterator iterator = {
            .next = next_of_nothing, .next_arg = &left, .batch_size = N_SHORT};
        struct foray_run *run;
        struct foray_error err;
        size_t n;

        assert_ok(foray_parallel(pool, calls, N_SHORT, results, &err), err);
        for (size_t i = 0; i < N_SHORT; i++)
            assert_int_equal(results[i].status, FORAY_TASK_OK);
        foray_results_free(results, N_SHORT);
        assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
        assert_ok(read_all(run, &n, &err), err);
        assert_int_equal(n, N_SHORT);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow_calls_are_shared_out),
        cmocka_unit_test(test_batches_of_any_size),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
