#include "engine/stream_external.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "engine/call_packet.h"
#include "engine/external.h"
#include "engine/parcel.h"
#include "engine/result_body.h"
#include "engine/stream_handed.h"
#include "storage/segment.h"

/* Bytes that the calls of one batch may have before it is closed. */
enum { BATCH_BYTES = 1 << 20 };

/* Seconds that a wait may last before somebody looks whether the run is
 * cancelled. */
static const double patience = 0.05;

/* A batch. */
struct batch {
    uint64_t first, n;
    struct foray__bytes bytes; /* the parcel */
    uint64_t *offsets;         /* of its packets: `room` */
    size_t room;
    struct foray__holdings holdings;
    bool submitted;
    struct batch *next;
};

struct external {
    const struct foray_backend *backend;
    void *state; /* the backend's */
    struct foray__ambient ambient;
    struct batch *making;
    struct batch *list, **last; /* closed, not back; in the calls' order */
    size_t n_listed, n_submitted;
    bool cancelled; /* the backend was told */
    bool broken;    /* nothing comes back any more */
};

static int begin(struct foray__stream *stream, struct foray_error *err)
{
    struct external *external = calloc(1, sizeof *external);

    if (!external)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    foray__pool_warn_timeout(stream->pool);
    external->backend = &foray__external_of(stream->pool)->given;
    external->state = stream->pool->state;
    external->last = &external->list;
    foray__ambient_take(&external->ambient);
    stream->carried = external;
    return 0;
}

static bool has_room(const struct foray__stream *stream)
{
    const struct external *external = stream->carried;

    return external->making || external->n_listed < stream->options.window;
}

/* Arrays by value, in the mode that their tasks are to see. */
static int place_inline(struct foray__place *out,
                        const struct foray_array *array, void *arg,
                        struct foray_error *err)
{
    const struct foray__stream *stream = arg;

    FORAY_TRY(foray__holdings_check(array, err));
    out->mode = array->segment ? array->mode : stream->snapshots.mode;
    if (out->mode == FORAY_CREATE)
        out->mode = FORAY_READ_WRITE;
    return 0;
}

static void free_batch(struct foray__stream *stream, struct batch *batch)
{
    foray__holdings_release(&batch->holdings, &stream->snapshots);
    foray__bytes_free(&batch->bytes);
    free(batch->offsets);
    free(batch);
}

static struct batch *new_batch(const struct foray__stream *stream)
{
    struct batch *batch = calloc(1, sizeof *batch);

    if (!batch)
        return NULL;
    batch->room = stream->batch_size;
    batch->first = stream->n_made;
    batch->offsets = calloc(batch->room, sizeof *batch->offsets);
    if (batch->offsets &&
        foray__bytes_grow(&batch->bytes, sizeof(struct foray__parcel))) {
        batch->bytes.size = sizeof(struct foray__parcel);
        return batch;
    }
    foray__bytes_free(&batch->bytes);
    free(batch->offsets);
    free(batch);
    return NULL;
}

/* Append a call's packet. Its function may have another address where it
 * runs. */
static int write_call(struct foray__stream *stream, struct batch *batch,
                      const struct foray_call *call, struct foray_error *err)
{
    bool shares = stream->pool->backend->shares_memory;
    const struct foray__placer placer = {.place = shares ? foray__stream_place
                                                         : place_inline,
                                         .arg = stream,
                                         .max_inline = SIZE_MAX};
    struct foray__function function = {.by_file = false};
    size_t at;

    if (!shares)
        FORAY_TRY(foray__function_locate(&function, call->fn, err));
    FORAY_TRY(foray__call_packet_write(&batch->bytes, &at, call, &function,
                                       &placer, err));
    batch->offsets[batch->n++] = at;
    return 0;
}

static int flush(struct foray__stream *stream, struct foray_error *err);

static int add(struct foray__stream *stream, const struct foray_call *call,
               struct foray_error *err)
{
    struct external *external = stream->carried;
    size_t n_held = stream->holdings.n;
    struct batch *batch = external->making;
    int code;

    if (!batch)
        batch = external->making = new_batch(stream);
    if (!batch)
        return foray__fail(err, FORAY_ENOMEM, "no memory for calls");
    code = write_call(stream, batch, call, err);
    if (code) {
        foray__holdings_cut(&stream->holdings, n_held, &stream->snapshots);
        return code;
    }
    stream->n_made++;
    if (batch->n < batch->room &&
        batch->bytes.size + stream->holdings.n_dumped < BATCH_BYTES)
        return 0;
    return flush(stream, err);
}

/* The table and what tasks inherit behind the packets, and the head in front of
 * them. */
static bool close_batch(const struct foray__stream *stream, struct batch *batch)
{
    const struct external *external = stream->carried;
    const struct foray__ambient *ambient = &external->ambient;
    struct foray__bytes *bytes = &batch->bytes;
    size_t nbytes = (size_t)batch->n * sizeof batch->offsets[0];
    const struct foray_pool *pool = stream->pool;
    struct foray__parcel head = {
        .magic = FORAY__PARCEL_MAGIC,
        .size = bytes->size + nbytes + (ambient->any ? sizeof *ambient : 0),
        .first = batch->first,
        .table = bytes->size,
        .n = (uint32_t)batch->n,
        .retries = (uint32_t)pool->config.retries,
        .pid = pool->backend->shares_memory ? (int32_t)getpid() : 0,
        .stop = stream->course.on_error == FORAY_STOP,
        .nesting = pool->nesting,
        .n_threads = pool->inner_threads,
        .folder = (uint64_t)(uintptr_t)pool->config.temp_folder,
        .state = (uint64_t)(uintptr_t)pool->worker_state,
        .ambient = ambient->any ? bytes->size + nbytes : 0};

    if (!foray__bytes_grow(bytes, (size_t)head.size - bytes->size))
        return false;
    memcpy(bytes->data + bytes->size, batch->offsets, nbytes);
    if (head.ambient)
        memcpy(bytes->data + head.ambient, ambient, sizeof *ambient);
    memcpy(bytes->data, &head, sizeof head);
    bytes->size = (size_t)head.size;
    return true;
}

/* Keep the backend busy. */
static int submit(struct foray__stream *stream, struct foray_error *err)
{
    struct external *external = stream->carried;
    size_t limit = 2 * (size_t)stream->pool->n_jobs;
    struct foray_error why = {.code = 0};
    int code;

    for (struct batch *batch = external->list;
         batch && external->n_submitted < limit && !stream->course.stopping;
         batch = batch->next) {
        if (batch->submitted)
            continue;
        code = external->backend->submit(external->state, batch->first,
                                         batch->bytes.data, batch->bytes.size,
                                         &why);
        if (code)
            return foray__external_fail(stream->pool, code, &why, err);
        batch->submitted = true;
        external->n_submitted++;
    }
    return 0;
}

static int flush(struct foray__stream *stream, struct foray_error *err)
{
    struct external *external = stream->carried;
    struct batch *batch = external->making;

    if (batch) {
        if (!close_batch(stream, batch))
            return foray__fail(err, FORAY_ENOMEM, "no memory for calls");
        batch->holdings = stream->holdings;
        memset(&stream->holdings, 0, sizeof stream->holdings);
        external->making = NULL;
        *external->last = batch;
        external->last = &batch->next;
        external->n_listed++;
        stream->batch_size = foray__stream_next_size(stream);
    }
    return submit(stream, err);
}

static struct batch *take(struct external *external, struct batch **at)
{
    struct batch *batch = *at;

    *at = batch->next;
    if (!*at)
        external->last = at;
    external->n_listed--;
    external->n_submitted -= batch->submitted;
    return batch;
}

/* The outcome of call i, at `at` in what came back; NULL: it is not there. */
static const struct foray__outcome *outcome_at(const struct foray_done *done,
                                               size_t at)
{
    const struct foray__outcome *outcome =
        (const void *)((const char *)done->bytes + at);
    const struct foray__packet *packet = (const void *)(outcome + 1);
    size_t left = done->bytes ? done->size - at : 0;

    if (left < sizeof *outcome || outcome->size > left ||
        outcome->payload > outcome->size - sizeof *outcome)
        return NULL;
    if (outcome->kind == FORAY__OUTCOME_ERROR)
        return outcome->payload >= sizeof(struct foray_error) ? outcome : NULL;
    if (outcome->kind == FORAY__OUTCOME_VALUES)
        return outcome->payload >= sizeof *packet &&
                       packet->size <= outcome->payload
                   ? outcome
                   : NULL;
    return outcome->kind == FORAY__OUTCOME_NOT_RUN ? outcome : NULL;
}

static const struct foray__packet *packet_of(const struct batch *batch,
                                             uint64_t index)
{
    return (const void *)(batch->bytes.data +
                          batch->offsets[index - batch->first]);
}

static void fail(struct foray__stream *stream, struct foray_result *result,
                 struct foray_error *error, enum foray_status status,
                 const struct batch *batch)
{
    foray__stream_fail(stream, result, error, status,
                       packet_of(batch, result->index));
}

/* A call that did not run, though nobody asked for the run to end. */
static void lose(struct foray__stream *stream, struct foray_result *result,
                 const struct batch *batch)
{
    struct foray_error error;

    foray__fail(&error, FORAY_ECRASH,
                "the backend \"%s\" lost the batch it was in",
                stream->pool->backend->name);
    result->worker = -1;
    fail(stream, result, &error, FORAY_TASK_CRASHED, batch);
}

/* Segments that a call handed over, in this process's memory. */
static void take_handed(struct foray__stream *stream,
                        const struct foray__packet *packet)
{
    struct foray__mailbag bag = {.n = 0};

    for (uint32_t k = 0; k < packet->n; k++) {
        const struct foray__packet_array *from =
            foray__packet_array_of(packet, k);
        const struct foray_segment *segment;
        size_t other = 0;

        if (!from || !from->segment || from->access != FORAY__ACCESS_HANDED)
            continue;
        segment = foray__segment_find(from->segment);
        while (other < bag.n && bag.items[other].segment != segment)
            other++;
        if (!segment || other < bag.n)
            continue;
        bag.items[bag.n].segment = (struct foray_segment *)(uintptr_t)segment;
        atomic_fetch_add(&bag.items[bag.n++].segment->users, 1);
    }
    foray__handed_put(stream, &bag);
}

static void deliver(struct foray__stream *stream, struct foray_result *result,
                    const struct foray__outcome *outcome,
                    const struct batch *batch)
{
    const struct foray__packet *returned = (const void *)(outcome + 1);
    struct foray_error error;

    result->attempt = (int)outcome->attempt;
    result->worker = (int)outcome->worker;
    result->seconds = outcome->seconds;
    stream->course.n_retried += outcome->attempt - 1;
    if (outcome->kind == FORAY__OUTCOME_VALUES) {
        take_handed(stream, returned);
        foray__stream_return(stream, 0, result, returned, &batch->holdings,
                             packet_of(batch, result->index));
        return;
    }
    foray__error_copy(&error, outcome + 1);
    fail(stream, result, &error,
         error.code == FORAY_ECANCELED && stream->course.stopping
             ? FORAY_TASK_CANCELLED
             : FORAY_TASK_FAILED,
         batch);
}

/* All calls of a batch that came back. */
static void open_batch(struct foray__stream *stream, const struct batch *batch,
                       const struct foray_done *done)
{
    size_t at = 0;

    for (uint64_t i = 0; i < batch->n; i++) {
        const struct foray__outcome *outcome = outcome_at(done, at);
        struct foray_result result = {.index = (size_t)(batch->first + i),
                                      .worker = -1};

        if (outcome && outcome->kind != FORAY__OUTCOME_NOT_RUN)
            deliver(stream, &result, outcome, batch);
        else if (!stream->course.stopping)
            lose(stream, &result, batch);
        at = outcome ? at + (size_t)outcome->size : done->size;
    }
}

/* Take one batch back. 1, 0: there was none, or a code. */
static int receive(struct foray__stream *stream, double seconds,
                   struct foray_error *err)
{
    struct external *external = stream->carried;
    struct foray_done done = {0, NULL, 0};
    struct batch **at = &external->list;
    struct foray_error why = {.code = 0};
    struct batch *batch;
    int code = external->backend->poll(external->state, seconds, &done, &why);

    if (code < 0)
        return foray__external_fail(stream->pool, code, &why, err);
    if (!code)
        return 0;
    while (*at && ((*at)->first != done.id || !(*at)->submitted))
        at = &(*at)->next;
    if (*at) { /* else it was not ours to bring */
        batch = take(external, at);
        open_batch(stream, batch, &done);
        free_batch(stream, batch);
    }
    free(done.bytes);
    return 1;
}

static void heed(struct foray__stream *stream)
{
    struct external *external = stream->carried;

    foray__course_heed(&stream->course, stream->pool);
    if (!stream->course.stopping || external->cancelled ||
        !external->n_submitted)
        return;
    external->cancelled = true;
    external->backend->cancel(external->state);
}

static int wait_for_one(struct foray__stream *stream, double seconds,
                        struct foray_error *err)
{
    struct external *external = stream->carried;
    int code = submit(stream, err);

    heed(stream);
    if (!code && external->n_submitted)
        code = receive(stream, seconds < patience ? seconds : patience, err);
    while (code > 0 && external->n_submitted) /* what else is there */
        code = receive(stream, 0, err);
    if (code < 0) {
        external->broken = true;
        foray__course_stop(&stream->course);
        return code;
    }
    heed(stream);
    foray__stream_progress(stream, false);
    return submit(stream, err);
}

static bool withdraw(struct foray__stream *stream, uint64_t index)
{
    struct external *external = stream->carried;
    struct batch **at = &external->list;
    struct batch *batch;

    while (*at && (*at)->first != index)
        at = &(*at)->next;
    if (!*at || (*at)->submitted)
        return false;
    batch = take(external, at);
    foray__stream_cancel(stream, index, packet_of(batch, index));
    free_batch(stream, batch);
    return true;
}

static void finish(struct foray__stream *stream)
{
    struct external *external = stream->carried;

    while (external->n_submitted && !external->broken)
        (void)wait_for_one(stream, patience, NULL);
}

static void end(struct foray__stream *stream)
{
    struct external *external = stream->carried;

    if (external->making)
        free_batch(stream, external->making);
    while (external->list)
        free_batch(stream, take(external, &external->list));
    foray__handed_drop(stream, -1);
    free(external);
}

const struct foray__carrier foray__external_carrier = {
    .begin = begin,
    .has_room = has_room,
    .add = add,
    .flush = flush,
    .wait = wait_for_one,
    .withdraw = withdraw,
    .finish = finish,
    .end = end,
};
