/* Batches are a matter of speed only: calls that turn out slow do not wait
 * behind one another in the batch of one worker while another is idle. */
#include "helpers.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow_calls_are_shared_out),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
