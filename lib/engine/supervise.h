/* The parent during a run: watches workers, collects failures, buries and
 * replaces the dead, stops the run when it must. */
#ifndef FORAY_ENGINE_SUPERVISE_H
#define FORAY_ENGINE_SUPERVISE_H

#include "engine/crew.h"
#include "engine/run.h"

/* Tasks that the crew has run in its life: to be taken before a run begins. */
uint64_t foray__supervise_count(const struct foray__crew *crew);

/* Until every task is settled or will not run. The run's generation has begun
 * and the doorbell was rung. 0, or a code when no worker can be had. */
int foray__supervise(struct foray__crew *crew, struct foray__run *run,
                     uint64_t n_done_before, struct foray_error *err);

#endif
