#include "engine/nesting.h"

#include <foray/config.h>
#include <foray/pool.h>

static struct foray__nesting of_process;
static _Thread_local struct foray__nesting of_thread; /* if it is deeper */

struct foray__nesting foray__nesting(void)
{
    return of_thread.depth > of_process.depth ? of_thread : of_process;
}

struct foray__nesting foray__nesting_of_tasks(int n_cpus, int n_jobs,
                                              size_t memory)
{
    struct foray__nesting here = foray__nesting();
    int share = n_cpus / n_jobs;

    here.depth++;
    here.n_cpus = share ? share : 1;
    here.n_workers = here.n_workers ? here.n_workers * n_jobs : n_jobs;
    if (memory != FORAY_NEVER) {
        here.memory = memory / (size_t)n_jobs;
        here.memory += !here.memory;
    }
    return here;
}

void foray__nesting_enter(struct foray__nesting nesting)
{
    of_process = nesting;
}

struct foray__nesting foray__nesting_swap(struct foray__nesting nesting)
{
    struct foray__nesting before = of_thread;

    of_thread = nesting;
    return before;
}

int foray_depth(void)
{
    return foray__nesting().depth;
}
