/* Physical cores: CPUs that are not two threads of one. */
#include <stdio.h>

#include "base/root.h"
#include "machine/cpus.h"

/* The first number of a list as in /sys: "0,4" or "0-1". -1: no file. */
static int first_sibling(const char *root, int cpu)
{
    char folder[64];
    int first = -1;
    FILE *file;

    snprintf(folder, sizeof folder, "/sys/devices/system/cpu/cpu%d/topology",
             cpu);
    file = foray__root_open(root, folder, "thread_siblings_list");
    if (file) {
        if (fscanf(file, "%d", &first) != 1)
            first = -1;
        fclose(file);
    }
    return first;
}

bool foray__cpu_cores(int *out, const char *root,
                      const struct foray__cpu_set *cpus)
{
    int n = 0;

    for (int cpu = 0; n < cpus->count; cpu++) {
        if (!CPU_ISSET_S((size_t)cpu, cpus->size, cpus->set))
            continue;
        out[n] = first_sibling(root, cpu);
        if (out[n++] < 0)
            return false;
    }
    return true;
}

/* How many CPUs of the set before the i-th are threads of the same core. */
static int rank_of(const int *cores, int i)
{
    int rank = 0;

    for (int k = 0; k < i; k++)
        rank += cores[k] == cores[i];
    return rank;
}

void foray__cpu_order(int32_t *order, const int *cores,
                      const struct foray__cpu_set *cpus)
{
    int n = 0;

    for (int rank = 0; n < cpus->count; rank++)
        for (int cpu = 0, i = 0; i < cpus->count; cpu++) {
            if (!CPU_ISSET_S((size_t)cpu, cpus->size, cpus->set))
                continue;
            if (rank_of(cores, i++) == rank)
                order[n++] = cpu;
        }
}

int foray__physical_cores(const char *root, const struct foray__cpu_set *cpus)
{
    int n = (int)(cpus->size * 8), seen = 0, cores = 0;
    cpu_set_t *counted;

    if (!cpus->set || !(counted = CPU_ALLOC((size_t)n)))
        return 0;
    CPU_ZERO_S(cpus->size, counted);
    /* A core is known by its first thread, whether we may use that or not. */
    for (int cpu = 0; cpu < n && seen < cpus->count; cpu++) {
        int first;

        if (!CPU_ISSET_S((size_t)cpu, cpus->size, cpus->set))
            continue;
        seen++;
        first = first_sibling(root, cpu);
        if (first < 0 || first >= n) {
            cores = 0;
            break;
        }
        if (!CPU_ISSET_S((size_t)first, cpus->size, counted)) {
            CPU_SET_S((size_t)first, cpus->size, counted);
            cores++;
        }
    }
    CPU_FREE(counted);
    return cores;
}
