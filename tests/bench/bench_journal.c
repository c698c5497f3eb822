/* What a journal costs: HOG of the same images with one and without, in turns.
 *
 *     bench_journal FOLDER ROUNDS IMAGE...
 *
 * FOLDER is for the output. Prints CPU seconds of all processes, of the fastest
 * run of each, and the median of the ratios of runs that followed each other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <foray.h>
#include <foray/hog_batch.h>

#include "measure.h"

enum { MOST_ROUNDS = 100 };

static double cpu_of(int who)
{
    struct rusage use;

    getrusage(who, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           1e-6 * (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

/* CPU seconds, the workers' included. */
static double run(const struct foray_hog_batch *batch, const char *output)
{
    struct foray_placement beside = {.partial = true, .resumable = true};
    struct foray_config config = {.n_jobs = 2};
    struct foray_array features = {0};
    struct foray_pool *pool = NULL;
    struct foray_hog_plan plan;
    struct foray_error err;
    double start = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN);

    check(foray_hog_batch_plan(&plan, batch, &err), &err);
    check(foray_pool_open(&pool, &config, &err), &err);
    check(foray_array_create_at(&features, output, plan.dtype, 2,
                                (size_t[]){plan.n, plan.length}, &beside, &err),
          &err);
    check(foray_hog_batch_run(pool, batch, &plan, &features, NULL, NULL, &err),
          &err);
    foray_pool_close(pool);
    check(foray_array_close(&features, &err), &err);
    if (batch->journal)
        check(foray_hog_batch_discard(batch->journal, &err), &err);
    unlink(output);
    return cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN) - start;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    double ratios[MOST_ROUNDS], with = 1e9, without = 1e9;
    struct foray_hog_batch batch = {0};
    char output[4096], journal[4096 + 8];
    int rounds = argc > 3 ? atoi(argv[2]) : 0;

    if (rounds < 1 || rounds > MOST_ROUNDS) {
        fputs("usage: bench_journal FOLDER ROUNDS IMAGE...\n", stderr);
        return 2;
    }
    snprintf(output, sizeof output, "%s/bench_journal.npy", argv[1]);
    snprintf(journal, sizeof journal, "%s.journal", output);
    batch.paths = (const char *const *)argv + 3;
    batch.n = (size_t)(argc - 3);
    run(&batch, output); /* warm */
    for (int i = 0; i < rounds; i++) {
        double a, b;

        batch.journal = NULL;
        a = run(&batch, output);
        batch.journal = journal;
        b = run(&batch, output);
        without = least(without, a);
        with = least(with, b);
        ratios[i] = b / a;
    }
    qsort(ratios, (size_t)rounds, sizeof *ratios, compare);
    printf("%.4f %.4f %.4f\n", without, with, ratios[rounds / 2]);
    return 0;
}
