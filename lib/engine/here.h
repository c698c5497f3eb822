/* Tasks and calls in a process that has no worker around them: the caller's in
 * the backend "serial", whoever executes a parcel of a registered one. */
#ifndef FORAY_ENGINE_HERE_H
#define FORAY_ENGINE_HERE_H

#include "engine/attachments.h"
#include "engine/flow.h"
#include "engine/mailbag.h"
#include "engine/purse.h"
#include "engine/run.h"
#include "engine/task_body.h"

/* Large: never on a stack. Zeroed, then made ready by one of the first two
 * functions, or for what came in a parcel by parcel_tasks.c; the caller sets
 * the task's worker, state and how it is cancelled. */
struct foray__here {
    struct foray_task task;
    struct foray__order order;
    const struct foray__ambient *ambient; /* NULL: the order's */
    struct foray__level level;
    struct foray__flow flow;
    struct foray__purse purse;        /* the task's where its caller says so */
    struct foray__attachments copies; /* of mode c arguments */
    /* Of calls. */
    struct foray__office office;
    struct foray__mailbag bag; /* what a call returns */
    /* Of a run's tasks. */
    void *params;                            /* aligned, as they expect them */
    void (*reset)(struct foray__here *here); /* behind each try; or NULL */
    const void *parcel;                      /* for `reset` */
};

/* Ready to run calls, whose segments this process has. */
void foray__here_calls(struct foray__here *here);

/* Ready to run the tasks of a run of this process, whose arrays are where they
 * are. Errors: FORAY_ENOMEM, that an array of mode c cannot be mapped. */
int foray__here_tasks(struct foray__here *here, const struct foray__run *run,
                      struct foray_error *err);

/* Run a call, or a task, as try number task.attempt, and as often again as its
 * failures are retried. Its code; why it failed, or what it returned, is in the
 * task, and *seconds is what the last try took. */
int foray__here_call(struct foray__here *here, size_t index, foray_task_fn fn,
                     const struct foray__packet *packet, int retries,
                     double *seconds);
int foray__here_task(struct foray__here *here, size_t index, int retries);

/* Give back what it made. */
void foray__here_fini(struct foray__here *here);

#endif
