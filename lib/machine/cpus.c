#include "machine/cpus.h"

#include <config.h>
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
    out->size = 0;
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

/* All but the cores, which cost a file a CPU. */
static void read_limits(struct foray_cpus *out, const char *root, int online,
                        const struct foray__cpu_set *affinity,
                        const char *(*variable)(const char *name))
{
    memset(out, 0, sizeof *out);
    out->by_limit[FORAY_CPU_ONLINE] = online > 0 ? online : 0;
    out->by_limit[FORAY_CPU_AFFINITY] = affinity->count;
    out->by_limit[FORAY_CPU_CGROUP] = foray__cgroup_cpus(root);
    for (int i = FORAY_CPU_MAX; i < FORAY_CPU_LIMITS; i++)
        out->by_limit[i] =
            positive(variable(foray_cpu_limit_name((enum foray_cpu_limit)i)));
    for (int i = 0; i < FORAY_CPU_LIMITS; i++) {
        int says = out->by_limit[i];

        if (says && (!out->count || says < out->count)) {
            out->count = says;
            out->limit = (enum foray_cpu_limit)i;
        }
    }
    if (!out->count)
        out->count = 1;
    out->physical = out->count;
}

static void limit_physical(struct foray_cpus *out, int cores)
{
    if (cores > 0 && cores < out->count)
        out->physical = cores;
}

void foray__cpus_at(struct foray_cpus *out, const char *root, int online,
                    const struct foray__cpu_set *affinity,
                    const char *(*variable)(const char *name))
{
    read_limits(out, root, online, affinity, variable);
    limit_physical(out, foray__physical_cores(root, affinity));
}

static const char *environment(const char *name)
{
    return getenv(name);
}

static int online_here(void)
{
    return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

void foray_cpus(struct foray_cpus *out)
{
    struct foray__cpu_set affinity;

    foray__affinity(&affinity);
    read_limits(out, "", online_here(), &affinity, environment);
#ifdef FORAY_WITH_HWLOC
    limit_physical(out, foray__hwloc_cores(&affinity));
#else
    limit_physical(out, foray__physical_cores("", &affinity));
#endif
    foray__affinity_free(&affinity);
}

int foray_cpu_count(void)
{
    struct foray__cpu_set affinity;
    struct foray_cpus cpus;

    foray__affinity(&affinity);
    read_limits(&cpus, "", online_here(), &affinity, environment);
    foray__affinity_free(&affinity);
    return cpus.count;
}

static bool cores_here(int *out, const struct foray__cpu_set *cpus)
{
#ifdef FORAY_WITH_HWLOC
    return foray__hwloc_cpu_cores(out, cpus);
#else
    return foray__cpu_cores(out, "", cpus);
#endif
}

int32_t *foray__usable_cpus(int *n)
{
    struct foray__cpu_set usable;
    int32_t *order = NULL;
    int *cores = NULL;

    foray__affinity(&usable);
    *n = usable.count;
    if (usable.count) {
        order = calloc((size_t)usable.count, sizeof *order);
        cores = calloc((size_t)usable.count, sizeof *cores);
    }
    if (order && cores) {
        if (!cores_here(cores, &usable))
            for (int i = 0; i < usable.count; i++)
                cores[i] = i;
        foray__cpu_order(order, cores, &usable);
    } else {
        free(order);
        order = NULL;
        *n = 0;
    }
    free(cores);
    foray__affinity_free(&usable);
    return order;
}
