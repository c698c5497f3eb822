#include "engine/stream_external.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/call_batch.h"
#include "engine/result_body.h"
#include "engine/stream_handed.h"
#include "storage/segment.h"

/* Bytes that the calls of one batch may have before it is closed. */
enum { BATCH_BYTES = 1 << 20 };

struct external {
    struct foray__freight freight;
    struct foray__call_batch *making;
};

static void arrived(struct foray__shipment *shipment,
                    const struct foray_done *done, void *arg);

static int begin(struct foray__stream *stream, struct foray_error *err)
{
    struct external *external = calloc(1, sizeof *external);

    if (!external)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    foray__pool_warn_timeout(stream->pool);
    foray__freight_begin(&external->freight, stream->pool, &stream->course,
                         arrived, stream);
    stream->carried = external;
    return 0;
}

static bool has_room(const struct foray__stream *stream)
{
    const struct external *external = stream->carried;

    return external->making ||
           external->freight.n_listed < stream->options.window;
}

static int flush(struct foray__stream *stream, struct foray_error *err);

static int add(struct foray__stream *stream, const struct foray_call *call,
               struct foray_error *err)
{
    struct external *external = stream->carried;
    size_t n_held = stream->holdings.n;
    struct foray__call_batch *batch = external->making;
    int code;

    if (!batch)
        batch = external->making =
            foray__call_batch_new(stream->n_made, stream->batch_size);
    if (!batch)
        return foray__fail(err, FORAY_ENOMEM, "no memory for calls");
    code = foray__call_batch_add(batch, stream, call, err);
    if (code) {
        foray__holdings_cut(&stream->holdings, n_held, &stream->snapshots);
        return code;
    }
    stream->n_made++;
    if (batch->n < batch->room &&
        batch->shipment.bytes.size + stream->holdings.n_dumped < BATCH_BYTES)
        return 0;
    return flush(stream, err);
}

static int flush(struct foray__stream *stream, struct foray_error *err)
{
    struct external *external = stream->carried;
    struct foray__call_batch *batch = external->making;

    if (batch) {
        if (!foray__call_batch_send(batch, &external->freight))
            return foray__fail(err, FORAY_ENOMEM, "no memory for calls");
        batch->holdings = stream->holdings;
        memset(&stream->holdings, 0, sizeof stream->holdings);
        external->making = NULL;
        stream->batch_size = foray__stream_next_size(stream);
    }
    return foray__freight_submit(&external->freight, err);
}

static void fail(struct foray__stream *stream, struct foray_result *result,
                 struct foray_error *error, enum foray_status status,
                 const struct foray__call_batch *batch)
{
    foray__stream_fail(stream, result, error, status,
                       foray__call_batch_packet(batch, result->index));
}

/* Give a call of a batch to the backend once more. False when out of memory. */
static bool send_again(struct foray__stream *stream,
                       const struct foray__call_batch *lost, uint64_t index)
{
    struct external *external = stream->carried;
    struct foray__call_batch *batch =
        foray__call_batch_again(lost, index, stream);

    if (!batch)
        return false;
    if (foray__call_batch_send(batch, &external->freight))
        return true;
    foray__call_batch_free(batch, stream);
    return false;
}

/* A call that did not run to its end, though nobody asked for the run to
 * end. */
static void lose(struct foray__stream *stream,
                 const struct foray__call_batch *batch, uint64_t index)
{
    const struct foray_pool *pool = stream->pool;
    struct foray_result result = {
        .index = (size_t)index, .worker = -1, .attempt = (int)batch->attempt};
    struct foray_error error;

    foray__fail(&error, FORAY_ECRASH,
                "the backend \"%s\" lost the batch it was in",
                pool->backend->name);
    if ((int)batch->attempt <= pool->config.retries &&
        send_again(stream, batch, index)) {
        foray__pool_log(pool, "call %zu: %s: it is tried again", result.index,
                        error.msg);
        return;
    }
    stream->course.n_retried += batch->attempt - 1;
    fail(stream, &result, &error, FORAY_TASK_CRASHED, batch);
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
                    const struct foray__call_batch *batch)
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
                             foray__call_batch_packet(batch, result->index));
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
static void arrived(struct foray__shipment *shipment,
                    const struct foray_done *done, void *arg)
{
    struct foray__call_batch *batch = (struct foray__call_batch *)shipment;
    struct foray__stream *stream = arg;
    const struct foray__outcomes possible = {
        FORAY__OUTCOME_VALUES, foray__freight_attempts(stream->pool)};
    size_t at = 0;

    for (uint64_t i = 0; i < batch->n; i++) {
        const struct foray__outcome *outcome =
            foray__outcome_at(done->bytes, done->size, at, &possible);
        struct foray_result result = {.index = (size_t)(batch->first + i)};

        if (outcome && outcome->kind != FORAY__OUTCOME_NOT_RUN)
            deliver(stream, &result, outcome, batch);
        else if (!stream->course.stopping)
            lose(stream, batch, batch->first + i);
        at = outcome ? at + (size_t)outcome->size : done->size;
    }
    foray__call_batch_free(batch, stream);
}

static int wait_for_one(struct foray__stream *stream, double seconds,
                        struct foray_error *err)
{
    struct external *external = stream->carried;

    FORAY_TRY(foray__freight_wait(&external->freight, seconds, err));
    foray__stream_progress(stream, false);
    return 0;
}

static bool withdraw(struct foray__stream *stream, uint64_t index)
{
    struct external *external = stream->carried;
    struct foray__shipment *shipment = external->freight.list;
    struct foray__call_batch *batch;

    while (shipment && ((struct foray__call_batch *)shipment)->first != index)
        shipment = shipment->next;
    batch = (struct foray__call_batch *)shipment;
    if (!batch || shipment->submitted || batch->attempt > 1)
        return false;
    foray__freight_take(&external->freight, shipment);
    foray__stream_cancel(stream, index, foray__call_batch_packet(batch, index));
    foray__call_batch_free(batch, stream);
    return true;
}

static void finish(struct foray__stream *stream)
{
    struct external *external = stream->carried;

    foray__freight_finish(&external->freight);
}

static void end(struct foray__stream *stream)
{
    struct external *external = stream->carried;
    struct foray__shipment *shipment;

    if (external->making)
        foray__call_batch_free(external->making, stream);
    while ((shipment = external->freight.list)) {
        foray__freight_take(&external->freight, shipment);
        foray__call_batch_free((struct foray__call_batch *)shipment, stream);
    }
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
