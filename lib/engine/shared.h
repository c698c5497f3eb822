/* The memory that a pool shares with its workers: one mapping. Those of a
 * zygote have it at another address: no pointer in it is followed there, but
 * that of a function that lies in the same place in all of them. */
#ifndef FORAY_ENGINE_SHARED_H
#define FORAY_ENGINE_SHARED_H

#include <stdatomic.h>
#include <stdint.h>

#include <foray/map.h>
#include <foray/task.h>

#include "engine/ambient.h"
#include "engine/budget.h"
#include "engine/claims.h"
#include "engine/descriptor.h"
#include "engine/function.h"
#include "engine/grid.h"
#include "engine/life.h"
#include "engine/records.h"
#include "engine/wait.h"

enum {
    FORAY__MAX_SLOTS = 4096,
    FORAY__MAX_PARAMS = 1 << 20,
    FORAY__ROLES = 4,
    FORAY__MAX_ARGS = FORAY__ROLES * FORAY_MAX_ARRAYS
};

_Static_assert(FORAY__MAX_HOLDERS == (int)FORAY__MAX_SLOTS,
               "a place in the budget for every slot");

/* What a task may do with an array of a run. */
enum foray__role { FORAY__IN, FORAY__INOUT, FORAY__OUT, FORAY__WHOLE };

/* What all tasks of a run have in common. The parent writes it while no word
 * is claimed; a worker reads it only while it owns a word. */
struct foray__order {
    foray_task_fn fn; /* its address in the parent */
    struct foray__function function;
    int first[FORAY__ROLES + 1]; /* arguments of role r: first[r]..first[r+1] */
    struct foray__grid grid;
    enum foray_access
        access;     /* to the arrays of `filed`, a bit each: they lie */
    int n_workers;  /* at most */
    uint32_t filed; /* in files on disks; none in a parcel */
    size_t params_size;
    bool guard;     /* stores outside of slices are errors: guard.h */
    bool capture;   /* what calls print */
    bool calls;     /* tasks are calls; fn and the arrays are theirs */
    bool stop;      /* at the first failure, by whoever sees it first */
    int retries;    /* of a task that failed */
    double timeout; /* seconds that one try of a task may take; 0: any */
    bool partials;  /* the last of `whole` has a row for each task, made by
                       foray_reduce, and one more: what each begins with */
    bool marked;    /* the last of `whole` has a byte for each task: 0 until it
                       is done; what is done already does not run */
    struct foray__ambient ambient;
    struct foray__descriptor args[FORAY__MAX_ARGS]; /* the last: parcels have
                                                       those only that are */
};

/* Why a worker died, in its own words; complete once `kind` is set, but for
 * frames and thrown, of which there may be none. */
enum foray__cause_kind {
    FORAY__CAUSE_NONE,
    FORAY__CAUSE_SIGNAL,
    FORAY__CAUSE_EXIT,
    FORAY__CAUSE_TIMEOUT,
    FORAY__CAUSE_MEMORY, /* the kernel took it for lack of memory */
    FORAY__CAUSE_INIT    /* it could not begin */
};
struct foray__cause {
    _Atomic int kind;
    int signal, exit_status;
    uint64_t address; /* of the fault, 0 if it has none */
    int arg;          /* of the order, or of the call, that it lies in, or -1 */
    int64_t offset;   /* bytes from that argument's first element */
    double seconds;   /* the timeout that it missed */
    struct foray_frames frames;
    char thrown[160]; /* the C++ exception that ended in abort, or "" */
};

/* One worker's, each in cache lines of its own. */
struct foray__slot {
    _Alignas(64) _Atomic uint64_t current; /* task about to run or running */
    _Atomic uint64_t n_done; /* tasks run, over all runs and incarnations */
    _Atomic uint64_t
        n_again;           /* tries of tasks that had failed here, likewise */
    _Atomic uint32_t sent; /* messages in its channel, by the parent */
    _Atomic uint32_t received; /* of these, taken by the worker */
    _Atomic uint32_t admitted; /* 1: told of the run's arrays, may claim */
    _Atomic uint32_t tries;    /* of `current`, this one included */
    _Atomic uint64_t deadline; /* of this try, CLOCK_MONOTONIC ns; 0: none */
    _Atomic uint32_t stage;    /* enum foray__stage */
    _Atomic uint32_t asleep;   /* not 0: one of the doorbell's sleepers */
    _Atomic uint64_t peak_resident; /* of workers here, as far as the kernel
                                       does not know it any more */
    _Alignas(64) struct foray__cause cause;
    struct foray_error init_error; /* why it could not begin, with that cause */
    struct foray__records records;
};

/* How many CPUs a pool divides among how many workers; see share.h. n_cpus 0:
 * none has more than its share. */
struct foray__division {
    int n_cpus, n_workers;
};

struct foray__shared {
    _Alignas(64) struct foray__doorbell doorbell; /* the workers' */
    _Alignas(64) _Atomic uint32_t parent_sleeps;  /* wants its alarm */
    _Atomic uint32_t cancelled; /* generation of the run that is to end */
    _Atomic uint32_t returned;  /* batches that workers gave back unfinished */
    struct foray__division division;
    struct foray__life life;
    struct foray__order order;
    struct foray__claims claims;
    _Alignas(64) struct foray__budget budget;
    /* Bytes from the begin of this struct: calls, laid out by the parent (see
     * heap.h). Workers may only read there, and from readonly_offset on, where
     * their life's params are. */
    size_t readonly_offset, heap_offset, heap_size;
    char folder[FORAY__FOLDER_SIZE]; /* of arrays that calls return; "": as
                                        always */
    _Alignas(64) char params[FORAY__MAX_PARAMS];
    struct foray__slot slots[];
};

#endif
