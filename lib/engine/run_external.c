#include "engine/run_external.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "engine/freight.h"
#include "engine/order.h"
#include "engine/portion.h"

/* A parcel is to keep its executor busy for so many seconds, and has at most so
 * many tasks. */
static const double short_while = 20e-3;
enum { MAX_TASKS = 1 << 14 };

/* Tasks in one parcel. */
struct batch {
    struct foray__shipment shipment; /* the first member */
    size_t first, n;
    uint32_t attempt; /* that their next try is */
};

struct external {
    struct foray__run *run;
    struct foray__freight freight;
    struct foray__function function; /* where memory is not shared */
    size_t n_sent;                   /* tasks that are, or were, in a batch */
    size_t size;                     /* tasks in the next one */
};

static void free_batch(struct batch *batch)
{
    foray__bytes_free(&batch->shipment.bytes);
    free(batch);
}

static int write(struct external *external, struct batch *batch,
                 struct foray_error *err)
{
    struct foray__parcel head = {.first = batch->first,
                                 .tasks = true,
                                 .n = (uint32_t)batch->n,
                                 .attempt = batch->attempt};

    if (!foray__shipment_begin(&batch->shipment))
        return foray__fail(err, FORAY_ENOMEM, "no memory for a batch of tasks");
    if (external->freight.pool->backend->shares_memory)
        head.run = (uint64_t)(uintptr_t)external->run;
    else
        FORAY_TRY(foray__portion_write(&batch->shipment.bytes, &head.portion,
                                       external->run, &external->function,
                                       batch->first, batch->n, err));
    return foray__freight_add(&external->freight, &batch->shipment, &head)
               ? 0
               : foray__fail(err, FORAY_ENOMEM,
                             "no memory for a batch of tasks");
}

static int send(struct external *external, size_t first, size_t n,
                uint32_t attempt, struct foray_error *err)
{
    struct batch *batch = calloc(1, sizeof *batch);
    int code;

    if (!batch)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a batch of tasks");
    batch->first = first;
    batch->n = n;
    batch->attempt = attempt;
    code = write(external, batch, err);
    if (code)
        free_batch(batch);
    return code;
}

/* Batches enough to keep all workers busy. The last ones are small, so that
 * they end together. */
static int send_more(struct external *external, struct foray_error *err)
{
    const struct foray__run *run = external->run;
    size_t n_workers = (size_t)external->freight.pool->n_jobs;

    while (external->n_sent < run->n_tasks && !run->course.stopping &&
           external->freight.n_listed < 2 * n_workers) {
        size_t share = (run->n_tasks - external->n_sent) / (2 * n_workers);
        size_t n = external->size < share ? external->size : share;

        if (!n)
            n = 1;
        FORAY_TRY(send(external, external->n_sent, n, 1, err));
        external->n_sent += n;
    }
    return 0;
}

static void settle(struct external *external, size_t task)
{
    struct foray__run *run = external->run;

    run->n_settled++;
    if (run->status)
        run->status[task] = FORAY_TASK_OK;
}

/* A task that did not run to its end, though nobody asked for the run to
 * end. */
static void lose(struct external *external, const struct batch *batch,
                 size_t task)
{
    const struct foray_pool *pool = external->freight.pool;
    struct foray_error error;

    foray__fail(&error, FORAY_ECRASH,
                "task %zu: the backend \"%s\" lost the batch it was in", task,
                pool->backend->name);
    if ((int)batch->attempt <= pool->config.retries &&
        !send(external, task, 1, batch->attempt + 1, NULL)) {
        foray__pool_log(pool, "%s: it is tried again", error.msg);
        return;
    }
    external->run->course.n_retried += batch->attempt - 1;
    error.task = (int64_t)task;
    settle(external, task);
    foray__order_blank(external->run, task);
    foray__run_record(external->run, &error, FORAY_TASK_CRASHED);
}

/* A task that ran. */
static void deliver(struct external *external, size_t task,
                    const struct foray__outcome *outcome)
{
    struct foray__run *run = external->run;
    struct foray_error error;

    run->course.n_retried += outcome->attempt - 1;
    settle(external, task);
    if (outcome->kind == FORAY__OUTCOME_DONE)
        return;
    foray__error_copy(&error, outcome + 1);
    error.task = (int64_t)task;
    foray__run_record(run, &error,
                      foray__run_status(&error, run->course.stopping));
}

/* The outcome of each task of a batch, NULL: it did not run; how many bytes
 * they have together, and seconds. */
static size_t read_outcomes(const struct foray__outcome **out, double *seconds,
                            const struct external *external,
                            const struct batch *batch,
                            const struct foray_done *done)
{
    const struct foray__outcomes possible = {
        FORAY__OUTCOME_DONE, foray__freight_attempts(external->freight.pool)};
    size_t at = 0;

    *seconds = 0;
    for (size_t i = 0; i < batch->n; i++) {
        const struct foray__outcome *outcome =
            foray__outcome_at(done->bytes, done->size, at, &possible);

        at = outcome ? at + (size_t)outcome->size : done->size;
        out[i] =
            outcome && outcome->kind != FORAY__OUTCOME_NOT_RUN ? outcome : NULL;
        *seconds += out[i] ? outcome->seconds : 0;
    }
    return at;
}

/* What tasks wrote where memory is not shared. False: it did not come. */
static bool take_arrays(const struct external *external,
                        const struct foray__outcome *const *outcomes,
                        const struct batch *batch,
                        const struct foray_done *done, size_t at)
{
    bool *ran, is_whole;

    if (external->freight.pool->backend->shares_memory)
        return true;
    at = foray__round_up(at, FORAY__PORTION_ALIGN);
    ran = calloc(batch->n, sizeof *ran);
    if (!ran || !done->bytes) {
        free(ran);
        return false;
    }
    for (size_t i = 0; i < batch->n; i++)
        ran[i] = outcomes[i] != NULL;
    is_whole = foray__portion_read(
        external->run, (const char *)done->bytes + at,
        at < done->size ? done->size - at : 0, batch->first, batch->n, ran);
    free(ran);
    return is_whole;
}

static void open_batch(struct external *external, const struct batch *batch,
                       const struct foray_done *done)
{
    const struct foray__run *run = external->run;
    const struct foray__outcome **outcomes =
        calloc(batch->n, sizeof(const struct foray__outcome *));
    bool is_whole = false;
    double seconds = 0;
    size_t at;

    if (outcomes) {
        at = read_outcomes(outcomes, &seconds, external, batch, done);
        is_whole = take_arrays(external, outcomes, batch, done, at);
    }
    if (is_whole && seconds < short_while && batch->n >= external->size)
        external->size = batch->n * 2 < MAX_TASKS ? batch->n * 2 : MAX_TASKS;
    for (size_t i = 0; i < batch->n; i++)
        if (is_whole && outcomes[i])
            deliver(external, batch->first + i, outcomes[i]);
        else if (!run->course.stopping)
            lose(external, batch, batch->first + i);
    free(outcomes);
}

static void arrived(struct foray__shipment *shipment,
                    const struct foray_done *done, void *arg)
{
    open_batch(arg, (struct batch *)shipment, done);
    free_batch((struct batch *)shipment);
}

static int carry_out(struct external *external, struct foray_error *err)
{
    struct foray__run *run = external->run;
    struct foray__freight *freight = &external->freight;

    foray__course_heed(&run->course, freight->pool);
    FORAY_TRY(send_more(external, err));
    while (freight->n_listed && !run->course.stopping) {
        FORAY_TRY(foray__freight_wait(freight, FORAY__FREIGHT_PATIENCE, err));
        foray__run_progress(freight->pool, run, run->n_settled, false);
        FORAY_TRY(send_more(external, err));
    }
    return 0;
}

static int begin(struct external *external, struct foray_pool *pool,
                 struct foray__run *run, struct foray_error *err)
{
    external->run = run;
    external->size = 1;
    foray__freight_begin(&external->freight, pool, &run->course, arrived,
                         external);
    foray__pool_warn_timeout(pool);
    return pool->backend->shares_memory
               ? 0
               : foray__function_locate(&external->function, run->fn, err);
}

static void end(struct external *external)
{
    struct foray__freight *freight = &external->freight;
    struct foray__shipment *shipment;

    foray__freight_finish(freight);
    while ((shipment = freight->list)) {
        foray__freight_take(freight, shipment);
        free_batch((struct batch *)shipment);
    }
}

int foray__run_external(struct foray_pool *pool, struct foray__run *run,
                        struct foray_error *err)
{
    struct external *external = calloc(1, sizeof *external);
    int code;

    if (!external)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    code = begin(external, pool, run, err);
    if (!code)
        code = carry_out(external, err);
    if (code)
        foray__course_stop(&run->course);
    end(external);
    free(external);
    return code;
}
