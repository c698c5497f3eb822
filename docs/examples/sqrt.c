/* The square roots of ten squares, by two workers: a list of calls in, their
 * results out, in the same order. */
#include <foray.h>
#include <math.h>
#include <stdio.h>

static int root(struct foray_task *task)
{
    return foray_return(task, sqrt(foray_task_f64(task, 0)));
}

int main(void)
{
    struct foray_call calls[10];
    struct foray_result results[10] = {0};
    struct foray_config config = {.n_jobs = 2};
    struct foray_pool *pool = NULL;
    struct foray_error err = {0};

    for (int i = 0; i < 10; i++)
        calls[i] = foray_delayed(root, i * i);
    if (foray_pool_open(&pool, &config, &err) ||
        foray_parallel(pool, calls, 10, results, &err))
        fprintf(stderr, "%s\n", err.msg);
    else
        for (int i = 0; i < 10; i++)
            printf("%.1f\n", foray_result_f64(&results[i], 0));
    foray_results_free(results, 10);
    foray_pool_close(pool);
    return err.code != 0;
}
