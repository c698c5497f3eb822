#include "engine/run.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/process.h"
#include "engine/only_task.h"
#include "engine/pool_body.h"
#include "storage/segment.h"

void foray__run_order(struct foray__order *out, const struct foray__run *run)
{
    out->fn = run->fn;
    out->axis = run->axis;
    out->chunk = run->chunk;
    out->n_rows = run->n_rows;
    out->params_size = run->params_size;
    out->calls = false;
    out->retries = run->retries;
    out->timeout = run->timeout;
    out->guard = run->guard;
    out->restore = run->restore;
    out->stop = run->on_error == FORAY_STOP;
    memcpy(out->first, run->first, sizeof out->first);
}

void foray__run_begin(struct foray__run *run)
{
    run->n_failed = run->n_crashed = run->n_timed_out = 0;
    run->n_retried = run->n_settled = 0;
    run->n_replaced = 0;
    run->stopping = run->cancelled = false;
    run->first_error.task = -1;
    run->first_error.code = 0;
    run->start_time = run->progress_time = foray__now();
    if (run->status)
        memset(run->status, FORAY_TASK_NOT_RUN, run->n_tasks);
}

void foray__run_stop(struct foray__run *run)
{
    if (run->stopping)
        return;
    run->stopping = true;
    run->stop_time = foray__now();
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

    if (status != FORAY_TASK_CANCELLED)
        foray__only_task_hint(&told);
    run->n_failed++;
    run->n_crashed += status == FORAY_TASK_CRASHED;
    run->n_timed_out += status == FORAY_TASK_TIMEOUT;
    if (run->status && task < run->n_tasks)
        run->status[task] = (uint8_t)status;
    if (status != FORAY_TASK_CANCELLED &&
        (run->first_error.task < 0 || error->task < run->first_error.task))
        run->first_error = told;
    if (run->failed)
        run->failed(&told, run->failed_arg);
    if (run->on_error == FORAY_STOP)
        foray__run_stop(run);
}

int foray__run_verdict(const struct foray__run *run, struct foray_error *err)
{
    if (run->on_error == FORAY_STOP && run->first_error.task >= 0) {
        if (err)
            *err = run->first_error;
        return run->first_error.code;
    }
    if (run->cancelled)
        return foray__fail(err, FORAY_ECANCELED,
                           "the run was cancelled after %zu of %zu tasks",
                           run->n_settled, run->n_tasks);
    return 0;
}

void foray__run_progress(struct foray_pool *pool, struct foray__run *run,
                         size_t completed, bool at_once)
{
    struct foray_progress progress;
    double now;

    if (!pool->config.progress)
        return;
    now = foray__now();
    if (!at_once && now - run->progress_time < pool->config.progress_interval)
        return;
    run->progress_time = now;
    progress.total = run->n_tasks;
    progress.completed = completed;
    progress.failed = run->n_failed;
    progress.seconds = now - run->start_time;
    progress.rate =
        progress.seconds > 0 ? (double)completed / progress.seconds : 0;
    progress.remaining =
        progress.rate > 0 ? (double)(run->n_tasks - completed) / progress.rate
                          : -1;
    pool->config.progress(&progress, pool->config.progress_arg);
}

static void fill_report(const struct foray_pool *pool,
                        const struct foray__run *run,
                        struct foray_report *report)
{
    memset(report, 0, sizeof *report);
    report->tasks = run->n_tasks;
    report->failed = run->n_failed;
    report->crashed = run->n_crashed;
    report->timed_out = run->n_timed_out;
    report->retried = run->n_retried;
    report->ok = run->n_settled - run->n_failed;
    report->not_run = run->n_tasks - run->n_settled;
    report->workers = pool->n_jobs;
    report->replaced = run->n_replaced;
    report->seconds = foray__now() - run->start_time;
    report->peak_bytes = pool->backend->peak_bytes(pool);
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
    int code;

    FORAY_TRY(foray__check_process(pool->pid, "the pool", err));
    if (atomic_exchange(&pool->busy, true))
        return foray__fail(err, FORAY_EBUSY,
                           "the pool serves another run at the moment: wait "
                           "for it, or open a second pool");
    if (run->on_error == FORAY_ON_ERROR_DEFAULT)
        run->on_error = pool->config.on_error;
    run->retries = pool->config.retries;
    run->timeout = pool->config.timeout;
    run->guard = pool->config.guard;
    foray__run_begin(run);
    pin(run, 1);
    code = pool->backend->run(pool, run, err);
    if (!code) {
        foray__run_progress(pool, run, run->n_settled, true);
        run->cancelled |= atomic_load(&pool->cancel);
        code = foray__run_verdict(run, err);
    }
    pin(run, -1);
    if (report)
        fill_report(pool, run, report);
    if (run->cancelled) /* a request that comes from here on is for the next */
        atomic_store(&pool->cancel, false);
    atomic_store(&pool->busy, false);
    return code;
}
