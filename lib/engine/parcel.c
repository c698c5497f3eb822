/* Executing parcels. */
#include "engine/parcel.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/backend.h>

#include "base/error.h"
#include "base/size.h"
#include "engine/lodger.h"
#include "engine/packet.h"
#include "engine/packet_check.h"

static const _Atomic uint32_t never_ending;

static int check(const struct foray__parcel *parcel, size_t size,
                 struct foray_error *err)
{
    if (size < sizeof *parcel || parcel->magic != FORAY__PARCEL_MAGIC ||
        parcel->size != size || parcel->table > size ||
        parcel->portion > size || parcel->lodging > size ||
        parcel->ambient > size ||
        (parcel->ambient &&
         size - parcel->ambient < sizeof(struct foray__ambient)) ||
        (!parcel->tasks &&
         (size - parcel->table) / sizeof(uint64_t) < parcel->n))
        return foray__fail(err, FORAY_EFORMAT,
                           "these %zu bytes are no batch, or one of another "
                           "version of the library",
                           size);
    if (parcel->pid && parcel->pid != (int32_t)getpid())
        return foray__fail(err, FORAY_EFORK,
                           "the batch is process %d's, and its backend says "
                           "that it shares memory with it: set shares_memory "
                           "to false",
                           (int)parcel->pid);
    return 0;
}

static bool has_ended(const struct foray__outcome *outcome,
                      const struct foray__outcomes *possible)
{
    return outcome->attempt && outcome->attempt <= possible->attempts;
}

/* Whether it is what it says. */
static bool makes_sense(const struct foray__outcome *outcome,
                        const struct foray__outcomes *possible)
{
    bool has_error = outcome->payload >= sizeof(struct foray_error);

    switch ((enum foray__outcome_kind)outcome->kind) {
    case FORAY__OUTCOME_NOT_RUN:
        return true;
    case FORAY__OUTCOME_NO_WORKER:
        return has_error;
    case FORAY__OUTCOME_ERROR:
        return has_error && has_ended(outcome, possible);
    case FORAY__OUTCOME_VALUES:
    case FORAY__OUTCOME_DONE:
        return outcome->kind == possible->success &&
               has_ended(outcome, possible) &&
               (outcome->kind == FORAY__OUTCOME_DONE ||
                foray__packet_makes_sense((const void *)(outcome + 1),
                                          outcome->payload));
    }
    return false;
}

const struct foray__outcome *
foray__outcome_at(const void *bytes, size_t size, size_t at,
                  const struct foray__outcomes *possible)
{
    const struct foray__outcome *outcome;
    size_t left = bytes && at < size ? size - at : 0;

    if (left < sizeof *outcome)
        return NULL;
    outcome = (const void *)((const char *)bytes + at);
    if (outcome->size > left || outcome->size < sizeof *outcome ||
        outcome->size % sizeof(uint64_t) ||
        outcome->payload > outcome->size - sizeof *outcome)
        return NULL;
    return makes_sense(outcome, possible) ? outcome : NULL;
}

bool foray__execution_is_over(const struct foray__execution *execution,
                              bool failed)
{
    const struct foray_task *task = &execution->here.task;

    return (failed && execution->parcel->stop) ||
           atomic_load_explicit(task->cancelled, memory_order_relaxed) ==
               task->generation;
}

bool foray__execution_put(struct foray__execution *execution,
                          enum foray__outcome_kind kind, double seconds,
                          const void *payload, size_t nbytes)
{
    const struct foray_task *task = &execution->here.task;
    struct foray__outcome outcome = {.kind = kind,
                                     .attempt = (uint32_t)task->attempt,
                                     .seconds = seconds,
                                     .payload = nbytes,
                                     .worker = task->worker};
    struct foray__bytes *out = &execution->out;

    outcome.size = foray__round_up(sizeof outcome + nbytes, sizeof(uint64_t));
    if (!foray__bytes_grow(out, outcome.size))
        return false;
    memset(out->data + out->size, 0, outcome.size);
    memcpy(out->data + out->size, &outcome, sizeof outcome);
    if (nbytes)
        memcpy(out->data + out->size + sizeof outcome, payload, nbytes);
    out->size += outcome.size;
    return true;
}

bool foray__execution_fail(struct foray__execution *execution, double seconds)
{
    const struct foray_error *error = &execution->here.task.error;

    return foray__execution_put(execution, FORAY__OUTCOME_ERROR, seconds, error,
                                sizeof *error);
}

/* Run it all, in the life of the worker that it is given to. */
static bool run(struct foray__execution *execution)
{
    const struct foray__parcel *parcel = execution->parcel;
    struct foray_task *task = &execution->here.task;
    struct foray__nesting outside;
    bool fits;

    if (parcel->lodging &&
        foray__lodger_state(
            &task->state,
            (const void *)((const char *)parcel + parcel->lodging),
            task->worker, &task->error))
        return foray__execution_put(execution, FORAY__OUTCOME_NO_WORKER, 0,
                                    &task->error, sizeof task->error);
    outside = foray__nesting_swap(parcel->nesting);
    fits = parcel->tasks ? foray__execution_tasks(execution)
                         : foray__execution_calls(execution);
    foray__nesting_swap(outside);
    return fits;
}

static int execute(void **out, size_t *out_size,
                   const struct foray__parcel *parcel, int worker,
                   const uint32_t *ending, struct foray_error *err)
{
    struct foray__execution *execution = calloc(1, sizeof *execution);
    struct foray_task *task;
    bool fits;

    if (!execution)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a batch");
    task = &execution->here.task;
    execution->parcel = parcel;
    task->worker = worker;
    task->state = parcel->pid ? (void *)(uintptr_t)parcel->state : NULL;
    task->n_threads = parcel->n_threads > 0 ? parcel->n_threads : 1;
    execution->here.ambient = &execution->ambient;
    if (parcel->ambient)
        memcpy(&execution->ambient, (const char *)parcel + parcel->ambient,
               sizeof execution->ambient);
    task->cancelled = ending ? (const void *)ending : &never_ending;
    task->generation = 1; /* what the word is then */
    fits = run(execution);
    if (fits) {
        *out = execution->out.data;
        *out_size = execution->out.size;
        memset(&execution->out, 0, sizeof execution->out);
    }
    foray__here_fini(&execution->here);
    foray__bytes_free(&execution->out);
    free(execution);
    return fits ? 0
                : foray__fail(err, FORAY_ENOMEM,
                              "no memory for what a batch came to");
}

int foray_backend_execute(void **out, size_t *out_size, const void *bytes,
                          size_t size, int worker, const uint32_t *ending,
                          struct foray_error *err)
{
    void *aligned = NULL;
    int code;

    *out = NULL;
    *out_size = 0;
    if ((uintptr_t)bytes % FORAY__PARCEL_ALIGN) {
        if (posix_memalign(&aligned, FORAY__PARCEL_ALIGN, size ? size : 1))
            return foray__fail(err, FORAY_ENOMEM, "no memory for a batch");
        memcpy(aligned, bytes, size);
        bytes = aligned;
    }
    code = check(bytes, size, err);
    if (!code)
        code = execute(out, out_size, bytes, worker, ending, err);
    free(aligned);
    return code;
}
