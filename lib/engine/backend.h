/* How workers come to be: one vtable a backend. */
#ifndef FORAY_ENGINE_BACKEND_H
#define FORAY_ENGINE_BACKEND_H

#include <foray/pool.h>

#include "engine/run.h"

struct foray__carrier; /* stream.h */
struct foray__crew;

struct foray__backend {
    const char *name;
    bool private_arrays; /* tasks run in the caller: its private memory will
                            do, nothing needs to be dumped */
    bool inherits; /* workers have what the caller had when they were made */
    bool shares_memory; /* tasks see all of the caller's memory, as it is */
    /* Start the workers of a pool whose settings are complete. */
    int (*open)(struct foray_pool *pool, struct foray_error *err);
    /* End them; the pool is not used any more. */
    void (*close)(struct foray_pool *pool);
    /* Carry out a run; returns when every task is settled or will not run.
     * 0, or a code when the run could not be carried out at all. */
    int (*run)(struct foray_pool *pool, struct foray__run *run,
               struct foray_error *err);
    /* Wake the thread in `run` to look at pool->cancel. Signal-safe. */
    void (*wake)(struct foray_pool *pool);
    /* The workers of a pool that has a crew; NULL where there is none, and
     * calls are carried out by `carrier`. */
    struct foray__crew *(*crew)(struct foray_pool *pool);
    const struct foray__carrier *carrier;
    /* Process id of the worker in a slot, 0 if none. */
    pid_t (*worker_pid)(const struct foray_pool *pool, int slot);
    /* Largest resident size of a worker so far, bytes. */
    size_t (*peak_bytes)(const struct foray_pool *pool);
};

extern const struct foray__backend foray__backend_serial;
extern const struct foray__backend foray__backend_fork;
extern const struct foray__backend foray__backend_forkserver;
extern const struct foray__backend foray__backend_threads;

/* By name; NULL when there is none. */
const struct foray__backend *foray__backend_find(const char *name);

/* "fork, forkserver, serial, threads" and those that are registered, for
 * messages; this thread's until the next call. */
const char *foray__backend_names(void);

#endif
