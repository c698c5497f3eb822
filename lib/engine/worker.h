/* Claiming and running tasks: what a worker process does from fork to _exit,
 * a worker thread from its start to its end, and a caller that works too
 * between two looks at the others. */
#ifndef FORAY_ENGINE_WORKER_H
#define FORAY_ENGINE_WORKER_H

#include "engine/attachments.h"
#include "engine/flow.h"
#include "engine/mailbag.h"
#include "engine/nesting.h"
#include "engine/purse.h"
#include "engine/shared.h"
#include "engine/task_body.h"

/* All a worker needs to know. */
struct foray__worker {
    struct foray__shared *shared;
    struct foray__owner owner;
    int channel, lifeline, alarm;  /* its ends; a thread has the last only */
    int spins;                     /* before it sleeps; 0: never spin */
    int inner_threads;             /* of BLAS and OpenMP, also those that come
                                      with a task's library */
    struct foray__nesting nesting; /* of its tasks */
};

struct foray__labor;

/* What processes and threads do each in their way. */
struct foray__labor_ops {
    /* Learn of segments to map and to let go: before every claim. */
    void (*catch_up)(struct foray__labor *labor);
    /* Argument k of the order into task.full[k]; 0, or a code with setup_error
     * filled. */
    int (*open_argument)(struct foray__labor *labor, int k);
    /* Hand what is in the mailbag to the parent. */
    void (*hand_over)(struct foray__labor *labor);
    /* After each task; may set `leaving`. NULL: nothing to do. */
    void (*between)(struct foray__labor *labor);
    /* The ring is full, and this thread is the one that empties it. NULL: the
     * parent is another. */
    void (*collect)(struct foray__labor *labor);
    /* A claim is run, and about to be marked. */
    void (*rest)(struct foray__labor *labor);
    /* A task that takes too long may take the process with it. */
    bool may_kill;
    /* Standard output and error are this worker's own, and so is the address
     * space. */
    bool may_capture;
};

/* A worker at work. Large: never on a stack. */
struct foray__labor {
    const struct foray__worker *worker;
    const struct foray__labor_ops *ops;
    struct foray__shared *shared;
    struct foray__slot *slot;
    struct foray__attachments attachments;
    struct foray__mailbag mailbag;
    struct foray__office office;
    struct foray__purse purse;
    struct foray__flow flow;
    uint32_t prepared; /* generation that `task` is ready for */
    bool resets;       /* some argument is mode c */
    int setup_code;    /* not 0: every task of the run fails like this */
    struct foray_error setup_error;
    bool leaving;              /* makes room for another: no more tasks */
    double told;               /* when the parent was last woken */
    double claimed;            /* when the present claim began */
    double now;                /* when the last call ended */
    struct foray__level level; /* the run's ambient, while tasks run */
    struct foray_task task;
};

/* Begin, zeroed before. `base` is the office's: where an argument of a call
 * lies; its arg is the labor. */
void foray__labor_init(struct foray__labor *labor,
                       const struct foray__worker *worker,
                       const struct foray__labor_ops *ops,
                       const void *(*base)(const struct foray__packet_array *,
                                           void *));

/* Claim a word of run `generation`, and run it. False: there is none, or its
 * memory is not there yet (purse.waits). */
bool foray__labor_step(struct foray__labor *labor, uint32_t generation);

/* Wake the parent if it sleeps. */
void foray__labor_notify(struct foray__labor *labor);

/* Wait for runs and serve them, until the parent ends. The process is clean
 * (hygiene.h) and capped already. */
_Noreturn void foray__worker_main(const struct foray__worker *worker);

/* A function's address here, if its library was loaded by the parent only. The
 * library may bring thread pools of its own, which are capped. */
int foray__worker_find(foray_task_fn *out,
                       const struct foray__function *function,
                       struct foray_error *err);

#endif
