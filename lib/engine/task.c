#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "engine/blank.h"
#include "engine/purse.h"
#include "engine/share.h"
#include "engine/task_body.h"

static const char *const role_names[FORAY__ROLES] = {"in", "inout", "out",
                                                     "whole"};

void foray__task_prepare(struct foray_task *task)
{
    int n = task->order->first[FORAY__ROLES];

    memcpy(task->views, task->full, (size_t)n * sizeof task->views[0]);
    task->fn = task->order->fn;
    task->params = task->order->params_size ? task->params : NULL;
}

void foray__task_cut(struct foray_task *task, size_t index)
{
    const struct foray__order *order = task->order;

    task->index = index;
    foray__grid_block(&task->block, &order->grid, index);
    for (int k = 0; k < order->first[FORAY__WHOLE]; k++)
        foray__grid_view(&task->views[k], &task->full[k], &order->grid,
                         &task->block, &task->area,
                         k < order->first[FORAY__INOUT]);
}

void foray__task_blank(struct foray_task *task, size_t index)
{
    const struct foray__order *order = task->order;

    foray__task_cut(task, index);
    for (int k = order->first[FORAY__OUT]; k < order->first[FORAY__OUT + 1];
         k++)
        foray__blank(&task->views[k]);
}

/* The array of partial results. */
static const struct foray_array *partials_of(const struct foray_task *task)
{
    return &task->views[task->order->first[FORAY__ROLES] - 1];
}

void *foray__task_partial(const struct foray_task *task)
{
    const struct foray_array *partials = partials_of(task);

    return task->order->partials
               ? foray_row(partials, task->index - task->first)
               : NULL;
}

static void restore_partial(const struct foray_task *task)
{
    const struct foray_array *partials = partials_of(task);

    memcpy(foray__task_partial(task),
           foray_row(partials, partials->shape[0] - 1), partials->shape[1]);
}

void foray__task_restore(struct foray_task *task, size_t index)
{
    if (task->order->calls)
        return;
    foray__task_blank(task, index);
    if (task->order->partials)
        restore_partial(task);
}

/* The bytes of the tasks that are done. Another process reads them. */
static uint8_t *mark_of(const struct foray_task *task, size_t index)
{
    int k = task->order->first[FORAY__ROLES] - 1;

    return (uint8_t *)task->full[k].data + index;
}

bool foray__task_is_done(const struct foray_task *task, size_t index)
{
    return task->order->marked &&
           __atomic_load_n(mark_of(task, index), __ATOMIC_RELAXED);
}

void foray__task_mark(const struct foray_task *task)
{
    if (task->order->marked)
        __atomic_store_n(mark_of(task, task->index), 1, __ATOMIC_RELEASE);
}

static bool is_ending(const struct foray_task *task)
{
    return atomic_load_explicit(task->cancelled, memory_order_relaxed) ==
           task->generation;
}

bool foray__task_tries_again(const struct foray_task *task, int code,
                             int retries)
{
    return code && task->attempt <= retries && !is_ending(task);
}

int foray__task_verdict(struct foray_task *task, int code)
{
    if (!code && !task->failed)
        return 0;
    if (task->saw_end)
        foray__fail(&task->error, FORAY_ECANCELED,
                    "task %zu ended early: its run was to end", task->index);
    else if (!task->failed)
        foray__fail(&task->error, FORAY_ETASK,
                    "task %zu failed: its function "
                    "returned %d",
                    task->index, code);
    task->error.task = (int64_t)task->index;
    task->error.worker = task->worker;
    return task->error.code;
}

int foray__task_run(struct foray_task *task, size_t index)
{
    int code;

    foray__task_cut(task, index);
    task->call = NULL;
    task->failed = false;
    task->saw_end = false;
    code = foray__task_verdict(task, task->fn(task));
    if (task->purse)
        foray__purse_end_task(task->purse);
    if (code)
        foray__task_blank(task, index);
    return code;
}

size_t foray_task_index(const struct foray_task *task)
{
    return task->index;
}

struct foray_slice foray_task_slice(const struct foray_task *task)
{
    return task->block.rows[0];
}

struct foray_slice foray_task_block(const struct foray_task *task, int k)
{
    if (k < 0 || k >= task->order->grid.n_cuts)
        return (struct foray_slice){0, 0};
    return task->block.rows[k];
}

struct foray_halo foray_task_halo(const struct foray_task *task, int k)
{
    if (k < 0 || k >= task->order->grid.n_cuts)
        return (struct foray_halo){0, 0};
    return foray__cut_halo(&task->order->grid.cuts[k], task->block.rows[k]);
}

int foray_task_worker(const struct foray_task *task)
{
    return task->worker;
}

static const struct foray_array *argument(struct foray_task *task,
                                          enum foray__role role, int k)
{
    int first = task->order->first[role];
    int n = task->order->first[role + 1] - first;

    if (k >= 0 && k < n)
        return &task->views[first + k];
    foray_task_fail(task,
                    "the task asked for %s[%d], but the run has %d such "
                    "arrays: add it to the run's `%s`",
                    role_names[role], k, n, role_names[role]);
    return NULL;
}

const struct foray_array *foray_task_in(struct foray_task *task, int k)
{
    return argument(task, FORAY__IN, k);
}

const struct foray_array *foray_task_inout(struct foray_task *task, int k)
{
    return argument(task, FORAY__INOUT, k);
}

const struct foray_array *foray_task_out(struct foray_task *task, int k)
{
    return argument(task, FORAY__OUT, k);
}

const struct foray_array *foray_task_whole(struct foray_task *task, int k)
{
    return argument(task, FORAY__WHOLE, k);
}

const void *foray_task_params(const struct foray_task *task)
{
    return task->params;
}

void *foray_task_state(const struct foray_task *task)
{
    return task->state;
}

int foray_task_threads(struct foray_task *task)
{
    return task->n_threads ? task->n_threads : foray__share_adjust();
}

int foray_task_attempt(const struct foray_task *task)
{
    return task->attempt;
}

bool foray_task_cancelled(const struct foray_task *task)
{
    if (!is_ending(task))
        return false;
    ((struct foray_task *)(uintptr_t)task)->saw_end = true; /* ours, no const */
    return true;
}

int foray_task_fail(struct foray_task *task, const char *fmt, ...)
{
    char sentence[FORAY_ERROR_MSG_SIZE];
    va_list args;

    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    if (!task->failed) /* the first reason is the one to tell */
        foray__fail(&task->error, FORAY_ETASK, "%s", sentence);
    task->failed = true;
    return FORAY_ETASK;
}

int foray_task_raise(struct foray_task *task, const struct foray_error *err)
{
    if (!task->failed) {
        task->error = *err;
        if (!task->error.code)
            task->error.code = FORAY_ETASK;
    }
    task->failed = true;
    return task->error.code;
}
