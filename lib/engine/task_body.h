/* The inside of struct foray_task, and its way through one task. */
#ifndef FORAY_ENGINE_TASK_BODY_H
#define FORAY_ENGINE_TASK_BODY_H

#include <foray/call.h>

#include "engine/packet_write.h"
#include "engine/shared.h"

/* What the process that runs a call does for it. */
struct foray__office {
    /* Where the segment that an argument lies in is mapped; NULL if it cannot
     * be. */
    const void *(*base)(const struct foray__packet_array *from, void *arg);
    struct foray__placer placer; /* of what the call returns */
    void *arg;
};

struct foray__purse;

struct foray_task {
    const struct foray__order *order;
    foray_task_fn fn; /* the order's, at its address in this process */
    const void *params;
    void *state;                /* of the worker: its init's */
    struct foray__purse *purse; /* what it reserves of the budget; NULL: its
                                   backend has none */
    const struct foray__office *office;
    const struct foray__packet *call; /* its arguments; NULL: no call */
    uint32_t opened; /* a bit for each array argument in `views` */
    void
        *copies[FORAY_MAX_ARGUMENTS]; /* of mode c arguments that came inline */
    struct foray__bytes returned;     /* a packet, if `has_returned` */
    bool has_returned;
    int attempt;
    const _Atomic uint32_t *cancelled; /* == generation: the run is to end */
    uint32_t generation;
    int worker;
    int n_threads; /* that its runtimes may have, 0: as share.h says */
    size_t index;
    size_t first;             /* the task whose partial result is the first */
    struct foray__area area;  /* what `full` begins with: its first rows */
    struct foray__area block; /* this task's; of a call: [index, index + 1) */
    bool failed;
    bool saw_end;             /* asked foray_task_cancelled, and was told yes */
    struct foray_error error; /* when failed */
    struct foray_array full[FORAY__MAX_ARGS];  /* as the caller passed them */
    struct foray_array views[FORAY__MAX_ARGS]; /* this task's slices */
};

/* Ready a task struct for a run; `full` is filled by the caller before. */
void foray__task_prepare(struct foray_task *task);

/* Cut task `index`'s block of every array that is cut. */
void foray__task_cut(struct foray_task *task, size_t index);

/* Run task `index`. Returns 0, or a code with task->error filled: the failed
 * rows of its outputs are blank then. */
int foray__task_run(struct foray_task *task, size_t index);

/* Whether a task of a run whose tasks are marked needs not run, for it is done;
 * the one that ran is, all that it wrote is there. */
bool foray__task_is_done(const struct foray_task *task, size_t index);
void foray__task_mark(const struct foray_task *task);

/* Run call number `index`: `fn` with the arguments in the packet. Returns 0
 * with what it returned in task->returned (none: has_returned is false), or a
 * code with task->error filled. */
int foray__call_run(struct foray_task *task, size_t index, foray_task_fn fn,
                    const struct foray__packet *packet);

/* The packet of what the call that ran last returned. */
const struct foray__packet *foray__call_returned(const struct foray_task *task);

/* What became of a function that returned `code`: 0, or task->error's. */
int foray__task_verdict(struct foray_task *task, int code);

/* Its partial result of foray_reduce; NULL if the run is none. */
void *foray__task_partial(const struct foray_task *task);

/* Before task `index` is tried again: its outputs are blank, what else a try
 * before may have left is as it was. */
void foray__task_restore(struct foray_task *task, size_t index);

/* Whether a task that ended with `code` is to be tried once more. */
bool foray__task_tries_again(const struct foray_task *task, int code,
                             int retries);

/* Set task `index`'s slices of all `out` arrays to NaN (floats) or 0. */
void foray__task_blank(struct foray_task *task, size_t index);

#endif
