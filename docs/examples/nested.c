/* Tasks that are parallel themselves: for each row of a table the sum of the
 * squares in it, by a pool that the task opens, uses and closes. Such pools
 * share the CPUs of their task. */
#include <foray.h>
#include <stdio.h>

enum { ROWS = 4, COLS = 6 };

static int square(struct foray_task *task)
{
    int64_t x = foray_task_i64(task, 0);

    return foray_return(task, x * x);
}

/* The squares of row, row + 1, ..., and what they add up to. */
static int sum_of_row(struct foray_task *task)
{
    struct foray_call calls[COLS];
    struct foray_result results[COLS] = {0};
    struct foray_pool *pool = NULL;
    struct foray_error err;
    int64_t sum = 0, row = foray_task_i64(task, 0);
    int code;

    for (int j = 0; j < COLS; j++)
        calls[j] = foray_delayed(square, row + j);
    if (foray_pool_open(&pool, NULL, &err) ||
        foray_parallel(pool, calls, COLS, results, &err))
        code = foray_task_raise(task, &err);
    else {
        for (int j = 0; j < COLS; j++)
            sum += foray_result_i64(&results[j], 0);
        code = foray_return(task, sum);
    }
    foray_results_free(results, COLS);
    foray_pool_close(pool);
    return code;
}

int main(void)
{
    struct foray_call calls[ROWS];
    struct foray_result results[ROWS] = {0};
    struct foray_config config = {.n_jobs = 2};
    struct foray_pool *pool = NULL;
    struct foray_error err = {0};

    for (int i = 0; i < ROWS; i++)
        calls[i] = foray_delayed(sum_of_row, i);
    if (foray_pool_open(&pool, &config, &err) ||
        foray_parallel(pool, calls, ROWS, results, &err))
        fprintf(stderr, "%s\n", err.msg);
    else
        for (int i = 0; i < ROWS; i++)
            printf("%lld\n", (long long)foray_result_i64(&results[i], 0));
    foray_results_free(results, ROWS);
    foray_pool_close(pool);
    return err.code != 0;
}
