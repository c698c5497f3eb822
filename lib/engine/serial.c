/* The serial backend: tasks in the caller's process, one after another. For
 * debuggers, and as the model the other backends are compared with. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/size.h"
#include "engine/attachments.h"
#include "engine/only_task.h"
#include "engine/pool_body.h"
#include "engine/serial.h"
#include "engine/stream_serial.h"
#include "engine/task_body.h"
#include "storage/segment.h"

/* What one run needs; too large for a stack. */
struct serial_run {
    struct foray_task task;
    struct foray__order order;
    struct foray__level level;
    struct foray__attachments copies; /* of mode c arguments */
    void *params;                     /* aligned, as tasks expect them */
};

/* The pool's: whether the run is cancelled, as the task struct compares it. */
struct serial_pool {
    _Atomic uint32_t cancelled;
};

static int serial_open(struct foray_pool *pool, struct foray_error *err)
{
    pool->state = calloc(1, sizeof(struct serial_pool));
    return pool->state ? 0
                       : foray__fail(err, FORAY_ENOMEM, "no memory for a pool");
}

static void serial_close(struct foray_pool *pool)
{
    free(pool->state);
}

/* From a signal handler or another thread: the task under way sees it. */
static void serial_wake(struct foray_pool *pool)
{
    struct serial_pool *state = pool->state;

    atomic_store(&state->cancelled, FORAY__SERIAL_CANCELLED);
}

const _Atomic uint32_t *foray__serial_ready(struct foray_pool *pool)
{
    struct serial_pool *state = pool->state;

    /* A request that came before is seen in pool->cancel. */
    atomic_store(&state->cancelled, FORAY__SERIAL_RUNS);
    return &state->cancelled;
}

static pid_t serial_worker_pid(const struct foray_pool *pool, int slot)
{
    (void)slot;
    return pool->pid;
}

static size_t serial_peak_bytes(const struct foray_pool *pool)
{
    (void)pool;
    return 0;
}

/* Mode c is private to a task in every backend: a mapping of our own, dropped
 * after each task. */
static int open_copy(struct serial_run *serial, int k,
                     const struct foray_array *array, struct foray_error *err)
{
    const struct foray_segment *segment = array->segment;
    const struct foray__attachment *item;
    struct foray__descriptor descriptor;

    if (foray__attachments_map(&serial->copies, segment->id, FORAY__ACCESS_COPY,
                               segment->fd, segment->length))
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    item = &serial->copies.items[serial->copies.n - 1];
    if (!item->base)
        return foray__fail_errno(err, item->sys_errno,
                                 "cannot map a segment of %zu bytes again",
                                 segment->length);
    foray__descriptor_make(&descriptor, array, 0);
    foray__descriptor_open(&serial->task.full[k], &descriptor, item->base);
    return 0;
}

static int copy_params(struct serial_run *serial, const struct foray__run *run,
                       struct foray_error *err)
{
    if (!run->params_size)
        return 0;
    serial->params = aligned_alloc(64, foray__round_up(run->params_size, 64));
    if (!serial->params)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    memcpy(serial->params, run->params, run->params_size);
    return 0;
}

static int prepare(struct serial_run *serial, const struct foray__run *run,
                   const struct foray_pool *pool, struct foray_error *err)
{
    const struct serial_pool *state = pool->state;
    struct foray__order *order = &serial->order;
    int n = run->first[FORAY__ROLES];

    foray__run_order(order, run);
    for (int k = 0; k < n; k++) {
        const struct foray_array *array = run->args[k];

        if (array->segment && array->mode == FORAY_COPY)
            FORAY_TRY(open_copy(serial, k, array, err));
        else
            serial->task.full[k] = *array;
        serial->task.full[k].segment = NULL;
        if (k < order->first[FORAY__INOUT])
            serial->task.full[k].mode = FORAY_READ;
    }
    FORAY_TRY(copy_params(serial, run, err));
    serial->task.order = order;
    serial->task.params = serial->params;
    serial->task.state = pool->worker_state;
    serial->task.n_threads = pool->inner_threads;
    serial->task.cancelled = &state->cancelled;
    serial->task.generation = FORAY__SERIAL_CANCELLED;
    foray__task_prepare(&serial->task);
    return 0;
}

static bool is_cancelled(const struct foray_pool *pool, struct foray__run *run)
{
    run->course.cancelled |= atomic_load(&pool->cancel);
    return run->course.cancelled;
}

/* Run a task, as often as its failures are retried. Returns its code. */
static int run_task(const struct foray_pool *pool, struct foray__run *run,
                    struct serial_run *serial, size_t index)
{
    struct foray_task *task = &serial->task;
    struct foray__nesting outside;
    int code;

    for (task->attempt = 1;; task->attempt++) {
        if (task->attempt > 1)
            foray__task_restore(task, index);
        outside = foray__nesting_swap(pool->nesting);
        foray__ambient_enter(&serial->level, &serial->order.ambient);
        code = foray__task_run(task, index);
        foray__ambient_leave(&serial->level);
        foray__nesting_swap(outside);
        for (size_t k = 0; k < serial->copies.n; k++)
            foray__attachment_reset(&serial->copies.items[k]);
        if (!code || task->attempt > run->retries || is_cancelled(pool, run))
            return code;
        run->course.n_retried++;
    }
}

static void run_tasks(struct foray_pool *pool, struct foray__run *run,
                      struct serial_run *serial, size_t first, size_t behind)
{
    for (size_t i = first; i < behind && !run->course.stopping; i++) {
        if (is_cancelled(pool, run))
            break;
        run->n_settled++;
        if (run->status)
            run->status[i] = FORAY_TASK_OK;
        if (run_task(pool, run, serial, i))
            foray__run_record(run, &serial->task.error,
                              foray__run_status(&serial->task.error,
                                                is_cancelled(pool, run)));
        foray__course_progress(pool, &run->course, run->n_settled, run->n_tasks,
                               false);
    }
    is_cancelled(pool, run); /* in the last task */
}

/* FORAY_ONLY_TASK: the others count as not run. */
static void run_only(struct foray_pool *pool, struct foray__run *run,
                     struct serial_run *serial)
{
    size_t only = (size_t)pool->only_task;

    if (only >= run->n_tasks) {
        foray__pool_log(pool,
                        "FORAY_ONLY_TASK is %zu, and this run has %zu tasks: "
                        "none runs",
                        only, run->n_tasks);
        return;
    }
    foray__only_task_begin();
    run_tasks(pool, run, serial, only, only + 1);
    foray__only_task_end();
}

static int serial_run(struct foray_pool *pool, struct foray__run *run,
                      struct foray_error *err)
{
    struct serial_run *serial = calloc(1, sizeof *serial);
    int code;

    if (!serial)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    foray__serial_ready(pool);
    foray__pool_warn_timeout(pool);
    code = prepare(serial, run, pool, err);
    if (!code && pool->only_task != FORAY__ALL_TASKS)
        run_only(pool, run, serial);
    else if (!code)
        run_tasks(pool, run, serial, 0, run->n_tasks);
    foray__attachments_fini(&serial->copies);
    free(serial->params);
    free(serial);
    return code;
}

const struct foray__backend foray__backend_serial = {
    .name = "serial",
    .private_arrays = true,
    .shares_memory = true,
    .carrier = &foray__serial_carrier,
    .open = serial_open,
    .close = serial_close,
    .run = serial_run,
    .wake = serial_wake,
    .worker_pid = serial_worker_pid,
    .peak_bytes = serial_peak_bytes,
};
