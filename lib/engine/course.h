/* The course of a run, of tasks or of calls: what failed so far, whether it is
 * to end, and what that comes to. */
#ifndef FORAY_ENGINE_COURSE_H
#define FORAY_ENGINE_COURSE_H

#include <foray/map.h>

struct foray_pool;

/* Called about once a second while a run goes on, and when it has ended, in the
 * thread that runs it. What it fails with ends the run. */
typedef int (*foray__tick_fn)(void *arg, struct foray_error *err);

struct foray__course {
    enum foray_on_error on_error;            /* never DEFAULT */
    size_t n_failed, n_crashed, n_timed_out; /* failed is all of them */
    size_t n_retried;                        /* tries beyond a task's first */
    int n_replaced;                          /* workers */
    bool stopping;                           /* no new tasks */
    bool cancelled;                          /* by foray_pool_cancel */
    size_t n_before;                         /* tasks done by an earlier run */
    double stop_time;                        /* when `stopping` began */
    struct foray_error first_error; /* of the lowest failed index, task -1:
                                       none */
    double start_time, progress_time;
    foray__tick_fn tick; /* NULL: none */
    void *tick_arg;
    double tick_time, tick_wait;   /* the last, and how long until the next */
    struct foray_error tick_error; /* code 0: none */
};

/* Begin now, with nothing behind. */
void foray__course_begin(struct foray__course *course,
                         enum foray_on_error on_error);

/* No new tasks from now on. */
void foray__course_stop(struct foray__course *course);

/* See whether the host wants the pool's run to end. */
void foray__course_heed(struct foray__course *course,
                        const struct foray_pool *pool);

/* A task failed, and this is what became of it: counts it, tells in `error` how
 * it is run alone, and stops if the policy says so. */
void foray__course_fail(struct foray__course *course, struct foray_error *error,
                        enum foray_status status);

/* The code it ends with after so many of `n` `things`, err filled when it is
 * not 0. */
int foray__course_verdict(const struct foray__course *course, size_t n_settled,
                          size_t n, const char *things,
                          struct foray_error *err);

/* Tick if it is time, or at once. */
void foray__course_tick(struct foray__course *course, bool at_once);

/* Whether there is somebody to tell of progress, and it is time, or at once. */
bool foray__course_tells(const struct foray_pool *pool,
                         const struct foray__course *course, bool at_once);

/* Tick, and tell the progress callback, if it is time, or at once. */
void foray__course_progress(struct foray_pool *pool,
                            struct foray__course *course, size_t completed,
                            size_t total, bool at_once);

/* The report of n tasks, of which some did not run. */
void foray__course_report(struct foray_report *out,
                          const struct foray_pool *pool,
                          const struct foray__course *course, size_t n,
                          size_t n_not_run);

#endif
