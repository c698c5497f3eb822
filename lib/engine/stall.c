#include "engine/stall.h"

#include "engine/crew.h"

bool foray__stall_all_idle(const struct foray__crew *crew)
{
    const struct foray__shared *shared = crew->shared;

    if (crew->threads || shared->budget.bytes != FORAY_NEVER)
        return false;
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        if (crew->members[slot].alive &&
            !foray__doorbell_is_heard(&shared->doorbell,
                                      &shared->slots[slot].asleep))
            return false;
    return true;
}

bool foray__stall_is_certain(struct foray__stall *stall,
                             struct foray__crew *crew, uint64_t n_done)
{
    struct foray__shared *shared = crew->shared;
    struct foray__stall now = {
        .suspected = true,
        .rung = atomic_load(&shared->doorbell.count),
        .n_done = n_done,
        .n_offered = atomic_load(&shared->claims.offered),
    };

    if (stall->suspected && stall->rung != now.rung &&
        stall->n_done == now.n_done && stall->n_offered == now.n_offered)
        return true;
    *stall = now;
    foray__doorbell_ring(&shared->doorbell);
    return false;
}
