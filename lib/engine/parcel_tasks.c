/* Executing parcels of tasks. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/size.h"
#include "engine/parcel.h"
#include "engine/portion.h"

static const struct foray__portion *
portion_of(const struct foray__parcel *parcel)
{
    return (const void *)((const char *)parcel + parcel->portion);
}

/* Memory of a portion's arrays. A store into one that tasks may only read is a
 * fault: it would be lost. */
struct memory {
    char *read_only, *writable;
    size_t sizes[2]; /* of the two */
};

static bool is_read_only(const struct foray__order *order, int k)
{
    return order->args[k].view.mode == FORAY_READ &&
           !foray__portion_returns(order->first, order->partials, k);
}

static bool has_elements(const struct foray__order *order, int k)
{
    return k < order->first[FORAY__OUT] || k >= order->first[FORAY__OUT + 1];
}

/* What the arrays need; where there is memory, they get it. */
static void lay_out(struct foray_task *task, struct memory *memory,
                    const struct foray__parcel *parcel)
{
    const struct foray__order *order = &portion_of(parcel)->order;

    memory->sizes[0] = memory->sizes[1] = 0;
    for (int k = 0; k < order->first[FORAY__ROLES]; k++) {
        const struct foray__descriptor *descriptor = &order->args[k];
        bool writable = !is_read_only(order, k);
        char *base = writable ? memory->writable : memory->read_only;
        size_t nbytes = foray__portion_nbytes(&descriptor->view);

        task->full[k] = descriptor->view;
        if (base)
            task->full[k].data = base + memory->sizes[writable];
        if (base && has_elements(order, k))
            memcpy(task->full[k].data,
                   (const char *)parcel + descriptor->offset, nbytes);
        memory->sizes[writable] +=
            foray__round_up(nbytes, FORAY__PORTION_ALIGN);
    }
}

static int open_memory(struct foray_task *task, struct memory *memory,
                       const struct foray__parcel *parcel)
{
    void *mapped = NULL;

    lay_out(task, memory, parcel);
    if (memory->sizes[0])
        mapped = mmap(NULL, memory->sizes[0], PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
        return -1;
    memory->read_only = mapped;
    if (memory->sizes[1]) {
        memory->writable =
            aligned_alloc(FORAY__PORTION_ALIGN, memory->sizes[1]);
        if (!memory->writable)
            return -1;
        memset(memory->writable, 0, memory->sizes[1]);
    }
    lay_out(task, memory, parcel);
    if (mapped)
        mprotect(mapped, memory->sizes[0], PROT_READ);
    return 0;
}

static void free_memory(struct memory *memory)
{
    if (memory->read_only)
        munmap(memory->read_only, memory->sizes[0]);
    free(memory->writable);
}

/* Arrays of mode c as they came. */
static void reset(struct foray__here *here)
{
    const struct foray__parcel *parcel = here->parcel;
    const struct foray__order *order = here->task.order;

    for (int k = order->first[FORAY__WHOLE]; k < order->first[FORAY__ROLES];
         k++)
        if (order->args[k].view.mode == FORAY_COPY)
            memcpy(here->task.full[k].data,
                   (const char *)parcel + order->args[k].offset,
                   foray__portion_nbytes(&order->args[k].view));
}

/* The tasks' arrays, which came along, and their function. */
static int open_portion(struct foray__execution *execution,
                        struct memory *memory, struct foray_error *err)
{
    const struct foray__parcel *parcel = execution->parcel;
    const struct foray__portion *portion = portion_of(parcel);
    struct foray__function_cache cache = {.fn = NULL};
    struct foray_task *task = &execution->here.task;
    bool loaded;

    if (open_memory(task, memory, parcel))
        return foray__fail(err, FORAY_ENOMEM, "no memory for a batch of tasks");
    execution->here.parcel = parcel;
    execution->here.reset = reset;
    task->order = &portion->order;
    task->params = (const char *)parcel + portion->params;
    task->first = (size_t)parcel->first;
    foray__grid_area(&task->area, &portion->order.grid, task->first, parcel->n);
    foray__task_prepare(task);
    return foray__function_find(&task->fn, &cache, &portion->order.function,
                                &loaded, err);
}

static int open_execution(struct foray__execution *execution,
                          struct memory *memory, struct foray_error *err)
{
    const struct foray__parcel *parcel = execution->parcel;

    if (parcel->pid)
        return foray__here_tasks(&execution->here,
                                 (const void *)(uintptr_t)parcel->run, err);
    return open_portion(execution, memory, err);
}

/* Append what the tasks wrote. */
static bool put_arrays(struct foray__execution *execution)
{
    const struct foray_task *task = &execution->here.task;
    struct foray__bytes *out = &execution->out;

    for (int k = 0; k < task->order->first[FORAY__ROLES]; k++) {
        uint64_t at;

        if (!foray__portion_returns(task->order->first, task->order->partials,
                                    k))
            continue;
        if (!foray__bytes_put(out, &at, task->full[k].data,
                              foray__portion_nbytes(&task->full[k]),
                              FORAY__PORTION_ALIGN))
            return false;
    }
    return true;
}

/* Task i, with its outcome put down. Its code. */
static int run_task(struct foray__execution *execution, uint32_t i, bool *fits)
{
    const struct foray__parcel *parcel = execution->parcel;
    struct foray__here *here = &execution->here;
    double start = foray__now();
    int code;

    here->task.attempt = (int)parcel->attempt;
    code =
        foray__here_task(here, (size_t)parcel->first + i, (int)parcel->retries);
    *fits = code ? foray__execution_fail(execution, foray__now() - start)
                 : foray__execution_put(execution, FORAY__OUTCOME_DONE,
                                        foray__now() - start, NULL, 0);
    return code;
}

/* All of them fail as they cannot begin. */
static bool fail_all(struct foray__execution *execution)
{
    const struct foray__parcel *parcel = execution->parcel;
    struct foray_task *task = &execution->here.task;
    bool fits = true;

    task->attempt = (int)parcel->attempt;
    for (uint32_t i = 0; i < parcel->n && fits; i++) {
        task->error.task = (int64_t)(parcel->first + i);
        task->error.worker = task->worker;
        fits = foray__execution_fail(execution, 0);
    }
    return fits;
}

bool foray__execution_tasks(struct foray__execution *execution)
{
    const struct foray__parcel *parcel = execution->parcel;
    struct memory memory = {.read_only = NULL};
    bool failed = false, fits = true;

    if (open_execution(execution, &memory, &execution->here.task.error)) {
        free_memory(&memory);
        return fail_all(execution);
    }
    for (uint32_t i = 0; i < parcel->n && fits; i++)
        if (foray__execution_is_over(execution, failed))
            fits = foray__execution_put(execution, FORAY__OUTCOME_NOT_RUN, 0,
                                        NULL, 0);
        else
            failed |= run_task(execution, i, &fits) != 0;
    if (fits && !parcel->pid)
        fits = put_arrays(execution);
    free_memory(&memory);
    return fits;
}
