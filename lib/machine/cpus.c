#include "machine/cpus.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *foray_cpu_limit_name(enum foray_cpu_limit limit)
{
    static const char *const names[] = {
#define NAME(name, word) word,
        FORAY_CPU_LIMIT_MAP(NAME)
#undef NAME
    };

    if (limit < 0 || limit >= FORAY_CPU_LIMITS)
        return "unknown";
    return names[limit];
}

void foray__affinity(struct foray__cpu_set *out)
{
    /* The kernel says EINVAL while the set is too small for its CPUs. */
    for (int n = CPU_SETSIZE; n <= 1 << 20; n *= 2) {
        out->set = CPU_ALLOC((size_t)n);
        out->size = CPU_ALLOC_SIZE((size_t)n);
        if (!out->set)
            break;
        if (!sched_getaffinity(0, out->size, out->set)) {
            out->count = CPU_COUNT_S(out->size, out->set);
            return;
        }
        CPU_FREE(out->set);
        if (errno != EINVAL)
            break;
    }
    out->set = NULL;
    out->count = 0;
}

void foray__affinity_free(struct foray__cpu_set *cpus)
{
    if (cpus->set)
        CPU_FREE(cpus->set);
    cpus->set = NULL;
}

/* A positive number, or 0: what is anything else counts as not set. */
static int positive(const char *text)
{
    char *end;
    long value;

    if (!text || !*text)
        return 0;
    errno = 0;
    value = strtol(text, &end, 10);
    if (*end || errno || value < 1)
        return 0;
    return value > INT_MAX ? INT_MAX : (int)value;
}

void foray__cpus_at(struct foray_cpus *out, const char *root, int online,
                    const struct foray__cpu_set *affinity,
                    const char *(*environment)(const char *name))
{
    memset(out, 0, sizeof *out);
    out->by_limit[FORAY_CPU_ONLINE] = online;
    out->by_limit[FORAY_CPU_AFFINITY] = affinity->count;
    out->by_limit[FORAY_CPU_CGROUP] = foray__cgroup_cpus(root);
    for (int i = FORAY_CPU_MAX; i < FORAY_CPU_LIMITS; i++)
        out->by_limit[i] = positive(
            environment(foray_cpu_limit_name((enum foray_cpu_limit)i)));
    for (int i = 0; i < FORAY_CPU_LIMITS; i++)
        if (out->by_limit[i] > 0 &&
            (!out->count || out->by_limit[i] < out->count)) {
            out->count = out->by_limit[i];
            out->limit = (enum foray_cpu_limit)i;
        }
    if (out->count < 1)
        out->count = 1;
    out->physical = foray__physical_cores(root, affinity);
    if (out->physical < 1 || out->physical > out->count)
        out->physical = out->count;
}

static const char *environment(const char *name)
{
    return getenv(name);
}

void foray_cpus(struct foray_cpus *out)
{
    struct foray__cpu_set affinity;

    foray__affinity(&affinity);
    foray__cpus_at(out, "", (int)sysconf(_SC_NPROCESSORS_ONLN), &affinity,
                   environment);
    foray__affinity_free(&affinity);
}

int foray_cpu_count(void)
{
    struct foray_cpus cpus;

    foray_cpus(&cpus);
    return cpus.count;
}

int foray_n_jobs(int n_jobs)
{
    int cpus;

    if (n_jobs > 0)
        return n_jobs;
    cpus = foray_cpu_count();
    if (n_jobs == 0)
        return cpus;
    return n_jobs < -cpus ? 1 : cpus + 1 + n_jobs;
}
