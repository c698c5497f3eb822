/* A run as the parent sees it: what was asked for, and what became of it. The
 * room of compute fills the first half, a backend carries it out. */
#ifndef FORAY_ENGINE_RUN_H
#define FORAY_ENGINE_RUN_H

#include <foray/map.h>

#include "engine/shared.h"

struct foray__run {
    /* What to do. */
    foray_task_fn fn;
    size_t n_tasks;
    const struct foray_array *args[FORAY__MAX_ARGS]; /* each in a segment, but
                                                        for serial */
    int first[FORAY__ROLES + 1];                     /* arguments of role r */
    int axis;
    size_t chunk, n_rows;
    const void *params;
    size_t params_size;
    enum foray_on_error on_error; /* never DEFAULT */
    bool guard;                   /* by the pool; see guard.h */
    int retries;                  /* the pool's, as is the timeout */
    double timeout;
    void (*restore)(struct foray_task *task); /* see foray__order */
    uint8_t *status;                          /* n_tasks, or NULL */
    foray_failed_fn failed;
    void *failed_arg;

    /* What became of it. */
    size_t n_failed, n_crashed, n_timed_out; /* recorded; failed is all */
    size_t n_retried;                        /* tries beyond a task's first */
    size_t n_settled;                        /* run, failed or killed */
    int n_replaced;
    bool stopping;                  /* no new tasks */
    bool cancelled;                 /* by foray_pool_cancel */
    double stop_time;               /* when `stopping` began */
    struct foray_error first_error; /* of the lowest failed index, task -1:
                                       none */
    double start_time, progress_time;
};

/* What all tasks have in common, but for the descriptors of their arrays. */
void foray__run_order(struct foray__order *out, const struct foray__run *run);

/* Begin: the second half empty, status NOT_RUN. */
void foray__run_begin(struct foray__run *run);

/* What became of a task that ended with `error`: cancelled if it gave up
 * because it saw that the run was to end. */
enum foray_status foray__run_status(const struct foray_error *error,
                                    bool ending);

/* Record that a task failed, exactly once per task: status, lowest error, the
 * caller's callback; begins to stop the run if its policy says so. */
void foray__run_record(struct foray__run *run, const struct foray_error *error,
                       enum foray_status status);

/* No new tasks from now on. */
void foray__run_stop(struct foray__run *run);

/* The code the run ends with, err filled when it is not 0. */
int foray__run_verdict(const struct foray__run *run, struct foray_error *err);

struct foray_pool;

/* Tell the progress callback if it is time, or at once. */
void foray__run_progress(struct foray_pool *pool, struct foray__run *run,
                         size_t completed, bool at_once);

/* Carry out a run on a pool: checks, backend, report (may be NULL). */
int foray__run_execute(struct foray_pool *pool, struct foray__run *run,
                       struct foray_report *report, struct foray_error *err);

#endif
