/* The budget of memory: one number of bytes that the tasks of all workers
 * share.
 *
 * Every worker has a place that says what it holds, and what it wants to hold
 * while it waits. The places are the truth, there is no sum that a death could
 * leave wrong: who wants more adds them up, under a lock that the parent opens
 * when its holder dies. To hold less needs no lock.
 *
 * A worker waits in one of two ways. Before it claims tasks it holds nothing,
 * goes back to where it waits for work, and is woken by the doorbell there: it
 * keeps reading what the parent sends, and leaves when it is to leave. In a
 * task, which may hold something already, it sleeps here.
 *
 * A wish is granted when the places of the others leave room for it, or when
 * they hold nothing: so the largest task runs, alone. When everybody who holds
 * something waits in a task for more, the one in the lowest place gets it, and
 * the sum is more than the budget.
 */
#ifndef FORAY_ENGINE_BUDGET_H
#define FORAY_ENGINE_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/lock.h"
#include "engine/wait.h"

enum { FORAY__MAX_HOLDERS = 4096 };

/* The peak of a run none of whose tasks is finished. */
#define FORAY__NO_PEAK UINT64_MAX

struct foray__budget {
    size_t bytes;       /* FORAY_NEVER: no limit, and nobody looks further */
    unsigned n_holders; /* places in use */
    struct foray__lock lock;           /* of whoever wants more */
    struct foray__doorbell given_back; /* tasks wait for it */
    _Atomic uint64_t peak; /* the most that a batch of this run needed beside
                              what its tasks reserved */
    struct foray__holder {
        _Atomic uint64_t held, wanted; /* wanted 0: it does not wait */
        _Atomic uint32_t asleep;       /* not 0: one of given_back's sleepers */
    } holders[FORAY__MAX_HOLDERS];
};

/* A pool begins. Zeroed before. Parent. */
void foray__budget_open(struct foray__budget *budget, size_t bytes,
                        int n_holders);

/* A run begins. Parent, while nobody holds anything. */
void foray__budget_begin(struct foray__budget *budget);

/* Hold `bytes` instead of what one holds, if that may be now; otherwise it is
 * wanted until it was granted or foray__budget_waive. */
bool foray__budget_hold(struct foray__budget *budget, unsigned slot,
                        uint64_t bytes);
void foray__budget_waive(struct foray__budget *budget, unsigned slot);

/* Hold less than before. True: somebody who waits may go on, and those in a
 * task are woken. */
bool foray__budget_lower(struct foray__budget *budget, unsigned slot,
                         uint64_t bytes);

/* Wake the tasks that wait if one of them is to go first, now that all do. */
void foray__budget_settle_tie(struct foray__budget *budget);

/* A batch needed so much. True: nobody knew before what batches need. */
bool foray__budget_tell(struct foray__budget *budget, uint64_t peak);

/* Workers that wait before they begin. */
unsigned foray__budget_n_waiting(const struct foray__budget *budget);

/* The run is to end: let tasks that wait see it. Safe in signal handlers. */
void foray__budget_wake(struct foray__budget *budget);

/* The worker in a slot is dead. Parent. True as foray__budget_lower. */
bool foray__budget_bury(struct foray__budget *budget, unsigned slot);

#endif
