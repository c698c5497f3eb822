/* Running the calls of a parcel. */
#include "engine/parcel.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/backend.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/attachments.h"
#include "engine/call_packet.h"
#include "engine/mailbag.h"
#include "engine/task_body.h"
#include "storage/segment.h"

static const _Atomic uint32_t never_ending;

struct execution {
    const struct foray__parcel *parcel;
    const _Atomic uint32_t *ending;
    struct foray_task task; /* large */
    struct foray__order order;
    struct foray__office office;
    struct foray__attachments copies; /* of mode c arguments */
    struct foray__function_cache cache;
    struct foray__mailbag bag; /* what a call returns */
    struct foray__holdings holdings;
    struct foray__holding items[FORAY_MAX_ARGUMENTS]; /* of the holdings */
    struct foray__bytes out;
    struct foray__ambient ambient;
    struct foray__level level;
};

/* Where an argument lies: where the program has it, but in mode c. */
static const void *base_of(const struct foray__packet_array *from, void *arg)
{
    struct execution *execution = arg;
    const struct foray__attachment *copy;
    const struct foray_segment *segment;

    segment =
        execution->parcel->pid ? foray__segment_find(from->segment) : NULL;
    if (!segment || from->access != FORAY__ACCESS_COPY)
        return segment ? segment->base : NULL;
    copy = foray__attachments_find(&execution->copies, segment->id,
                                   FORAY__ACCESS_COPY);
    if (copy)
        return copy->base;
    if (foray__attachments_map(&execution->copies, segment->id,
                               FORAY__ACCESS_COPY, segment->fd,
                               segment->length))
        return NULL;
    return execution->copies.items[execution->copies.n - 1].base;
}

/* What a call returns travels by value if its program is elsewhere. A segment
 * that it made is the result's all the same: it is kept until it has been
 * copied, and closed then. */
static int place_inline(struct foray__place *out,
                        const struct foray_array *array, void *arg,
                        struct foray_error *err)
{
    struct foray__mailbag *bag = arg;
    size_t k = 0;

    out->mode = FORAY_READ_WRITE;
    if (!array->segment || array->mode == FORAY_COPY ||
        !foray__segment_is_of_call(array->segment))
        return 0;
    while (k < bag->n && bag->items[k].segment != array->segment)
        k++;
    if (k == FORAY_MAX_ARGUMENTS)
        return foray__fail(err, FORAY_EINVAL, "too many arrays");
    if (k == bag->n) {
        atomic_fetch_add(&array->segment->users,
                         1); /* the task may not close */
        bag->items[bag->n++] = *array;
    }
    return 0;
}

static int check(const struct foray__parcel *parcel, size_t size,
                 struct foray_error *err)
{
    if (size < sizeof *parcel || parcel->magic != FORAY__PARCEL_MAGIC ||
        parcel->size != size || parcel->table > size ||
        (size - parcel->table) / sizeof(uint64_t) < parcel->n ||
        parcel->ambient > size ||
        (parcel->ambient &&
         size - parcel->ambient < sizeof(struct foray__ambient)))
        return foray__fail(err, FORAY_EFORMAT,
                           "these %zu bytes are no batch of calls, or one of "
                           "another version of the library",
                           size);
    if (parcel->pid && parcel->pid != (int32_t)getpid())
        return foray__fail(err, FORAY_EFORK,
                           "the batch is process %d's, and its backend says "
                           "that it shares memory with it: set shares_memory "
                           "to false",
                           (int)parcel->pid);
    return 0;
}

static struct execution *begin(const struct foray__parcel *parcel,
                               const _Atomic uint32_t *ending)
{
    struct execution *execution = calloc(1, sizeof *execution);

    if (!execution)
        return NULL;
    execution->parcel = parcel;
    execution->ending = ending;
    execution->order.calls = true;
    execution->office.base = base_of;
    execution->office.arg = execution;
    execution->office.placer.place =
        parcel->pid ? foray__mailbag_place : place_inline;
    execution->office.placer.arg = &execution->bag;
    execution->office.placer.max_inline =
        parcel->pid ? (size_t)FORAY__MAILBAG_INLINE : SIZE_MAX;
    execution->bag.folder = (const char *)(uintptr_t)parcel->folder;
    execution->bag.holdings = &execution->holdings;
    execution->holdings.items = execution->items;
    execution->task.order = &execution->order;
    execution->task.office = &execution->office;
    execution->task.state =
        parcel->pid ? (void *)(uintptr_t)parcel->state : NULL;
    execution->task.n_threads = parcel->n_threads > 0 ? parcel->n_threads : 1;
    execution->task.cancelled = ending;
    execution->task.generation = 1; /* what the word is then */
    if (parcel->ambient)
        memcpy(&execution->ambient, (const char *)parcel + parcel->ambient,
               sizeof execution->ambient);
    return execution;
}

static void end(struct execution *execution)
{
    foray__attachments_fini(&execution->copies);
    foray__bytes_free(&execution->task.returned);
    foray__bytes_free(&execution->out);
    free(execution);
}

static const struct foray__packet *packet_at(const struct foray__parcel *parcel,
                                             uint32_t i)
{
    const char *bytes = (const void *)parcel;
    const uint64_t *offsets = (const void *)(bytes + parcel->table);

    return (const void *)(bytes + offsets[i]);
}

/* The function of a call, in this process. */
static int find_function(struct execution *execution, foray_task_fn *out,
                         const struct foray__packet *packet,
                         struct foray_error *err)
{
    const struct foray__function *at = foray__call_packet_function(packet);
    bool loaded;

    *out = foray__call_packet_fn(packet);
    return at ? foray__function_find(out, &execution->cache, at, &loaded, err)
              : 0;
}

/* The segments that a call's arguments lie in: what it returns of them stays
 * there. */
static void hold_arguments(struct execution *execution,
                           const struct foray__packet *packet)
{
    struct foray__holdings *holdings = &execution->holdings;

    holdings->n = 0;
    for (uint32_t k = 0; execution->parcel->pid && k < packet->n; k++) {
        const struct foray__packet_array *from =
            foray__packet_array_of(packet, k);
        const struct foray_segment *segment =
            from && from->segment ? foray__segment_find(from->segment) : NULL;

        if (segment && from->access != FORAY__ACCESS_COPY)
            holdings->items[holdings->n++] = (struct foray__holding){
                segment, NULL, (enum foray__access)from->access};
    }
}

static bool is_ending(const struct execution *execution)
{
    return atomic_load_explicit(execution->ending, memory_order_relaxed) != 0;
}

/* Run call i as often as its failures are retried. Its code; what it returned,
 * or why it failed, is in the task then. */
static int run_call(struct execution *execution, uint32_t i, double *seconds)
{
    const struct foray__packet *packet = packet_at(execution->parcel, i);
    size_t index = (size_t)execution->parcel->first + i;
    struct foray_task *task = &execution->task;
    foray_task_fn fn;
    int code;

    task->has_returned = false;
    hold_arguments(execution, packet);
    for (task->attempt = 1;; task->attempt++) {
        double start = foray__now();

        code = find_function(execution, &fn, packet, &task->error);
        if (code)
            return code;
        code = foray__call_run(task, index, fn, packet);
        foray__ambient_reset(&execution->level);
        *seconds = foray__now() - start;
        foray__attachments_fini(&execution->copies);
        if (!code || (uint32_t)task->attempt > execution->parcel->retries ||
            is_ending(execution))
            return code;
        foray__mailbag_empty(&execution->bag);
    }
}

/* Append an outcome; false when out of memory. */
static bool put(struct execution *execution, enum foray__outcome_kind kind,
                double seconds, const void *payload, size_t nbytes)
{
    struct foray__outcome outcome = {.kind = kind,
                                     .attempt =
                                         (uint32_t)execution->task.attempt,
                                     .seconds = seconds,
                                     .payload = nbytes};
    struct foray__bytes *out = &execution->out;
    size_t size = sizeof outcome + nbytes;

    size = (size + sizeof(uint64_t) - 1) / sizeof(uint64_t) * sizeof(uint64_t);
    outcome.size = size;
    if (!foray__bytes_grow(out, size))
        return false;
    memset(out->data + out->size, 0, size);
    memcpy(out->data + out->size, &outcome, sizeof outcome);
    if (nbytes)
        memcpy(out->data + out->size + sizeof outcome, payload, nbytes);
    out->size += size;
    return true;
}

static bool run_and_put(struct execution *execution, uint32_t i, bool *failed)
{
    const struct foray_task *task = &execution->task;
    const struct foray__packet *packet;
    double seconds = 0;
    bool fits;

    if (run_call(execution, i, &seconds)) {
        *failed = true;
        return put(execution, FORAY__OUTCOME_ERROR, seconds, &task->error,
                   sizeof task->error);
    }
    packet = foray__call_returned(task);
    fits = put(execution, FORAY__OUTCOME_VALUES, seconds, packet,
               (size_t)packet->size);
    while (fits && execution->parcel->pid && execution->bag.n)
        foray__mailbag_take(&execution->bag); /* the stream finds it */
    return fits;
}

static bool run_all(struct execution *execution)
{
    const struct foray__parcel *parcel = execution->parcel;
    struct foray__nesting outside = foray__nesting_swap(parcel->nesting);
    bool failed = false, fits = true;

    foray__ambient_enter(&execution->level, &execution->ambient);
    for (uint32_t i = 0; i < parcel->n && fits; i++) {
        if (is_ending(execution) || (failed && parcel->stop))
            fits = put(execution, FORAY__OUTCOME_NOT_RUN, 0, NULL, 0);
        else
            fits = run_and_put(execution, i, &failed);
        foray__mailbag_empty(&execution->bag);
    }
    foray__ambient_leave(&execution->level);
    foray__nesting_swap(outside);
    return fits;
}

static int execute(void **out, size_t *out_size,
                   const struct foray__parcel *parcel, int worker,
                   const uint32_t *ending, struct foray_error *err)
{
    const void *word = ending ? (const void *)ending : &never_ending;
    struct execution *execution = begin(parcel, word);
    bool fits;

    if (!execution)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a batch");
    execution->task.worker = worker;
    fits = run_all(execution);
    if (fits) {
        *out = execution->out.data;
        *out_size = execution->out.size;
        memset(&execution->out, 0, sizeof execution->out);
    }
    end(execution);
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
