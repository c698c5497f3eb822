/* A host that uses a BLAS or OpenMP runtime, forks, and uses it in the child:
 *
 *     fork_runtime FILE|linked global|local quiesce|leave CAP NAME...
 *
 * The scan must find a runtime of each NAME. Exit: 0 all as it should be, 1
 * something was wrong (said on standard error), 2 usage, 3 the child hung.
 * The environment must say another number of threads. Compiled with
 * OpenMP, FILE can be "linked": this program's own runtime.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine/runtimes.h"

enum { N = 300, HOST_THREADS = 3, HANG_MS = 900 };

typedef void (*dgemm_fn)(const char *ta, const char *tb, const int *m,
                         const int *n, const int *k, const double *alpha,
                         const double *a, const int *lda, const double *b,
                         const int *ldb, const double *beta, double *c,
                         const int *ldc);
/* What compilers make of a parallel region; LLVM's runtime has it too. */
typedef void (*region_fn)(void (*body)(void *), void *data, unsigned nthreads,
                          unsigned flags);

static dgemm_fn dgemm;
static region_fn region;
static double a[N * N], b[N * N], c[N * N];
static atomic_int members;

static void join(void *data)
{
    (void)data;
    members++;
}

#ifdef _OPENMP
static void linked_region(void (*body)(void *), void *data, unsigned nthreads,
                          unsigned flags)
{
    (void)nthreads;
    (void)flags;
#pragma omp parallel
    body(data);
}
#endif

static int load(const char *file, int scope)
{
    void *handle = NULL, *symbol;

    if (!strcmp(file, "linked")) {
#ifdef _OPENMP
        region = linked_region;
#endif
        return region ? 0 : 2;
    }
    handle = dlopen(file, RTLD_NOW | scope);
    if (!handle) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    symbol = dlsym(handle, "dgemm_");
    memcpy(&dgemm, &symbol, sizeof symbol);
    symbol = dgemm ? NULL : dlsym(handle, "GOMP_parallel");
    memcpy(&region, &symbol, sizeof symbol);
    return dgemm || region ? 0 : 1;
}

static int count_os_threads(void)
{
    DIR *dir = opendir("/proc/self/task");
    int n = 0;

    while (dir && readdir(dir))
        n++;
    if (dir)
        closedir(dir);
    return n - 2;
}

/* Threads that took part, as far as can be told; 0: a wrong result. */
static int use(void)
{
    const double one = 1, zero = 0;
    const int n = N;

    if (region) {
        members = 0;
        region(join, NULL, 0, 0);
        return members;
    }
    for (int i = 0; i < N * N; i++) {
        a[i] = i % N == i / N ? 2 : 0; /* twice the unit matrix */
        b[i] = i % 11;
        c[i] = -1;
    }
    dgemm("N", "N", &n, &n, &n, &one, a, &n, b, &n, &zero, c, &n);
    for (int i = 0; i < N * N; i++)
        if (c[i] != 2 * b[i])
            return 0;
    return count_os_threads();
}

static bool has(const struct foray__runtimes *runtimes, const char *name)
{
    for (int i = 0; i < runtimes->count; i++)
        if (!strcmp(runtimes->items[i].about.name, name))
            return true;
    fprintf(stderr, "no %s among %d runtimes\n", name, runtimes->count);
    return false;
}

static int child(const struct foray__runtimes *runtimes, int cap)
{
    struct itimerval watchdog = {.it_value = {0, HANG_MS * 1000}};
    int expected = runtimes->busy ? 1 : cap, took_part;

    signal(SIGALRM, SIG_DFL);
    setitimer(ITIMER_REAL, &watchdog, NULL);
    foray__runtimes_cap(runtimes, cap);
    took_part = use();
    for (int i = 0; i < runtimes->count; i++) {
        int says = runtimes->items[i].get_threads();

        if (says != expected) {
            fprintf(stderr, "%s: capped to %d, says %d\n",
                    runtimes->items[i].about.name, expected, says);
            return 1;
        }
    }
    /* OpenBLAS with threads of its own makes them at fork, and lets them
     * sleep. */
    if (dgemm && runtimes->count == 1 ? took_part < 1 : took_part != expected) {
        fprintf(stderr, "cap %d: %d threads took part\n", expected, took_part);
        return 1;
    }
    return 0;
}

static int fork_and_use(const struct foray__runtimes *runtimes, int cap)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(child(runtimes, cap));
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 1;
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "child: signal %d\n", WTERMSIG(status));
        return WTERMSIG(status) == SIGALRM ? 3 : 1;
    }
    return WEXITSTATUS(status);
}

/* The host's own choice of threads must survive. */
static int check_parent(const struct foray__runtimes *runtimes)
{
    for (int i = 0; i < runtimes->count; i++)
        if (runtimes->items[i].get_threads() != HOST_THREADS) {
            fprintf(stderr, "%s: the host's %d threads became %d\n",
                    runtimes->items[i].about.name, HOST_THREADS,
                    runtimes->items[i].get_threads());
            return 1;
        }
    if (use() >= HOST_THREADS)
        return 0;
    fprintf(stderr, "the parent cannot use it as before\n");
    return 1;
}

int main(int argc, char **argv)
{
    struct foray__runtimes runtimes;
    int code;

    alarm(20);
    if (argc < 6)
        return 2;
    code = load(argv[1], strcmp(argv[2], "local") ? RTLD_GLOBAL : RTLD_LOCAL);
    if (code)
        return code;
    foray__runtimes_scan(&runtimes);
    for (int i = 5; i < argc; i++)
        if (!has(&runtimes, argv[i]))
            return 1;
    foray__runtimes_cap(&runtimes, HOST_THREADS);
    if (use() < HOST_THREADS) {
        fprintf(stderr, "the parent did not use %d threads\n", HOST_THREADS);
        return 1;
    }
    if (!strcmp(argv[3], "quiesce"))
        foray__runtimes_quiesce(&runtimes);
    code = fork_and_use(&runtimes, atoi(argv[4]));
    return code ? code : check_parent(&runtimes);
}
