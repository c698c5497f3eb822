#include "engine/budget.h"

#include <foray/pool.h>

/* All places at one moment. */
struct standing {
    uint64_t held;  /* by all */
    bool is_tied;   /* whoever holds something waits for more */
    unsigned first; /* of these; n_holders: nobody holds anything */
    unsigned n_waiting /* before they hold anything */;
};

void foray__budget_open(struct foray__budget *budget, size_t bytes,
                        int n_holders)
{
    budget->bytes = bytes;
    budget->n_holders = (unsigned)n_holders;
    atomic_store(&budget->peak, FORAY__NO_PEAK);
}

void foray__budget_begin(struct foray__budget *budget)
{
    atomic_store(&budget->peak, FORAY__NO_PEAK);
}

static struct standing look(const struct foray__budget *budget)
{
    struct standing standing = {.is_tied = true, .first = budget->n_holders};

    for (unsigned slot = 0; slot < budget->n_holders; slot++) {
        const struct foray__holder *holder = &budget->holders[slot];
        uint64_t held = atomic_load(&holder->held);
        bool waits = atomic_load(&holder->wanted);

        standing.held += held;
        standing.n_waiting += waits && !held;
        if (!held)
            continue;
        standing.is_tied &= waits;
        if (standing.first == budget->n_holders)
            standing.first = slot;
    }
    return standing;
}

static bool may_hold(const struct foray__budget *budget,
                     const struct standing *standing, unsigned slot,
                     uint64_t bytes)
{
    uint64_t others = standing->held - atomic_load(&budget->holders[slot].held);

    return !others ||
           (bytes <= budget->bytes && others <= budget->bytes - bytes) ||
           (standing->is_tied && standing->first == slot);
}

bool foray__budget_hold(struct foray__budget *budget, unsigned slot,
                        uint64_t bytes)
{
    struct foray__holder *holder = &budget->holders[slot];
    struct standing standing;
    bool granted;

    /* Wanted before it looks: whoever holds less from here on sees it. */
    atomic_store(&holder->wanted, bytes);
    foray__lock_take(&budget->lock, slot);
    standing = look(budget);
    granted = may_hold(budget, &standing, slot, bytes);
    if (granted) {
        atomic_store(&holder->held, bytes);
        atomic_store(&holder->wanted, 0);
    }
    foray__lock_release(&budget->lock);
    return granted;
}

void foray__budget_waive(struct foray__budget *budget, unsigned slot)
{
    atomic_store(&budget->holders[slot].wanted, 0);
}

/* Whether somebody who waits need not. */
static bool any_may_go(const struct foray__budget *budget)
{
    struct standing standing = look(budget);

    for (unsigned slot = 0; slot < budget->n_holders; slot++) {
        uint64_t wanted = atomic_load(&budget->holders[slot].wanted);

        if (wanted && may_hold(budget, &standing, slot, wanted))
            return true;
    }
    return false;
}

bool foray__budget_lower(struct foray__budget *budget, unsigned slot,
                         uint64_t bytes)
{
    atomic_store(&budget->holders[slot].held, bytes);
    if (!any_may_go(budget))
        return false;
    foray__doorbell_ring(&budget->given_back);
    return true;
}

void foray__budget_settle_tie(struct foray__budget *budget)
{
    struct standing standing = look(budget);

    if (standing.is_tied && standing.first < budget->n_holders)
        foray__doorbell_ring(&budget->given_back);
}

bool foray__budget_tell(struct foray__budget *budget, uint64_t peak)
{
    uint64_t known = atomic_load(&budget->peak);

    while (known == FORAY__NO_PEAK || known < peak)
        if (atomic_compare_exchange_weak(&budget->peak, &known, peak))
            return known == FORAY__NO_PEAK;
    return false;
}

unsigned foray__budget_n_waiting(const struct foray__budget *budget)
{
    return look(budget).n_waiting;
}

void foray__budget_wake(struct foray__budget *budget)
{
    if (budget->bytes != FORAY_NEVER)
        foray__doorbell_ring(&budget->given_back);
}

bool foray__budget_bury(struct foray__budget *budget, unsigned slot)
{
    if (budget->bytes == FORAY_NEVER)
        return false;
    foray__budget_waive(budget, slot);
    foray__doorbell_bury(&budget->given_back, &budget->holders[slot].asleep);
    foray__lock_bury(&budget->lock, slot);
    return foray__budget_lower(budget, slot, 0);
}
