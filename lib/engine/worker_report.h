/* What a worker reports: records in its slot's ring, from which the parent
 * learns what became of tasks and calls. The parent is woken for a failure at
 * once, for values now and then. */
#ifndef FORAY_ENGINE_WORKER_REPORT_H
#define FORAY_ENGINE_WORKER_REPORT_H

#include "engine/worker.h"

/* A task failed, after `seconds`. Ends the run if its failures do. */
void foray__report_error(struct foray__labor *labor, uint64_t index,
                         const struct foray_error *error, double seconds);

/* A call returned, at `now`: the packet of its task. */
void foray__report_values(struct foray__labor *labor, uint64_t index,
                          double seconds, double now);

/* What a call printed, before its outcome; capture has begun. */
void foray__report_output(struct foray__labor *labor, uint64_t index);

#endif
