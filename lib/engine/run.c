#include "engine/run.h"

#include <string.h>

#include "base/error.h"
#include "engine/flow.h"
#include "engine/pool_body.h"
#include "storage/segment.h"

void foray__run_order(struct foray__order *out, const struct foray__run *run)
{
    out->fn = run->fn;
    out->grid = run->grid;
    out->access = run->access;
    out->filed = run->filed;
    out->n_workers = run->n_workers;
    out->params_size = run->params_size;
    out->calls = false;
    out->retries = run->retries;
    out->timeout = run->timeout;
    out->guard = run->guard;
    out->partials = run->partials;
    out->marked = run->marked;
    out->stop = run->course.on_error == FORAY_STOP;
    foray__ambient_take(&out->ambient);
    memcpy(out->first, run->first, sizeof out->first);
}

enum foray_status foray__run_status(const struct foray_error *error,
                                    bool ending)
{
    return ending && error->code == FORAY_ECANCELED ? FORAY_TASK_CANCELLED
                                                    : FORAY_TASK_FAILED;
}

void foray__run_record(struct foray__run *run, const struct foray_error *error,
                       enum foray_status status)
{
    size_t task = (size_t)error->task;
    struct foray_error told = *error;

    foray__course_fail(&run->course, &told, status);
    if (run->status && task < run->n_tasks)
        run->status[task] = (uint8_t)status;
    if (run->failed)
        run->failed(&told, run->failed_arg);
}

static const uint8_t *marks_of(const struct foray__run *run)
{
    return run->args[run->first[FORAY__ROLES] - 1]->data;
}

bool foray__run_is_done(const struct foray__run *run, uint64_t task)
{
    return run->marked && task < run->n_tasks &&
           __atomic_load_n(marks_of(run) + task, __ATOMIC_ACQUIRE);
}

/* Bytes that are not 0, of which each is 3 at most. */
static size_t count_marks(const uint8_t *marks, size_t n)
{
    const uint64_t ones = 0x0101010101010101;
    size_t count = 0, i = 0;

    for (; i + sizeof ones <= n; i += sizeof ones) {
        const uint64_t *eight = (const void *)(marks + i); /* a page's start */
        uint64_t marked = __atomic_load_n(eight, __ATOMIC_RELAXED);

        count += ((marked | marked >> 1) & ones) * ones >> 56;
    }
    for (; i < n; i++)
        count += __atomic_load_n(marks + i, __ATOMIC_RELAXED) != 0;
    return count;
}

void foray__run_progress(struct foray_pool *pool, struct foray__run *run,
                         size_t n_settled, bool at_once)
{
    const struct foray__course *course = &run->course;

    if (run->marked && foray__course_tells(pool, course, at_once))
        n_settled = count_marks(marks_of(run), run->n_tasks) + course->n_failed;
    foray__course_progress(pool, &run->course, n_settled, run->n_tasks,
                           at_once);
}

/* Hold the arrays' segments open. */
static void pin(const struct foray__run *run, int by)
{
    for (int k = 0; k < run->first[FORAY__ROLES]; k++)
        if (run->args[k]->segment)
            atomic_fetch_add(&run->args[k]->segment->users, by);
}

int foray__run_execute(struct foray_pool *pool, struct foray__run *run,
                       struct foray_report *report, struct foray_error *err)
{
    struct foray__course *course = &run->course;
    int code;

    FORAY_TRY(foray__pool_take(pool, err));
    run->n_workers = pool->n_jobs;
    run->retries = pool->config.retries;
    run->timeout = pool->config.timeout;
    run->guard = pool->config.guard;
    foray__course_begin(&run->course,
                        run->on_error ? run->on_error : pool->config.on_error);
    run->course.n_before = run->n_before;
    run->course.tick = run->tick;
    run->course.tick_arg = run->tick_arg;
    run->n_settled = 0;
    if (run->status)
        memset(run->status, FORAY_TASK_NOT_RUN, run->n_tasks);
    pin(run, 1);
    foray__flow_plan(run, pool->config.memory);
    code = pool->backend->run(pool, run, err);
    foray__course_tick(course, true);
    if (!code) {
        foray__run_progress(pool, run, run->n_settled, true);
        foray__course_heed(course, pool);
        code = foray__course_verdict(course, run->n_settled, run->n_tasks,
                                     "tasks", err);
    }
    pin(run, -1);
    if (report)
        foray__course_report(report, pool, course, run->n_tasks,
                             run->n_tasks - run->n_settled);
    foray__pool_leave(pool, course->cancelled);
    return code;
}
