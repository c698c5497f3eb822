/* Random numbers that belong to the task: the same whoever runs it. */
#include <foray.h>
#include <stdio.h>
#include <string.h>

enum { N = 5, SEED = 42 };

/* Five digits, as bytes. */
static int digits(struct foray_task *task)
{
    unsigned char drawn[5];
    struct foray_rng rng;

    foray_task_rng(&rng, task, SEED);
    for (int i = 0; i < 5; i++)
        drawn[i] = (unsigned char)('0' + foray_rng_below(&rng, 10));
    return foray_return(task, FORAY_BYTES(drawn, sizeof drawn));
}

/* The digits of all tasks, drawn by so many workers. */
static int draw(char out[N][6], int n_jobs, struct foray_error *err)
{
    struct foray_config config = {.n_jobs = n_jobs};
    struct foray_call calls[N];
    struct foray_result results[N] = {0};
    struct foray_pool *pool = NULL;
    int code = foray_pool_open(&pool, &config, err);

    for (int i = 0; i < N; i++)
        calls[i] = foray_delayed(digits);
    if (!code)
        code = foray_parallel(pool, calls, N, results, err);
    for (int i = 0; i < N && !code; i++)
        memcpy(out[i], foray_result_bytes(&results[i], 0).data, 5);
    foray_results_free(results, N);
    foray_pool_close(pool);
    return code;
}

int main(void)
{
    char by_one[N][6] = {{0}}, by_four[N][6] = {{0}};
    struct foray_error err;

    if (draw(by_one, 1, &err) || draw(by_four, 4, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    for (int i = 0; i < N; i++)
        printf("%s %s\n", by_one[i], by_four[i]);
    return 0;
}
