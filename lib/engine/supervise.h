/* The parent during a run of foray_map or foray_for. */
#ifndef FORAY_ENGINE_SUPERVISE_H
#define FORAY_ENGINE_SUPERVISE_H

#include "engine/crew.h"
#include "engine/run.h"

/* Until every task is settled or will not run. The run's generation has begun
 * and the doorbell was rung; n_done_before is foray__watch_count before. 0, or
 * a code when no worker can be had. */
int foray__supervise(struct foray__crew *crew, struct foray__run *run,
                     uint64_t n_done_before, struct foray_error *err);

#endif
