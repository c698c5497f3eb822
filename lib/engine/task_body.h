/* The inside of struct foray_task, and its way through one task. */
#ifndef FORAY_ENGINE_TASK_BODY_H
#define FORAY_ENGINE_TASK_BODY_H

#include <foray/task.h>

#include "engine/shared.h"

struct foray_task {
    const struct foray__order *order;
    foray_task_fn fn; /* the order's, at its address in this process */
    const void *params;
    const _Atomic uint32_t *cancelled; /* == generation: the run is to end */
    uint32_t generation;
    int worker;
    size_t index;
    struct foray_slice slice;
    bool failed;
    bool saw_end;             /* asked foray_task_cancelled, and was told yes */
    struct foray_error error; /* when failed */
    struct foray_array full[FORAY__MAX_ARGS];  /* as the caller passed them */
    struct foray_array views[FORAY__MAX_ARGS]; /* this task's slices */
};

/* Ready a task struct for a run; `full` is filled by the caller before. */
void foray__task_prepare(struct foray_task *task);

/* Run task `index`. Returns 0, or a code with task->error filled: the failed
 * rows of its outputs are blank then. */
int foray__task_run(struct foray_task *task, size_t index);

/* Set task `index`'s slices of all `out` arrays to NaN (floats) or 0. */
void foray__task_blank(struct foray_task *task, size_t index);

#endif
