#include "engine/course.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/longest.h"
#include "engine/only_task.h"
#include "engine/pool_body.h"

/* Seconds before the first tick, and between two in the end: short runs have
 * some, too. */
static const double first_tick = 0.1, last_tick = 1;

void foray__course_begin(struct foray__course *course,
                         enum foray_on_error on_error)
{
    memset(course, 0, sizeof *course);
    course->on_error = on_error;
    course->first_error.task = -1;
    course->start_time = course->progress_time = foray__now();
    course->tick_time = course->start_time;
    course->tick_wait = first_tick;
}

void foray__course_stop(struct foray__course *course)
{
    if (course->stopping)
        return;
    course->stopping = true;
    course->stop_time = foray__now();
}

void foray__course_heed(struct foray__course *course,
                        const struct foray_pool *pool)
{
    if (!atomic_load(&pool->cancel))
        return;
    course->cancelled = true;
    foray__course_stop(course);
}

void foray__course_fail(struct foray__course *course, struct foray_error *error,
                        enum foray_status status)
{
    course->n_failed++;
    course->n_crashed += status == FORAY_TASK_CRASHED;
    course->n_timed_out += status == FORAY_TASK_TIMEOUT;
    if (status == FORAY_TASK_CANCELLED) /* it is ending already */
        return;
    foray__only_task_hint(error);
    if (course->first_error.task < 0 || error->task < course->first_error.task)
        course->first_error = *error;
    if (course->on_error == FORAY_STOP)
        foray__course_stop(course);
}

int foray__course_verdict(const struct foray__course *course, size_t n_settled,
                          size_t n, const char *things, struct foray_error *err)
{
    if (course->tick_error.code) {
        if (err)
            *err = course->tick_error;
        return course->tick_error.code;
    }
    if (course->on_error == FORAY_STOP && course->first_error.task >= 0) {
        if (err)
            *err = course->first_error;
        return course->first_error.code;
    }
    if (course->cancelled)
        return foray__fail(err, FORAY_ECANCELED,
                           "the run was cancelled after %zu of %zu %s",
                           n_settled, n, things);
    return 0;
}

void foray__course_tick(struct foray__course *course, bool at_once)
{
    if (!course->tick || course->tick_error.code ||
        (!at_once && foray__now() - course->tick_time < course->tick_wait))
        return;
    if (course->tick(course->tick_arg, &course->tick_error))
        foray__course_stop(course);
    course->tick_time = foray__now();
    course->tick_wait = fmin(2 * course->tick_wait, last_tick);
}

bool foray__course_tells(const struct foray_pool *pool,
                         const struct foray__course *course, bool at_once)
{
    return pool->config.progress &&
           (at_once || foray__now() - course->progress_time >=
                           pool->config.progress_interval);
}

/* Tasks a second, and how long what is left takes. */
static void estimate(struct foray_progress *progress, size_t n_before)
{
    size_t n =
        progress->completed > n_before ? progress->completed - n_before : 0;
    size_t left = progress->total > progress->completed
                      ? progress->total - progress->completed
                      : 0;

    progress->rate = progress->seconds > 0 ? (double)n / progress->seconds : 0;
    progress->remaining =
        progress->rate > 0 ? (double)left / progress->rate : -1;
}

void foray__course_progress(struct foray_pool *pool,
                            struct foray__course *course, size_t completed,
                            size_t total, bool at_once)
{
    struct foray_progress progress;
    double now;

    foray__course_tick(course, false);
    if (!foray__course_tells(pool, course, at_once))
        return;
    now = foray__now();
    course->progress_time = now;
    progress.pool = pool;
    progress.total = total;
    progress.completed = completed;
    progress.failed = course->n_failed;
    progress.seconds = now - course->start_time;
    estimate(&progress, course->n_before);
    progress.slowest = -1;
    progress.slowest_seconds = 0;
    if (!at_once) /* then the run is over */
        foray__longest_look(&progress, pool, now);
    pool->config.progress(&progress, pool->config.progress_arg);
}

void foray__course_report(struct foray_report *out,
                          const struct foray_pool *pool,
                          const struct foray__course *course, size_t n,
                          size_t n_not_run)
{
    memset(out, 0, sizeof *out);
    out->tasks = n;
    out->failed = course->n_failed;
    out->crashed = course->n_crashed;
    out->timed_out = course->n_timed_out;
    out->retried = course->n_retried;
    out->not_run = n_not_run;
    out->ok = n - n_not_run - course->n_failed;
    out->workers = pool->n_jobs;
    out->replaced = course->n_replaced;
    out->seconds = foray__now() - course->start_time;
    out->peak_bytes = pool->backend->peak_bytes(pool);
}
