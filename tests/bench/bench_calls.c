/* What a call costs, as a list and through an iterator, beside OpenMP; and how
 * even the work is spread when calls differ.
 *
 *     bench_calls [N]
 *
 * bench_calls.py prints the same of joblib.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <foray.h>

#include "measure.h"

enum { ROUNDS = 7 };

static int add(struct foray_task *task)
{
    return foray_return(task,
                        foray_task_f64(task, 0) + foray_task_f64(task, 1));
}

struct range {
    size_t next, n;
};

static int next(struct foray_slot *slot, void *arg)
{
    struct range *range = arg;

    if (range->next == range->n)
        return 0;
    range->next++;
    return foray_produce(slot, foray_delayed(add, (double)range->next, 0.5));
}

static double list(struct foray_pool *pool, size_t n)
{
    struct foray_call *calls = malloc(n * sizeof *calls);
    struct foray_result *results = malloc(n * sizeof *results);
    struct foray_error err;
    double start = now(), seconds;

    for (size_t i = 0; i < n; i++)
        calls[i] = foray_delayed(add, (double)i, 0.5);
    if (foray_parallel(pool, calls, n, results, &err))
        die(err.msg);
    seconds = now() - start;
    for (size_t i = 0; i < n; i++)
        if (foray_result_f64(&results[i], 0) != (double)i + 0.5)
            die("a result is wrong");
    foray_results_free(results, n);
    free(results);
    free(calls);
    return seconds;
}

static double iterate(struct foray_pool *pool, size_t n, bool unordered)
{
    struct range range = {0, n};
    struct foray_iterator iterator = {
        .next = next, .next_arg = &range, .unordered = unordered};
    struct foray_result result;
    struct foray_run *run;
    struct foray_error err;
    double start = now();
    size_t got = 0;
    int code;

    if (foray_run_start(&run, pool, &iterator, &err))
        die(err.msg);
    while ((code = foray_run_next(run, &result, &err)) > 0)
        got++;
    if (code || got != n)
        die(code ? err.msg : "results are missing");
    foray_run_drop(run, NULL);
    return now() - start;
}

static double by_openmp(size_t n)
{
    double *results = malloc(n * sizeof *results);
    double start = now();

#pragma omp parallel for schedule(dynamic, 1) num_threads(2)
    for (size_t i = 0; i < n; i++)
        results[i] = (double)i + 0.5;
    start = now() - start;
    free(results);
    return start;
}

static int doze(struct foray_task *task)
{
    double seconds = foray_task_f64(task, 0);
    struct timespec nap = {(time_t)seconds, (long)(fmod(seconds, 1) * 1e9)};

    if (seconds > 0)
        nanosleep(&nap, NULL);
    return foray_return(task, seconds);
}

/* How much longer than an even share of their sum the calls take. */
static void spread(const char *name, int n_jobs, size_t n,
                   double (*seconds)(size_t))
{
    struct foray_call *calls = malloc(n * sizeof *calls);
    struct foray_pool *pool;
    struct foray_error err;
    double sum = 0, took;

    for (size_t i = 0; i < n; i++) {
        calls[i] = foray_delayed(doze, seconds(i));
        sum += seconds(i);
    }
    check(
        foray_pool_open(&pool, &(struct foray_config){.n_jobs = n_jobs}, &err),
        &err);
    took = now();
    check(foray_parallel(pool, calls, n, NULL, &err), &err);
    took = now() - took;
    printf("%-31s %.3f s, an even share %.3f s: %.3f times\n", name, took,
           sum / n_jobs, took / (sum / n_jobs));
    foray_pool_close(pool);
    free(calls);
}

static double half_a_second(size_t i)
{
    (void)i;
    return 0.5;
}

/* As joblib's bench_auto_batching. */
static double cycle(size_t i)
{
    return 0.1 * pow(cos((double)i / 20), 8);
}

/* Fast ones first, to mislead. */
static double late_slow(size_t i)
{
    return i < 20000 ? 0 : 0.02;
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
    struct foray_pool *pool;
    struct foray_error err;
    double a = 1e9, b = 1e9, c = 1e9, d = 1e9;

    if (foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err))
        die(err.msg);
    for (int i = 0; i < ROUNDS; i++) {
        a = least(a, list(pool, n));
        b = least(b, iterate(pool, n, false));
        c = least(c, iterate(pool, n, true));
    }
    printf("list of %zu calls             %.3f us a call (at most 1)\n", n,
           a / (double)n * 1e6);
    printf("iterator, ordered               %.3f us a call (at most 2)\n",
           b / (double)n * 1e6);
    printf("iterator, as completed          %.3f us a call (at most 2)\n",
           c / (double)n * 1e6);
    foray_pool_close(pool);
    for (int i = 0; i < ROUNDS; i++)
        d = least(d, by_openmp(n));
    printf("OpenMP dynamic,1                %.3f us an iteration\n",
           d / (double)n * 1e6);
    spread("20 calls of 0.5 s, 10 workers", 10, 20, half_a_second);
    spread("300 calls, cos^8 of 0.1 s", 2, 300, cycle);
    spread("20000 short ones, then 40 long", 2, 20040, late_slow);
    return 0;
}
