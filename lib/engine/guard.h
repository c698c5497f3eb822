/* Guard mode: a task stores into its own slices and nowhere else.
 *
 * While a task runs, the segments of the arrays it writes are read-only, but
 * for the pages of its slices, which are private copies. A store into another
 * page is a fault; one into its own pages but outside of its slices is found
 * by a comparison when the task is over. Then the slices, and nothing else, go
 * into the shared memory.
 *
 * A segment is left alone if a `whole` array in it may be written: where tasks
 * store there is their business.
 */
#ifndef FORAY_ENGINE_GUARD_H
#define FORAY_ENGINE_GUARD_H

#include <stdint.h>

#include "engine/attachments.h"
#include "engine/task_body.h"

/* As foray__task_run. Worker processes only. */
int foray__guard_run(struct foray_task *task,
                     const struct foray__attachments *attachments,
                     size_t index);

/* Where the task has what lies at an address: elsewhere, if that is in the
 * mapping that its slices are copied from and to. Safe in signal handlers. */
uintptr_t foray__guard_origin(uintptr_t address);

#endif
