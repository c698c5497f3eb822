/* How a worker's life begins and ends: what it does before its first task, when
 * it makes room for another, and what it does last. */
#ifndef FORAY_ENGINE_LIFE_H
#define FORAY_ENGINE_LIFE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/pool.h>

#include "engine/function.h"
#include "engine/modules.h"

/* Where a worker is in its life, as its slot says. */
enum foray__stage {
    FORAY__STAGE_BORN,
    FORAY__STAGE_INIT,    /* in the user's init */
    FORAY__STAGE_SERVING, /* runs tasks, and waits for them */
    FORAY__STAGE_LEAVING, /* claims no more; in the user's fini */
    FORAY__STAGE_RETIRED  /* exits now */
};

/* The same for all workers of a pool, in its shared memory; the parent writes
 * it before it makes the first. */
struct foray__life {
    foray_worker_init_fn init; /* their addresses in the parent */
    foray_worker_fini_fn fini;
    struct foray__function init_at, fini_at;
    size_t params_offset, params_size; /* from the begin of the shared memory */
    size_t cpus_offset; /* n_cpus numbers (int32_t), in the order of use */
    int n_cpus;         /* 0: workers are not bound */
    double idle_timeout, grace;
    size_t max_tasks, max_rss; /* SIZE_MAX: no limit */
    _Atomic uint32_t closing;  /* 1: all are to leave */
};

struct foray__shared;
struct foray__worker;

/* Bytes of shared memory that the lives of a pool's workers need: params, and
 * the CPUs they are bound to. */
size_t foray__life_size(const struct foray_pool *pool);

/* Call a user's init: 0, or its code with `err` as it is to be reported. */
int foray__life_init(const struct foray_config *config, int worker,
                     void **state, struct foray_error *err);

/* A worker's own. */
struct foray__living {
    const struct foray__worker *worker;
    void *state;        /* init's */
    size_t n_tasks;     /* that it may still run */
    double active;      /* when it last had work */
    uint32_t looked_at; /* the last run in which it found no more work */
    double next_glance, next_measure; /* of its memory */
    size_t anonymous_limit;           /* from here on a measure may find more */
};

/* Bind and init. Does not return when that fails: the slot says why. */
void foray__life_begin(struct foray__living *living,
                       const struct foray__worker *worker);

/* A task is done: whether the worker is to leave now. */
bool foray__life_is_over(struct foray__living *living);

/* It has just run tasks. */
void foray__life_worked(struct foray__living *living);

/* Seconds from now until the worker has waited too long; INFINITY: never. */
double foray__life_patience(const struct foray__living *living);

/* Fini, if there is one, and exit. */
_Noreturn void foray__life_end(struct foray__living *living);

#endif
