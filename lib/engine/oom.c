#include "engine/oom.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/cgroup.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Atomic uint64_t known;

struct search {
    bool found;
    uint64_t count;
};

/* The group itself comes first: its ancestors count its neighbours', too. */
static void look(const struct foray__cgroup *group, void *arg)
{
    const char *file =
        group->version == 1 ? "memory.oom_control" : "memory.events";
    struct search *search = arg;
    unsigned long long count;

    if (search->found || !foray__cgroup_value(&count, group, file, "oom_kill"))
        return;
    search->found = true;
    search->count = count;
}

uint64_t foray__oom_count(const char *root)
{
    const struct foray__cgroup machine = {root, "/proc", 0};
    struct search search = {false, 0};
    unsigned long long count;

    foray__cgroup_each(root, "memory", look, &search);
    if (search.found)
        return search.count;
    return foray__cgroup_value(&count, &machine, "vmstat", "oom_kill") ? count
                                                                       : 0;
}

static void remember(void)
{
    atomic_store(&known, foray__oom_count(""));
}

void foray__oom_begin(void)
{
    pthread_once(&once, remember);
}

bool foray__oom_take(void)
{
    uint64_t count = foray__oom_count(""), before = atomic_load(&known);

    while (before < count)
        if (atomic_compare_exchange_weak(&known, &before, before + 1))
            return true;
    return false;
}
