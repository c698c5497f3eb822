/* One pool for all steps of a loop that runs until it converges: the workers
 * are forked once. */
#include <foray.h>
#include <math.h>
#include <stdio.h>

enum { N = 5 };

static int root(struct foray_task *task)
{
    double x = foray_task_f64(task, 0);
    int i = (int)foray_task_i64(task, 1);

    return foray_return(task, sqrt(x + i * i));
}

/* Add to *x the roots of x + i^2. */
static int step(double *x, struct foray_pool *pool, struct foray_error *err)
{
    struct foray_call calls[N];
    struct foray_result results[N];
    int code;

    for (int i = 0; i < N; i++)
        calls[i] = foray_delayed(root, *x, i);
    code = foray_parallel(pool, calls, N, results, err);
    for (int i = 0; i < N && !code; i++)
        *x += foray_result_f64(&results[i], 0);
    foray_results_free(results, N);
    return code;
}

int main(void)
{
    struct foray_config config = {.n_jobs = 2};
    struct foray_pool *pool = NULL;
    struct foray_error err = {0};
    double x = 0;
    int steps = 0;

    if (!foray_pool_open(&pool, &config, &err))
        while (x < 1000 && !step(&x, pool, &err))
            steps++;
    if (err.code)
        fprintf(stderr, "%s\n", err.msg);
    else
        printf("%.3f after %d steps\n", x, steps);
    foray_pool_close(pool);
    return err.code != 0;
}
