#include "engine/longest.h"

#include "engine/crew.h"

/* Since when the worker of a slot has been at what it runs now: this look at
 * the latest. */
static double since(struct foray__member *member, uint64_t task, uint32_t run,
                    double now)
{
    if (member->seen_task == task && member->seen_run == run)
        return member->seen_since;
    member->seen_task = task;
    member->seen_run = run;
    member->seen_since = now;
    return now;
}

void foray__longest_look(struct foray_progress *out, struct foray_pool *pool,
                         double now)
{
    struct foray__crew *crew =
        pool->backend->crew ? pool->backend->crew(pool) : NULL;

    out->slowest = -1;
    out->slowest_seconds = 0;
    for (int slot = 0; crew && slot < pool->n_jobs; slot++) {
        uint64_t task = atomic_load_explicit(&crew->shared->slots[slot].current,
                                             memory_order_relaxed);
        double seconds =
            now - since(&crew->members[slot], task,
                        atomic_load(&crew->shared->claims.generation), now);

        /* Between two batches a worker is for a moment at the task behind the
         * first: nobody is taken to run what was seen once only. */
        if (task == FORAY__NO_TASK || seconds <= out->slowest_seconds)
            continue;
        out->slowest = (int64_t)task;
        out->slowest_seconds = seconds;
    }
}
