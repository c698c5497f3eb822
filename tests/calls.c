#include "calls.h"

#include <stdlib.h>
#include <unistd.h>

#include "helpers.h"

int call_square(struct foray_task *task)
{
    int64_t x = foray_task_i64(task, 0);

    return foray_return(task, x * x);
}

int call_sleep(struct foray_task *task)
{
    nap(1e-3 * foray_task_f64(task, 1));
    return foray_return(task, foray_task_i64(task, 0));
}

int call_bytes(struct foray_task *task)
{
    size_t n = (size_t)foray_task_u64(task, 1);
    char *bytes = calloc(n ? n : 1, 1);
    int code;

    if (!bytes)
        return foray_task_fail(task, "no memory");
    code = foray_return(task, foray_task_i64(task, 0), FORAY_BYTES(bytes, n));
    free(bytes);
    return code;
}

int call_pid(struct foray_task *task)
{
    return foray_return(task, foray_task_i64(task, 0), getpid());
}

int call_array(struct foray_task *task)
{
    return foray_return(task, foray_task_array(task, 0));
}

int map_twice(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    const struct foray_array *y = foray_task_out(task, 0);

    for (size_t i = 0; i < x->shape[0]; i++)
        for (size_t j = 0; j < x->shape[1]; j++)
            FORAY_AT(y, double, i, j) = 2 * FORAY_AT(x, double, i, j);
    return 0;
}

void combine_sum(void *into, const void *from, const void *params)
{
    (void)params;
    *(double *)into += *(const double *)from;
}

int next_in_range(struct foray_slot *slot, void *arg)
{
    struct range *range = arg;
    int64_t i = range->next;

    if (i == range->stop)
        return 0;
    if (range->fail_at && i == range->fail_at - 1)
        return foray_produce_fail(slot, FORAY_EIO, "no call %d", (int)i);
    range->next++;
    return foray_produce(slot, foray_delayed(range->fn, i, range->more));
}

struct foray_run *start_range(struct foray_pool *pool, struct range *range,
                              const struct foray_iterator *more)
{
    struct foray_iterator iterator =
        more ? *more : (struct foray_iterator){.total = 0};
    struct foray_run *run;
    struct foray_error err;

    iterator.next = next_in_range;
    iterator.next_arg = range;
    assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
    return run;
}

int read_all(struct foray_run *run, size_t *n, struct foray_error *err)
{
    struct foray_result result;
    int code;

    *n = 0;
    while ((code = foray_run_next(run, &result, err)) > 0) {
        ++*n;
        foray_result_free(&result);
    }
    foray_run_drop(run, NULL);
    return code;
}

int run_list(struct foray_pool *pool, foray_task_fn fn, size_t n, int64_t more,
             struct foray_result *results, struct foray_error *err)
{
    struct foray_call *calls = calloc(n + 1, sizeof *calls);
    int code;

    assert_non_null(calls);
    for (size_t i = 0; i < n; i++)
        calls[i] = foray_delayed(fn, i, more);
    code = foray_parallel(pool, calls, n, results, err);
    free(calls);
    return code;
}

void expect_works(struct foray_pool *pool)
{
    struct foray_result results[50];
    struct foray_error err;

    assert_ok(run_list(pool, call_square, 50, 0, results, &err), err);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(results[i].code, 0);
        assert_int_equal(foray_result_i64(&results[i], 0), i * i);
    }
    foray_results_free(results, 50);
}

struct foray_array shared_numbers(size_t n)
{
    struct foray_array numbers;
    struct foray_error err;

    assert_ok(foray_array_create(&numbers, NULL, FORAY_I64, 1, &n, &err), err);
    return numbers;
}
