/* A run as the parent sees it: what was asked for, and what became of it. The
 * room of compute fills the first half, a backend carries it out. */
#ifndef FORAY_ENGINE_RUN_H
#define FORAY_ENGINE_RUN_H

#include <foray/map.h>

#include "engine/course.h"
#include "engine/shared.h"

struct foray__run {
    /* What to do. */
    foray_task_fn fn;
    size_t n_tasks;
    const struct foray_array *args[FORAY__MAX_ARGS]; /* each in a segment, but
                                                        for serial */
    int first[FORAY__ROLES + 1];                     /* arguments of role r */
    struct foray__grid grid;
    enum foray_access access; /* as flow.h has decided */
    uint32_t filed;
    int n_workers; /* the pool's */
    const void *params;
    size_t params_size;
    enum foray_on_error on_error; /* DEFAULT: the pool's */
    bool guard;                   /* by the pool; see guard.h */
    int retries;                  /* the pool's, as is the timeout */
    double timeout;
    bool partials;   /* see foray__order */
    bool marked;     /* likewise; the marks are the last of `args` */
    size_t n_before; /* tasks that are marked from the start */
    uint8_t *status; /* n_tasks, or NULL */
    foray_failed_fn failed;
    void *failed_arg;
    foray__tick_fn tick; /* NULL: none */
    void *tick_arg;

    /* What became of it. */
    struct foray__course course;
    size_t n_settled; /* run, failed or killed */
};

/* What all tasks have in common, but for where their function and their arrays
 * are. */
void foray__run_order(struct foray__order *out, const struct foray__run *run);

/* What became of a task that ended with `error`: cancelled if it gave up
 * because it saw that the run was to end. */
enum foray_status foray__run_status(const struct foray_error *error,
                                    bool ending);

/* Record that a task failed, exactly once per task: status, the course, the
 * caller's callback. */
void foray__run_record(struct foray__run *run, const struct foray_error *error,
                       enum foray_status status);

/* Whether a task of a run whose tasks are marked is done. */
bool foray__run_is_done(const struct foray__run *run, uint64_t task);

struct foray_pool;

/* Tell of progress if it is time, or at once, with so many tasks settled: those
 * of an earlier run count from the start where tasks are marked. */
void foray__run_progress(struct foray_pool *pool, struct foray__run *run,
                         size_t n_settled, bool at_once);

/* Carry out a run on a pool: checks, backend, report (may be NULL). */
int foray__run_execute(struct foray_pool *pool, struct foray__run *run,
                       struct foray_report *report, struct foray_error *err);

#endif
