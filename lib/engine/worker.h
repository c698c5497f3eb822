/* The life of a worker process, from fork to _exit. */
#ifndef FORAY_ENGINE_WORKER_H
#define FORAY_ENGINE_WORKER_H

#include "engine/shared.h"

/* All a worker needs to know. */
struct foray__worker {
    struct foray__shared *shared;
    struct foray__owner owner;
    int channel, lifeline, alarm; /* its ends */
    int spins;                    /* before it sleeps; 0: never spin */
    int inner_threads;            /* of BLAS and OpenMP, also those that come
                                     with a task's library */
};

/* Wait for runs and serve them, until the parent ends. The process is clean
 * (hygiene.h) and capped already. */
_Noreturn void foray__worker_main(const struct foray__worker *worker);

#endif
