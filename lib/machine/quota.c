/* CPU quotas of control groups, version 1 and 2. */
#include <limits.h>

#include "base/cgroup.h"
#include "machine/cpus.h"

static int smaller_limit(int a, int b)
{
    if (!a || !b)
        return a ? a : b;
    return a < b ? a : b;
}

/* CPUs one group allows, a part of one counts as one; 0: no quota. */
static int quota(const struct foray__cgroup *group)
{
    long long numbers[2], allowed, period, cpus;

    if (group->version == 2) {
        if (foray__cgroup_numbers(numbers, group, "cpu.max") != 2)
            return 0;
        allowed = numbers[0];
        period = numbers[1];
    } else {
        if (!foray__cgroup_numbers(numbers, group, "cpu.cfs_quota_us"))
            return 0;
        allowed = numbers[0]; /* -1: none */
        if (!foray__cgroup_numbers(numbers, group, "cpu.cfs_period_us"))
            return 0;
        period = numbers[0];
    }
    if (allowed <= 0 || period <= 0)
        return 0;
    cpus = (allowed - 1) / period + 1;
    return cpus > INT_MAX ? INT_MAX : (int)cpus;
}

static void take_least(const struct foray__cgroup *group, void *arg)
{
    int *least = arg;

    *least = smaller_limit(*least, quota(group));
}

int foray__cgroup_cpus(const char *root)
{
    int least = 0;

    foray__cgroup_each(root, "cpu", take_least, &least);
    return least;
}
