/* The machine: how many CPUs this process may use, and who says so.
 *
 *     struct foray_cpus cpus;
 *
 *     foray_cpus(&cpus);
 *     printf("%d CPUs, by %s\n", cpus.count, foray_cpu_limit_name(cpus.limit));
 */
#ifndef FORAY_MACHINE_H
#define FORAY_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

/* XX(name, word): what can limit the CPUs */
#define FORAY_CPU_LIMIT_MAP(XX)                                                \
    XX(ONLINE, "online")     /* CPUs of the machine */                         \
    XX(AFFINITY, "affinity") /* sched_getaffinity */                           \
    XX(CGROUP, "cgroup")     /* v1 or v2 quota, the least of all ancestors */  \
    XX(MAX, "FORAY_MAX_CPU_COUNT")                                             \
    XX(SLURM, "SLURM_CPUS_PER_TASK")                                           \
    XX(PBS, "PBS_NCPUS")                                                       \
    XX(SGE, "NSLOTS")

enum foray_cpu_limit {
#define FORAY_CPU_LIMIT_ENUM(name, word) FORAY_CPU_##name,
    FORAY_CPU_LIMIT_MAP(FORAY_CPU_LIMIT_ENUM)
#undef FORAY_CPU_LIMIT_ENUM
        FORAY_CPU_LIMITS /* how many there are */
};

struct foray_cpus {
    int count;                      /* usable: the least limit, at least 1 */
    int physical;                   /* usable physical cores, at most count */
    enum foray_cpu_limit limit;     /* which one was the least */
    int by_limit[FORAY_CPU_LIMITS]; /* what each says; 0: it says nothing */
};

/** Count the CPUs and say why. A cgroup quota of 1.5 counts as 2. Values of
 *  variables that are not a positive number count as not set.
 *  Never fails: what cannot be read does not limit.  Threads, fork: safe. */
FORAY_API void foray_cpus(struct foray_cpus *out);

/** Usable CPUs, at least 1: the count of foray_cpus.
 *  Source: joblib.cpu_count(), with the cgroups of all ancestors and the
 *  variables of batch systems.  Threads, fork: safe. */
FORAY_API int foray_cpu_count(void);

/** Workers for a requested number, as joblib: n > 0 is n; 0 is all usable
 *  CPUs (the default); -1 all, -2 all but one, ..., at least 1.
 *  Threads, fork: safe. */
FORAY_API int foray_n_jobs(int n_jobs);

/** Read a number of workers: "4", "-1" (all usable CPUs), "-2" (all but one),
 *  or a share of the CPUs, "50%", which is rounded down but at least 1.
 *  Errors: FORAY_EINVAL: something else, 0 or more than an int. `out` is left
 *  alone then.  Source: joblib's n_jobs, which knows no shares. */
FORAY_API FORAY_CHECK int foray_n_jobs_parse(int *out, const char *text,
                                             struct foray_error *err);

/** Name of a limit, "cgroup".  Owner: static storage. */
FORAY_API const char *foray_cpu_limit_name(enum foray_cpu_limit limit);

/* A thread pool that some library keeps in this process. */
struct foray_runtime {
    char name[32];   /* openblas mkl blis flexiblas gomp iomp omp */
    char path[256];  /* the tail of the library's file */
    int max_threads; /* what it would use now, 0 when it cannot tell */
};

/** Find the BLAS and OpenMP runtimes loaded in this process, also those
 *  loaded RTLD_LOCAL, and what they would use in this thread. Fills at most
 *  `n` and returns how many there are, at most 16. Loads nothing. Not found:
 *  what is linked statically, or loaded by dlmopen.
 *  Threads: takes the dynamic linker's lock; not for signal handlers.
 *  Source: threadpoolctl. */
FORAY_API size_t foray_runtimes(struct foray_runtime *out, size_t n);

FORAY_END
#endif
