/* Physical cores as hwloc sees them: it knows machines whose /sys is silent. */
#include <hwloc.h>

#include "machine/cpus.h"

static hwloc_bitmap_t bitmap_of(const struct foray__cpu_set *cpus)
{
    hwloc_bitmap_t bitmap = hwloc_bitmap_alloc();

    for (size_t cpu = 0; bitmap && cpu < cpus->size * 8; cpu++)
        if (CPU_ISSET_S(cpu, cpus->size, cpus->set) &&
            hwloc_bitmap_set(bitmap, (unsigned)cpu)) {
            hwloc_bitmap_free(bitmap);
            return NULL;
        }
    return bitmap;
}

int foray__hwloc_cores(const struct foray__cpu_set *cpus)
{
    hwloc_bitmap_t usable = cpus->set ? bitmap_of(cpus) : NULL;
    hwloc_topology_t topology;
    int cores = 0;

    if (!usable)
        return 0;
    if (hwloc_topology_init(&topology))
        goto out;
    if (!hwloc_topology_load(topology)) {
        hwloc_obj_t core = NULL;

        while (
            (core = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_CORE, core)))
            cores += hwloc_bitmap_intersects(core->cpuset, usable);
    }
    hwloc_topology_destroy(topology);
out:
    hwloc_bitmap_free(usable);
    return cores;
}

bool foray__hwloc_cpu_cores(int *out, const struct foray__cpu_set *cpus)
{
    hwloc_topology_t topology;
    bool known = false;

    if (hwloc_topology_init(&topology))
        return false;
    if (!hwloc_topology_load(topology)) {
        known = true;
        for (int cpu = 0, n = 0; known && n < cpus->count; cpu++) {
            hwloc_obj_t at;

            if (!CPU_ISSET_S((size_t)cpu, cpus->size, cpus->set))
                continue;
            at = hwloc_get_pu_obj_by_os_index(topology, (unsigned)cpu);
            at = at ? hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE,
                                                     at)
                    : NULL;
            known = at != NULL;
            out[n++] = at ? (int)at->logical_index : 0;
        }
    }
    hwloc_topology_destroy(topology);
    return known;
}
