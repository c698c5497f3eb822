/* Statistics of a file of f64 in /dev/shm: ratios to a loop of two OpenMP
 * threads that maps the same file afresh and finds count, NaNs, min, max, sum
 * and sum of squares, alternating in one run on warm memory, best of several.
 * Workers are started within the time.
 *
 *     bench_stats [MiB [ROUNDS]]
 *
 * Exit status 1 when the ratio misses its target.
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <foray.h>

#include "measure.h"

enum { HEADER = 128 };

static char path[64];
static size_t n;

static void make_file(size_t nbytes)
{
    struct foray_array array;
    struct foray_error err;

    n = nbytes / sizeof(double);
    snprintf(path, sizeof path, "/dev/shm/bench-stats-%d.npy", (int)getpid());
    check(foray_array_create(&array, path, FORAY_F64, 1, &n, &err), &err);
    for (size_t i = 0; i < n; i++)
        FORAY_AT(&array, double, i) = (double)(i % 1009);
    check(foray_array_close(&array, &err), &err);
}

static double by_openmp(double *mean)
{
    double start = now(), min = INFINITY, max = -INFINITY, sum = 0, squares = 0;
    int fd = open(path, O_RDONLY);
    char *bytes =
        mmap(NULL, HEADER + n * sizeof(double), PROT_READ, MAP_SHARED, fd, 0);
    const double *x = (const double *)(void *)(bytes + HEADER);
    double nans = 0;

    if (bytes == MAP_FAILED)
        die("cannot map the file");
#pragma omp parallel for simd num_threads(2) reduction(min : min)              \
    reduction(max : max) reduction(+ : sum, squares, nans)
    for (size_t i = 0; i < n; i++) {
        double y = x[i];

        min = y < min ? y : min;
        max = y > max ? y : max;
        sum += y == y ? y : 0;
        squares += y == y ? y * y : 0;
        nans += y == y ? 0 : 1;
    }
    munmap(bytes, HEADER + n * sizeof(double));
    close(fd);
    *mean = sum / ((double)n - nans) + 0 * (min + max + squares);
    return now() - start;
}

static double by_foray(double *mean)
{
    struct foray_config config = {.n_jobs = 2};
    double start = now();
    struct foray_pool *pool;
    struct foray_stats stats;
    struct foray_array array;
    struct foray_error err;

    check(foray_pool_open(&pool, &config, &err), &err);
    check(foray_array_open(&array, path, "r", &err), &err);
    check(foray_array_stats(&stats, pool, &array, &err), &err);
    foray_array_close(&array, NULL);
    foray_pool_close(pool);
    *mean = stats.mean;
    return now() - start;
}

int main(int argc, char **argv)
{
    size_t nbytes = (argc > 1 ? strtoul(argv[1], NULL, 10) : 1600) << 20;
    int rounds = argc > 2 ? atoi(argv[2]) : 5;
    double openmp = 1e9, foray = 1e9, a, b;

    warm_memory(nbytes);
    make_file(nbytes);
    for (int i = 0; i < rounds; i++) {
        openmp = least(openmp, by_openmp(&a));
        foray = least(foray, by_foray(&b));
        if (fabs(a - b) > 1e-9 * fabs(a)) {
            unlink(path);
            die("the means differ");
        }
    }
    unlink(path);
    printf("stats of %zu MiB of f64: foray %.0f ms, OpenMP %.0f ms, ratio %.2f "
           "(at least 0.85)\n",
           nbytes >> 20, foray * 1e3, openmp * 1e3, openmp / foray);
    return openmp / foray < 0.85;
}
