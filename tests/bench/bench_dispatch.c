/* What a task costs besides itself, next to OpenMP in the same run.
 *
 * Prints a line a figure, with the bound it is held to. Absolute times of a
 * shared machine mean little: look at the ratios.
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include <foray.h>

#include "measure.h"

enum { WORKERS = 2, N = 4000000, ROUNDS = 7, WARM_RUNS = 3000 };

static int empty(struct foray_task *task)
{
    (void)task;
    return 0;
}

static void run(struct foray_pool *pool, size_t n)
{
    struct foray_error err;

    if (foray_for(pool, &(struct foray_for){.fn = empty, .n = n}, NULL, &err))
        die(err.msg);
}

/* From foray_pool_open to the first result. */
static double start_ms(void)
{
    double best = 1e9;

    for (int i = 0; i < ROUNDS; i++) {
        struct foray_pool *pool;
        struct foray_error err;
        double start = now();

        if (foray_pool_open(&pool, &(struct foray_config){.n_jobs = WORKERS},
                            &err))
            die(err.msg);
        run(pool, WORKERS);
        best = least(best, now() - start);
        foray_pool_close(pool);
    }
    return best * 1e3;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Median of a run of two empty tasks on a pool that is warm. */
static double warm_us(struct foray_pool *pool)
{
    static double took[WARM_RUNS];

    for (int i = 0; i < WARM_RUNS; i++) {
        double start = now();

        run(pool, 2);
        took[i] = now() - start;
    }
    qsort(took, WARM_RUNS, sizeof took[0], compare);
    return took[WARM_RUNS / 2] * 1e6;
}

/* Best times of an empty iteration, by turns. */
static void per_task_ns(struct foray_pool *pool, double *ours, double *openmp)
{
    static volatile long sink[WORKERS * 16];

    *ours = *openmp = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double start = now();

        run(pool, N);
        *ours = least(*ours, (now() - start) / N * 1e9);
        start = now();
#pragma omp parallel for schedule(dynamic, 1) num_threads(WORKERS)
        for (long k = 0; k < N; k++)
            sink[omp_get_thread_num() * 16] += k;
        *openmp = least(*openmp, (now() - start) / N * 1e9);
    }
}

int main(void)
{
    struct foray_pool *pool;
    struct foray_error err;
    double ours, openmp;

    printf("start to first result, 2 workers   %8.2f ms   (at most 3)\n",
           start_ms());
    if (foray_pool_open(&pool, &(struct foray_config){.n_jobs = WORKERS}, &err))
        die(err.msg);
    run(pool, N);
    printf("warm run of 2 tasks, median        %8.2f us   (at most 10)\n",
           warm_us(pool));
    per_task_ns(pool, &ours, &openmp);
    printf("empty index task                   %8.2f ns\n", ours);
    printf("OpenMP dynamic,1                   %8.2f ns\n", openmp);
    printf("ratio                              %8.2f      (at most 2)\n",
           ours / openmp);
    foray_pool_close(pool);
    return 0;
}
