/* What one worker holds of the pool's budget of memory: for the batch that it
 * runs as much as those before needed, and what the task under way reserved. */
#ifndef FORAY_ENGINE_PURSE_H
#define FORAY_ENGINE_PURSE_H

#include "engine/budget.h"
#include "engine/resident.h"

/* A worker's own; of a pool whose tasks run one after another the caller's. */
struct foray__purse {
    size_t bytes;                 /* the whole budget; FORAY_NEVER: none */
    struct foray__budget *budget; /* NULL: nobody to share it with */
    struct foray__doorbell *bell; /* of workers that wait to begin */
    _Atomic uint64_t *deadline;   /* of the task under way */
    unsigned slot;
    bool measures; /* there is a budget, and the process is this worker's */
    bool waits;    /* it wants to begin, and may not */
    uint64_t batch, reserved; /* held, the one and the other */
    /* What is measured: a batch, or several short ones of a run. */
    bool is_measuring;
    uint32_t run;
    double began;
    struct foray__resident before;
    uint64_t most_reserved; /* by a task since then */
    size_t first_anonymous; /* the least there was before any; 0: none yet */
    _Atomic uint64_t *peak_resident; /* that beginning anew has hidden */
};

/* Whether a batch may be begun now: it is held for then. Otherwise the worker
 * goes back to its doorbell. */
bool foray__purse_open(struct foray__purse *purse);

/* There is nothing to begin. */
void foray__purse_close(struct foray__purse *purse);

/* A batch of that run begins, for which it was opened, and ends: the purse is
 * empty then. */
void foray__purse_begin_batch(struct foray__purse *purse, uint32_t run);
void foray__purse_end_batch(struct foray__purse *purse);

/* What the task reserved is given back. */
void foray__purse_end_task(struct foray__purse *purse);

#endif
