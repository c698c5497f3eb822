/* Products of matrices: ratios to OpenBLAS with two threads, and of eight small
 * products to the better of eight by two threads and eight in two processes by
 * one thread each, alternating in one run, best of several. Results are arrays
 * made afresh on both sides; workers are there.
 *
 *     bench_linalg [N [ROUNDS]]
 *
 * Exit status 1 when a ratio misses its target.
 */
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>
#include <foray/linalg.h>

#include "measure.h"

enum { SMALL = 1024, MANY = 8 };

static struct foray_array make(size_t n)
{
    struct foray_array array;
    struct foray_error err;

    check(
        foray_array_create(&array, NULL, FORAY_F64, 2, (size_t[]){n, n}, &err),
        &err);
    return array;
}

static struct foray_array make_numbers(size_t n)
{
    struct foray_array array = make(n);
    double *x = array.data;

    for (size_t i = 0; i < n * n; i++)
        x[i] = (double)(i * 2654435761 % 1000) / 1000 - 0.5;
    return array;
}

static void multiply(const struct foray_array *c, const struct foray_array *a,
                     const struct foray_array *b)
{
    int n = (int)a->shape[0];

    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a->data,
                n, b->data, n, 0, c->data, n);
}

static double by_openblas(const struct foray_array *a,
                          const struct foray_array *b)
{
    double start = now(), seconds;
    struct foray_array c = make(a->shape[0]);

    openblas_set_num_threads(2);
    multiply(&c, a, b);
    seconds = now() - start;
    foray_array_close(&c, NULL);
    return seconds;
}

static double by_foray(struct foray_pool *pool, const struct foray_array *a,
                       const struct foray_array *b)
{
    double start = now(), seconds;
    struct foray_array c = make(a->shape[0]);
    struct foray_error err;

    check(foray_matmul(pool, a, b, &c, &err), &err);
    seconds = now() - start;
    foray_array_close(&c, NULL);
    return seconds;
}

static int multiply_small(struct foray_task *task)
{
    const struct foray_array *all = foray_task_whole(task, 1);
    struct foray_array c;
    struct foray_error err;

    if (foray_array_index(&c, all, 0, foray_task_index(task), &err))
        return foray_task_raise(task, &err);
    openblas_set_num_threads(1);
    multiply(&c, foray_task_whole(task, 0), foray_task_whole(task, 0));
    return 0;
}

static struct foray_array make_many(void)
{
    struct foray_array array;
    struct foray_error err;

    check(foray_array_create(&array, NULL, FORAY_F64, 3,
                             (size_t[]){MANY, SMALL, SMALL}, &err),
          &err);
    return array;
}

static double many_by_foray(struct foray_pool *pool,
                            const struct foray_array *a)
{
    double start = now(), seconds;
    struct foray_array c = make_many();
    struct foray_for run = {.fn = multiply_small, .n = MANY, .whole = {a, &c}};
    struct foray_error err;

    check(foray_for(pool, &run, NULL, &err), &err);
    seconds = now() - start;
    foray_array_close(&c, NULL);
    return seconds;
}

static void multiply_some(const struct foray_array *c,
                          const struct foray_array *a, size_t first,
                          size_t last)
{
    struct foray_error err;

    for (size_t i = first; i < last; i++) {
        struct foray_array one;

        check(foray_array_index(&one, c, 0, i, &err), &err);
        multiply(&one, a, a);
    }
}

static double many_by_threads(const struct foray_array *a)
{
    double start = now(), seconds;
    struct foray_array c = make_many();

    openblas_set_num_threads(2);
    multiply_some(&c, a, 0, MANY);
    seconds = now() - start;
    foray_array_close(&c, NULL);
    return seconds;
}

static double many_by_processes(const struct foray_array *a)
{
    double start = now(), seconds;
    struct foray_array c = make_many();
    pid_t child = fork();

    openblas_set_num_threads(1);
    multiply_some(&c, a, child ? MANY / 2 : 0, child ? MANY : MANY / 2);
    if (!child)
        _exit(0);
    waitpid(child, NULL, 0);
    seconds = now() - start;
    foray_array_close(&c, NULL);
    return seconds;
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 4096;
    int rounds = argc > 2 ? atoi(argv[2]) : 4, status = 0;
    double openblas = 1e9, foray = 1e9, threads = 1e9, processes = 1e9,
           many = 1e9, best;
    struct foray_array a, b, small;
    struct foray_config config = {.n_jobs = 2};
    struct foray_pool *pool;
    struct foray_error err;

    warm_memory(4 * n * n * sizeof(double));
    a = make_numbers(n);
    b = make_numbers(n);
    small = make_numbers(SMALL);
    check(foray_pool_open(&pool, &config, &err), &err);
    for (int i = 0; i < rounds; i++) {
        openblas = least(openblas, by_openblas(&a, &b));
        foray = least(foray, by_foray(pool, &a, &b));
        threads = least(threads, many_by_threads(&small));
        processes = least(processes, many_by_processes(&small));
        many = least(many, many_by_foray(pool, &small));
    }
    foray_pool_close(pool);
    best = least(threads, processes);
    printf("matmul %zu: foray %.0f ms, OpenBLAS %.0f ms, ratio %.3f (at least "
           "0.95)\n",
           n, foray * 1e3, openblas * 1e3, openblas / foray);
    printf("%d matmuls of %d: foray %.1f ms, threads %.1f ms, processes %.1f "
           "ms, ratio %.3f (at least 0.97)\n",
           MANY, SMALL, many * 1e3, threads * 1e3, processes * 1e3,
           best / many);
    status = openblas / foray < 0.95 || best / many < 0.97;
    return status;
}
