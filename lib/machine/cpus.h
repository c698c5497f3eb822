/* Counting CPUs of a machine as its files describe it, real or captured. */
#ifndef FORAY_MACHINE_CPUS_H
#define FORAY_MACHINE_CPUS_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/machine.h>

/* A set of CPUs of any size. */
struct foray__cpu_set {
    cpu_set_t *set; /* NULL: unknown */
    size_t size;    /* bytes */
    int count;
};

/* The CPUs this thread may run on; also on machines with more than 1024. */
void foray__affinity(struct foray__cpu_set *out);
void foray__affinity_free(struct foray__cpu_set *cpus);

/* CPUs that the control groups' quotas allow, the least of all ancestors,
 * rounded up; 0: no quota. `root` is put before /proc and /sys. */
int foray__cgroup_cpus(const char *root);

/* Physical cores among the given CPUs; 0: /sys does not say. */
int foray__physical_cores(const char *root, const struct foray__cpu_set *cpus);

/* The same by hwloc, for this machine; only when built with it. */
int foray__hwloc_cores(const struct foray__cpu_set *cpus);

/* Numbers of the physical cores that the CPUs of a set, in ascending order,
 * are threads of. False: unknown. */
bool foray__cpu_cores(int *out, const char *root,
                      const struct foray__cpu_set *cpus);
bool foray__hwloc_cpu_cores(int *out, const struct foray__cpu_set *cpus);

/* The CPUs of a set in the order in which threads that compute should have
 * them: first one of each core, then the others. */
void foray__cpu_order(int32_t *order, const int *cores,
                      const struct foray__cpu_set *cpus);

/* The usable CPUs of this machine in that order; NULL and *n 0 when they are
 * unknown or there is no memory. Owner: the caller, free(). */
int32_t *foray__usable_cpus(int *n);

/* foray_n_jobs where the usable CPUs are counted already. */
int foray__n_jobs_among(int n_jobs, int cpus);

/* foray_cpus for a captured machine: `variable` stands for getenv. */
void foray__cpus_at(struct foray_cpus *out, const char *root, int online,
                    const struct foray__cpu_set *affinity,
                    const char *(*variable)(const char *name));

#endif
