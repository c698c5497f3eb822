/* The serial backend: tasks in the caller's process, one after another. For
 * debuggers, and as the model the other backends are compared with. */
#include <stdlib.h>

#include "base/error.h"
#include "engine/here.h"
#include "engine/only_task.h"
#include "engine/pool_body.h"
#include "engine/serial.h"
#include "engine/stream_serial.h"

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

static bool is_cancelled(const struct foray_pool *pool, struct foray__run *run)
{
    run->course.cancelled |= atomic_load(&pool->cancel);
    return run->course.cancelled;
}

/* Run a task, as often as its failures are retried. Returns its code. */
static int run_task(const struct foray_pool *pool, struct foray__run *run,
                    struct foray__here *here, size_t index)
{
    struct foray__nesting outside = foray__nesting_swap(pool->nesting);
    int code;

    here->task.attempt = 1;
    code = foray__here_task(here, index, run->retries);
    foray__nesting_swap(outside);
    run->course.n_retried += (size_t)here->task.attempt - 1;
    return code;
}

static void run_tasks(struct foray_pool *pool, struct foray__run *run,
                      struct foray__here *here, size_t first, size_t behind)
{
    for (size_t i = first; i < behind && !run->course.stopping; i++) {
        if (is_cancelled(pool, run))
            break;
        run->n_settled++;
        if (run->status)
            run->status[i] = FORAY_TASK_OK;
        if (run_task(pool, run, here, i))
            foray__run_record(
                run, &here->task.error,
                foray__run_status(&here->task.error, is_cancelled(pool, run)));
        foray__run_progress(pool, run, run->n_settled, false);
    }
    is_cancelled(pool, run); /* in the last task */
}

/* FORAY_ONLY_TASK: the others count as not run. */
static void run_only(struct foray_pool *pool, struct foray__run *run,
                     struct foray__here *here)
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
    run_tasks(pool, run, here, only, only + 1);
    foray__only_task_end();
}

static int serial_run(struct foray_pool *pool, struct foray__run *run,
                      struct foray_error *err)
{
    struct foray__here *here = calloc(1, sizeof *here);
    int code;

    if (!here)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    here->task.cancelled = foray__serial_ready(pool);
    here->task.generation = FORAY__SERIAL_CANCELLED;
    here->purse.bytes = pool->config.memory;
    here->task.purse = &here->purse;
    here->task.state = pool->worker_state;
    here->task.n_threads = pool->inner_threads;
    foray__pool_warn_timeout(pool);
    code = foray__here_tasks(here, run, err);
    if (!code && pool->only_task != FORAY__ALL_TASKS)
        run_only(pool, run, here);
    else if (!code)
        run_tasks(pool, run, here, 0, run->n_tasks);
    foray__here_fini(here);
    free(here);
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
