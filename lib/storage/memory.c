#include "storage/memory.h"

#include <foray/storage.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cgroup.h"
#include "base/root.h"

/* A file that holds one number; SIZE_MAX for "max" and for no file. */
static size_t read_number(const struct foray__cgroup *group, const char *name)
{
    long long numbers[2];

    return foray__cgroup_numbers(numbers, group, name) ? (size_t)numbers[0]
                                                       : SIZE_MAX;
}

/* A count of memory.stat; 0 if absent. */
static size_t read_stat(const struct foray__cgroup *group, const char *key)
{
    unsigned long long value;

    return foray__cgroup_value(&value, group, "memory.stat", key)
               ? (size_t)value
               : 0;
}

/* The kernel's names for the same things in the two versions. */
struct names {
    const char *limit, *usage, *inactive, *active;
};

static const struct names v1 = {"memory.limit_in_bytes",
                                "memory.usage_in_bytes", "total_inactive_file",
                                "total_active_file"};
static const struct names v2 = {"memory.max", "memory.current", "inactive_file",
                                "active_file"};

static size_t free_in_group(const struct foray__cgroup *group)
{
    const struct names *names = group->version == 1 ? &v1 : &v2;
    size_t limit = read_number(group, names->limit), usage, cached;

    if (limit >= SIZE_MAX / 4) /* v1 says "no limit" with a huge number */
        return SIZE_MAX;
    usage = read_number(group, names->usage);
    if (usage == SIZE_MAX)
        return SIZE_MAX;
    /* Cached files are given up before anybody is killed. */
    cached =
        read_stat(group, names->inactive) + read_stat(group, names->active);
    usage -= cached < usage ? cached : usage;
    return usage < limit ? limit - usage : 0;
}

static void take_least(const struct foray__cgroup *group, void *arg)
{
    size_t *least = arg, own = free_in_group(group);

    if (own < *least)
        *least = own;
}

static size_t free_in_machine(const char *root)
{
    FILE *file = foray__root_open(root, "/proc", "meminfo");
    unsigned long long value, available = 0, swap = 0;
    char word[64];

    if (!file)
        return SIZE_MAX;
    while (fscanf(file, "%63s %llu%*[^\n]", word, &value) == 2) {
        if (!strcmp(word, "MemAvailable:"))
            available = value;
        else if (!strcmp(word, "SwapFree:"))
            swap = value;
    }
    fclose(file);
    return available ? (size_t)(available + swap) * 1024 : SIZE_MAX;
}

struct foray__memory foray__memory_free(const char *root)
{
    struct foray__memory memory = {free_in_machine(root), "the machine"};
    size_t groups = SIZE_MAX;

    foray__cgroup_each(root, "memory", take_least, &groups);
    if (groups < memory.free_bytes) {
        memory.free_bytes = groups;
        memory.limit = "the control group (cgroup)";
    }
    return memory;
}

size_t foray_memory_free(void)
{
    return foray__memory_free("").free_bytes;
}
