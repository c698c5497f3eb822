/* foray eval 'y=a*x+b' against an OpenMP loop of the same C over the same kind
 * of files in /dev/shm, outputs made afresh on both sides: an fallocated file,
 * and one with 2 MiB pages under it.
 *
 *     bench_eval [MiB [ROUNDS [JOBS]]]
 *
 * A measurement is the whole of it but for the start of the workers or threads:
 * input mapped, output made, filled and closed. Both alternate; the best of
 * each counts. Exit status 1 when a ratio misses its target.
 */
#include <fcntl.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray.h>

#include "measure.h"

static char folder[] = "/dev/shm/foray-bench-XXXXXX";
static char in[64], out[64];
static size_t n; /* elements */
static int jobs = 2;
static struct foray_pool *pool;

static void *map(const char *path, int flags, size_t nbytes, int protection)
{
    int fd = open(path, flags, 0600);
    void *data;

    if (fd < 0 || (flags & O_CREAT && posix_fallocate(fd, 0, (off_t)nbytes)))
        die("no file in /dev/shm");
    data = mmap(NULL, nbytes, protection, MAP_SHARED, fd, 0);
    close(fd);
    if (data == MAP_FAILED)
        die("mmap failed");
    return data;
}

/* Values known at run time only, as the compiled expression has them. */
static volatile double a = 2.5, b = 1;

static void loop(double *restrict y, const double *restrict x)
{
    double factor = a, term = b;

#pragma omp parallel for schedule(static) num_threads(jobs)
    for (size_t i = 0; i < n; i++)
        y[i] = factor * x[i] + term;
}

/* Headers of .npy files are 128 bytes: the elements behind them. */
static const double *map_input(void)
{
    return (const double *)map(in, O_RDONLY, n * 8 + 128, PROT_READ) + 16;
}

static double by_openmp(void)
{
    double start = now();
    const double *x = map_input();
    double *y;

    y = map(out, O_CREAT | O_RDWR, n * 8 + 128, PROT_READ | PROT_WRITE);
    loop(y + 16, x);
    munmap(y, n * 8 + 128);
    munmap((char *)(uintptr_t)x - 128, n * 8 + 128);
    return now() - start;
}

static double by_openmp_in_large_pages(void)
{
    double start = now();
    const double *x = map_input();
    struct foray_array y;
    struct foray_error err;

    check(foray_array_create(&y, out, FORAY_F64, 1, &n, &err), &err);
    loop(y.data, x);
    check(foray_array_close(&y, &err), &err);
    munmap((char *)(uintptr_t)x - 128, n * 8 + 128);
    return now() - start;
}

static double by_foray(void)
{
    double start = now();
    struct foray_array x, y;
    struct foray_error err;
    struct foray_eval eval = {
        .text = "y=a*x+b",
        .in = {{"a", NULL, "2.5"}, {"b", NULL, "1"}, {"x", &x, NULL}}};
    const struct foray_array *outputs[] = {&y};

    check(foray_array_open(&x, in, "r", &err), &err);
    check(foray_array_create(&y, out, FORAY_F64, 1, &n, &err), &err);
    check(foray_eval(pool, &eval, outputs, NULL, &err), &err);
    if (FORAY_AT(&y, double, n - 1) != 2.5 * (double)(n - 1) + 1)
        die("a wrong value");
    check(foray_array_close(&y, &err), &err);
    check(foray_array_close(&x, &err), &err);
    return now() - start;
}

static int compare(const char *what, double (*baseline)(void), double target,
                   int rounds)
{
    double theirs = 1e9, ours = 1e9;
    double gigabytes = (double)n * 16 / 1e9;

    for (int i = 0; i < rounds; i++) {
        unlink(out); /* what the other left is freed on nobody's account */
        theirs = least(theirs, baseline());
        unlink(out);
        ours = least(ours, by_foray());
    }
    printf("%-36s %6.3f s %5.1f GB/s, foray %6.3f s %5.1f GB/s: %5.2f x "
           "(target %.2f) %s\n",
           what, theirs, gigabytes / theirs, ours, gigabytes / ours,
           theirs / ours, target, theirs / ours >= target ? "ok" : "MISSED");
    return theirs / ours < target;
}

static void make_input(void)
{
    struct foray_array x;
    struct foray_error err;

    check(foray_array_create_at(&x, in, FORAY_F64, 1, &n,
                                &(struct foray_placement){.small_pages = true},
                                &err),
          &err);
    for (size_t i = 0; i < n; i++)
        FORAY_AT(&x, double, i) = (double)i;
    check(foray_array_close(&x, &err), &err);
}

int main(int argc, char **argv)
{
    size_t mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 1526;
    int rounds = argc > 2 ? atoi(argv[2]) : 5, missed;
    struct foray_error err;
    struct stat st;

    if (argc > 3)
        jobs = atoi(argv[3]);
    n = (mib << 20) / 8;
    if (!n || rounds < 1 || jobs < 1 || !mkdtemp(folder))
        die("usage: bench_eval [MiB [ROUNDS [JOBS]]]");
    snprintf(in, sizeof in, "%s/x.npy", folder);
    snprintf(out, sizeof out, "%s/y.npy", folder);
    make_input();
    if (stat(in, &st) || (size_t)st.st_size != n * 8 + 128)
        die("the header of the input is not 128 bytes long");
    check(foray_pool_open(&pool, &(struct foray_config){.n_jobs = jobs}, &err),
          &err);
    warm_memory(n * 8);
    by_openmp();
    unlink(out);
    by_foray();
    missed = compare("OpenMP, fallocated file", by_openmp, 0.85, rounds);
    missed += compare("OpenMP, file in 2 MiB pages", by_openmp_in_large_pages,
                      0.85, rounds);
    foray_pool_close(pool);
    unlink(in);
    unlink(out);
    rmdir(folder);
    return missed != 0;
}
