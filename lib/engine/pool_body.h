/* The inside of struct foray_pool. */
#ifndef FORAY_ENGINE_POOL_BODY_H
#define FORAY_ENGINE_POOL_BODY_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include <foray/array.h>
#include <foray/pool.h>

#include "engine/backend.h"
#include "engine/futures.h"
#include "engine/nesting.h"

struct foray_pool {
    pid_t pid; /* the process that opened it */
    const struct foray__backend *backend;
    struct foray_config config; /* strings and lists are copies of ours */
    int n_jobs, inner_threads;
    int n_cpus;                     /* usable ones when it was opened */
    struct foray__nesting nesting;  /* of its tasks */
    int64_t only_task;              /* runs only this one; only_task.h */
    bool inherits;                  /* its workers have the caller's private
                                       arrays: they were forked for this run */
    atomic_bool busy;               /* a run is on */
    atomic_bool cancel;             /* asked for */
    struct foray__futures *futures; /* calls submitted one by one, or NULL */
    void *state;                    /* the backend's */
    void *worker_state;             /* init's, where it ran in the caller */
};

/* Take the pool for a run, and leave it; `cancelled`: its request is served,
 * and one that comes from here on is for the next. Errors: FORAY_EFORK,
 * FORAY_EBUSY. */
int foray__pool_take(struct foray_pool *pool, struct foray_error *err);
void foray__pool_leave(struct foray_pool *pool, bool cancelled);

/* How calls see private arrays. */
enum foray_mode foray__pool_mmap_mode(const struct foray_pool *pool);

/* A run begins on a backend that cannot end a task: say so if a timeout is
 * set. */
void foray__pool_warn_timeout(const struct foray_pool *pool);

/* One sentence for the host's log callback. */
void foray__pool_log(const struct foray_pool *pool, const char *fmt, ...)
    FORAY_PRINTF(2, 3);

#endif
