/* A large private array for a few tasks: in a pool that is made for the run,
 * whose workers inherit it; in one that is there already, which dumps it; and
 * what joblib takes for the same.
 *
 *     bench_snapshot [MB [PYTHON_SCRIPT]]
 *
 * Exit status 1 when a target is missed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

#include "measure.h"

enum { ROUNDS = 7, TASKS = 8, MEANS = 100 };

static int missed;

/* Filled, on pages of 2 MiB or of 4 KiB. */
static double *fill(size_t nbytes, bool large_pages)
{
    size_t huge = 2 << 20;
    char *base = mmap(NULL, nbytes + huge, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    double *data;

    if (base == MAP_FAILED)
        die("no memory");
    madvise(base, nbytes + huge, large_pages ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    data = (void *)(base + (huge - (uintptr_t)base % huge));
    for (size_t i = 0; i < nbytes / sizeof *data; i++)
        data[i] = (double)i;
    return data;
}

/* The first element of a task's part: nothing but the array is to cost. */
static int peek(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    size_t i = (size_t)foray_task_u64(task, 1);

    return foray_return(task, FORAY_AT(x, double, i));
}

/* Eight sums, as NumPy's: one would wait for each addition. */
static int mean(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    const double *data = x->data;
    size_t n = x->shape[0] / 8 * 8;
    double sums[8] = {0}, sum = 0;

    for (size_t i = 0; i < n; i += 8)
        for (size_t k = 0; k < 8; k++)
            sums[k] += data[i + k];
    for (size_t k = 0; k < 8; k++)
        sum += sums[k];
    return foray_return(task, sum / (double)n);
}

/* Calls of fn with the array; results as i / n of it would be. */
static double run(struct foray_pool *pool, const struct foray_array *x,
                  foray_task_fn fn, size_t n_calls)
{
    struct foray_call calls[MEANS];
    struct foray_result results[MEANS];
    size_t n = x->shape[0];
    struct foray_error err;
    double start = now(), seconds;

    for (size_t i = 0; i < n_calls; i++)
        calls[i] = foray_delayed(fn, x, i * (n / n_calls));
    check(foray_parallel(pool, calls, n_calls, results, &err), &err);
    seconds = now() - start;
    for (size_t i = 0; i < n_calls; i++)
        if (foray_result_f64(&results[i], 0) !=
            (fn == peek ? (double)(i * (n / n_calls)) : ((double)n - 1) / 2))
            die("a result is wrong");
    foray_results_free(results, n_calls);
    return seconds;
}

static void tell(const char *what, double seconds, double target)
{
    printf("%-44s %7.1f ms", what, seconds * 1e3);
    if (target > 0)
        printf(" (at most %g) %s", target * 1e3,
               seconds <= target ? "ok" : "MISSED");
    printf("\n");
    missed += target > 0 && seconds > target;
}

static double fresh(const struct foray_array *x)
{
    double best = 1e9;

    for (int i = 0; i < ROUNDS; i++)
        best = least(best, run(NULL, x, peek, TASKS));
    return best;
}

/* Opened before the array is passed: it is dumped. */
static double dumped(const struct foray_array *x)
{
    struct foray_pool *pool;
    struct foray_error err;
    double best = 1e9;

    for (int i = 0; i < ROUNDS; i++) {
        double start = now();

        check(foray_pool_open(&pool, NULL, &err), &err);
        run(pool, x, peek, TASKS);
        foray_pool_close(pool);
        best = least(best, now() - start);
    }
    return best;
}

/* What two children cost that do nothing: most of it is copying and freeing
 * page tables. */
static double bare_forks(void)
{
    double best = 1e9;

    for (int i = 0; i < ROUNDS; i++) {
        double start = now();
        pid_t children[2];

        for (int k = 0; k < 2; k++) {
            children[k] = fork();
            if (children[k] == 0)
                _exit(0);
        }
        for (int k = 0; k < 2; k++)
            if (children[k] < 0 || waitpid(children[k], NULL, 0) < 0)
                die("no child");
        best = least(best, now() - start);
    }
    return best;
}

static double means(const struct foray_array *x)
{
    double best = 1e9;

    for (int i = 0; i < 3; i++)
        best = least(best, run(NULL, x, mean, MEANS));
    return best;
}

static void measure(size_t nbytes)
{
    static const char *const pages[] = {"4 KiB pages", "2 MiB pages"};
    static const double targets[] = {60e-3, 10e-3};
    size_t n = nbytes / sizeof(double);
    struct foray_error err;
    char what[64];

    for (int large = 0; large < 2; large++) {
        double *data = fill(nbytes, large);
        double scale = (double)nbytes / 800e6;
        struct foray_array x;

        check(foray_array_wrap(&x, data, FORAY_F64, 1, &n, &err), &err);
        snprintf(what, sizeof what, "%zu MB to %d tasks, no pool, %s",
                 nbytes / 1000000, TASKS, pages[large]);
        tell(what, fresh(&x), targets[large] * scale);
        tell("two forks of this process, nothing else", bare_forks(), 0);
        tell("the same, dumped", dumped(&x), 0);
        munmap(data, nbytes);
    }
}

int main(int argc, char **argv)
{
    size_t megabytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 800;
    const char *script = argc > 2 ? argv[2] : BENCH_SCRIPT;
    struct foray_config config = {.n_jobs = 2, .backend = "fork"};
    struct foray_error err;
    struct foray_array x;
    size_t n = 12500000;
    double *data;
    char command[4200];

    if (!megabytes)
        die("usage: bench_snapshot [MB [PYTHON_SCRIPT]]");
    check(foray_config_push(&config, &err), &err);
    warm_memory(2 * megabytes * 1000000);
    measure(megabytes * 1000000);
    data = fill(n * sizeof *data, false);
    check(foray_array_wrap(&x, data, FORAY_F64, 1, &n, &err), &err);
    tell("100 means of 100 MB, no pool", means(&x), 0);
    munmap(data, n * sizeof *data);
    foray_config_pop();
    fflush(stdout);
    snprintf(command, sizeof command, "%s %zu", script, megabytes);
    if (system(command))
        printf("no python3-joblib: not compared\n");
    return missed != 0;
}
