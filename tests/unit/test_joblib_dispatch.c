/* Cases of joblib's own tests, by their numbers: when calls are produced, and
 * in what batches.
 *
 * Otherwise than in joblib a producer is never asked from another thread, and
 * under `serial` one call is made, run and read at a time whatever batch_size
 * is: joblib makes batch_size calls before it runs the first of them.
 * The batch size of the threads backend (1 always, case 19) is joblib's own
 * business: nothing depends on it. */
#include "helpers.h"

#include <stdio.h>
#include <string.h>

#include "base/expression.h"
#include "calls.h"
#include "every_backend.h"
#include "gate.h"

enum { MAX_EVENTS = 64 };

/* What happened, in order: i + 1 when call i was produced, -(i + 1) when it
 * ran. Element 0 counts them. */
static void note(const struct foray_array *events, int64_t event)
{
    size_t at = (size_t)foray_atomic_add_i64(&FORAY_AT(events, int64_t, 0), 1);

    if (at + 1 < MAX_EVENTS)
        FORAY_AT(events, int64_t, at + 1) = event;
}

static int consume(struct foray_task *task)
{
    note(foray_task_array(task, 1), -foray_task_i64(task, 0) - 1);
    return 0;
}

struct noted {
    struct foray_array events;
    int64_t next, stop;
};

static int produce_noted(struct foray_slot *slot, void *arg)
{
    struct noted *noted = arg;

    if (noted->next == noted->stop)
        return 0;
    note(&noted->events, noted->next + 1);
    return foray_produce(slot,
                         foray_delayed(consume, noted->next++, &noted->events));
}

/* Run six noted calls. */
static void run_noted(struct noted *noted, const struct backend *backend,
                      int n_jobs, int batch_size, const char *pre_dispatch)
{
    struct foray_pool *pool = open_backend(backend, n_jobs, NULL);
    const struct foray_iterator iterator = {.next = produce_noted,
                                            .next_arg = noted,
                                            .batch_size = batch_size,
                                            .pre_dispatch = pre_dispatch};
    struct foray_run *run;
    struct foray_error err;
    size_t n;

    noted->events = shared_numbers(MAX_EVENTS);
    noted->next = 0;
    noted->stop = 6;
    assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
    assert_ok(read_all(run, &n, &err), err);
    assert_int_equal(n, 6);
    assert_int_equal(FORAY_AT(&noted->events, int64_t, 0), 12);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void expect_events(struct noted *noted, const int64_t *expected)
{
    struct foray_error err;

    for (size_t i = 0; i < 12; i++)
        assert_int_equal(FORAY_AT(&noted->events, int64_t, i + 1), expected[i]);
    assert_ok(foray_array_close(&noted->events, &err), err);
}

static void test_case_08_one_worker_alternates(void **state)
{
    static const int64_t one_by_one[] = {1, -1, 2, -2, 3, -3,
                                         4, -4, 5, -5, 6, -6},
                         by_four[] = {1, 2, 3, 4, -1, -2, -3, -4, 5, 6, -5, -6};
    struct noted noted;

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        run_noted(&noted, backend, 1, 1, "1");
        expect_events(&noted, one_by_one);
        run_noted(&noted, backend, 1, 4, "1");
        expect_events(&noted, backend->parallel ? by_four : one_by_one);
    }
}

static void test_case_09_pre_dispatch_bounds_producing(void **state)
{
    struct noted noted;
    struct foray_error err;

    (void)state;
    FOR_PARALLEL_BACKENDS(backend)
    {
        int n_produced = 0, n_consumed = 0;

        run_noted(&noted, backend, 2, 1, "3");
        for (size_t i = 1; i <= 12; i++) {
            bool produced = FORAY_AT(&noted.events, int64_t, i) > 0;

            n_produced += produced;
            n_consumed += !produced;
            assert_true(n_produced <= n_consumed + 3);
        }
        assert_int_equal(n_consumed, 6);
        assert_ok(foray_array_close(&noted.events, &err), err);
    }
}

/* The most calls that were ever made and not read. */
static int64_t most_ahead(struct foray_pool *pool, struct range *range,
                          int batch_size)
{
    struct foray_run *run =
        start_range(pool, range,
                    &(struct foray_iterator){.pre_dispatch = "1",
                                             .batch_size = batch_size});
    struct foray_result result;
    int64_t n_read = 0, most = range->next;
    struct foray_error err;
    int code;

    while ((code = foray_run_next(run, &result, &err)) > 0) {
        if (range->next - n_read > most)
            most = range->next - n_read;
        n_read++;
        foray_result_free(&result);
    }
    assert_ok(code, err);
    assert_int_equal(n_read, range->stop);
    foray_run_drop(run, NULL);
    return most;
}

static void test_case_19_batches_grow_for_short_calls(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct range quick = {.fn = call_square, .stop = 5000};
        struct range slow = {.fn = call_sleep, .more = 4, .stop = 50};
        struct foray_run *run;

        assert_true(most_ahead(pool, &quick, 0) > 16);
        quick.next = 0;
        assert_true(most_ahead(pool, &quick, 1) <= 3);
        assert_true(most_ahead(pool, &slow, 0) <= 3);

        /* What one run learnt is forgotten in the next. */
        quick.next = 0;
        run = start_range(pool, &quick,
                          &(struct foray_iterator){.pre_dispatch = "1"});
        assert_int_equal(quick.next, 1);
        foray_run_drop(run, NULL);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* Calls that foray_run_start makes; -1 when it refuses. */
static int64_t made_ahead(struct foray_pool *pool, const char *pre_dispatch)
{
    struct range range = {.fn = call_at_gate, .stop = 100};
    struct foray_iterator iterator = {.next = next_in_range,
                                      .next_arg = &range,
                                      .batch_size = 1,
                                      .pre_dispatch = pre_dispatch};
    struct foray_run *run;
    struct foray_error err;
    int code;

    shut_gate();
    code = foray_run_start(&run, pool, &iterator, &err);
    if (code) {
        assert_int_equal(code, FORAY_EINVAL);
        return -1;
    }
    foray_run_drop(run, NULL);
    return range.next;
}

static void test_case_30_pre_dispatch_expressions(void **state)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {{"2*6", 12},
                {"2**6", 64},
                {"1 + 2*3**(4) / (6 + -7)", -161},
                {"(20 // 3) % 5", 1}};
    static const char *const bad[] = {"exec('import os')",
                                      "1^1",
                                      "1/0",
                                      "1%0",
                                      "1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1",
                                      "10**7",
                                      "9**9**9",
                                      "import"};
    double value;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(foray__expression(&value, good[i].text, 1, NULL), 0);
        assert_true(value == good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(foray__expression(&value, bad[i], 1, NULL),
                         FORAY_EINVAL);
    FOR_PARALLEL_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 3, NULL);

        assert_int_equal(made_ahead(pool, NULL), 6);
        assert_int_equal(made_ahead(pool, "n_jobs"), 3);
        assert_int_equal(made_ahead(pool, "1.5*n_jobs"), 4);
        assert_int_equal(made_ahead(pool, "7"), 7);
        assert_int_equal(made_ahead(pool, "all"), 100);
        assert_int_equal(made_ahead(pool, "n_jobs - 3"), 1);
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
            assert_int_equal(made_ahead(pool, bad[i]), -1);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_case_08_one_worker_alternates),
        cmocka_unit_test(test_case_09_pre_dispatch_bounds_producing),
        cmocka_unit_test(test_case_19_batches_grow_for_short_calls),
        cmocka_unit_test(test_case_30_pre_dispatch_expressions),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
