/* What comes back from the workers of a stream. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/death.h"
#include "engine/packet_check.h"
#include "engine/result_body.h"
#include "engine/stream.h"
#include "engine/stream_handed.h"

/* The batch that call `index` belongs to, NULL if it is not under way. */
static struct foray__batch *batch_of(const struct foray__stream *stream,
                                     uint64_t index)
{
    uint64_t low = stream->tail, high = stream->n_offered;

    while (low < high) { /* their starts ascend, but for split ones */
        uint64_t middle = low + (high - low) / 2;
        struct foray__batch *batch =
            &stream->batches[middle % FORAY__CLAIM_WORDS];

        if (index < batch->start)
            high = middle;
        else if (index >= batch->stop)
            low = middle + 1;
        else
            return batch->n_left ? batch : NULL;
    }
    for (uint64_t k = stream->tail; k < stream->n_offered; k++) {
        struct foray__batch *batch = &stream->batches[k % FORAY__CLAIM_WORDS];

        if (index >= batch->start && index < batch->stop)
            return batch->n_left ? batch : NULL;
    }
    return NULL;
}

static const struct foray__packet *packet_in(const struct foray__stream *stream,
                                             const struct foray__batch *batch,
                                             uint64_t index)
{
    const struct foray__shared *shared = stream->crew->shared;

    return foray__block_call((const char *)shared + shared->heap_offset +
                                 batch->block->offset,
                             index);
}

const struct foray__packet *
foray__stream_packet(const struct foray__stream *stream, uint64_t index)
{
    return packet_in(stream, batch_of(stream, index), index);
}

/* "get_hog("img17.png", 9): " before what went wrong. */
static void name_call(struct foray_error *error,
                      const struct foray__packet *packet)
{
    struct foray_array arrays[FORAY_MAX_ARGUMENTS];
    char text[FORAY_ERROR_MSG_SIZE / 2], msg[FORAY_ERROR_MSG_SIZE];
    struct foray_call call = {.name = (const char *)(uintptr_t)packet->name,
                              .n = packet->n};
    int room;

    for (uint32_t k = 0; k < packet->n; k++) {
        const struct foray__packet_array *from =
            foray__packet_array_of(packet, k);

        call.args[k] = foray__packet_get(packet, k);
        if (call.args[k].kind != FORAY_KIND_ARRAY)
            continue;
        foray__packet_array_open(&arrays[k], from, packet);
        call.args[k].as.array = &arrays[k];
    }
    foray_call_text(text, sizeof text, &call);
    room = (int)(sizeof msg - strlen(text) - 3);
    snprintf(msg, sizeof msg, "%s: %.*s", text, room, error->msg);
    memcpy(error->msg, msg, sizeof msg);
}

void foray__stream_settle(struct foray__stream *stream,
                          struct foray_result *result)
{
    static const double weight = 1.0 / 16;

    if (stream->output.text || stream->output.lost)
        foray__result_output(result, &stream->output);
    stream->n_settled++;
    stream->mean_seconds +=
        stream->mean_seconds > 0
            ? weight * (result->seconds - stream->mean_seconds)
            : result->seconds;
    stream->options.deliver(result, stream->options.arg);
}

void foray__stream_fail(struct foray__stream *stream,
                        struct foray_result *result, struct foray_error *error,
                        enum foray_status status,
                        const struct foray__packet *packet)
{
    error->task = (int64_t)result->index;
    name_call(error, packet);
    foray__course_fail(&stream->course, error, status);
    foray__result_fail(result, error, status);
    foray__stream_settle(stream, result);
}

/* What it returned, into the result; nothing is there if it cannot be. */
static int fill(struct foray__stream *stream, int slot,
                struct foray_result *result,
                const struct foray__packet *returned,
                const struct foray__holdings *holdings, struct foray_error *err)
{
    int code = 0;

    if (!foray__result_fill(result, returned))
        return foray__fail(err, FORAY_ENOMEM, "no memory for its result");
    if (result->memory)
        code =
            foray__handed_open_all(stream, slot, holdings, result->memory, err);
    if (code)
        foray_result_free(&(struct foray_result){.memory = result->memory});
    return code;
}

void foray__stream_return(struct foray__stream *stream, int slot,
                          struct foray_result *result,
                          const struct foray__packet *returned,
                          const struct foray__holdings *holdings,
                          const struct foray__packet *packet)
{
    struct foray_error error;

    if (fill(stream, slot, result, returned, holdings, &error))
        foray__stream_fail(stream, result, &error, FORAY_TASK_FAILED, packet);
    else
        foray__stream_settle(stream, result);
}

void foray__stream_cancel(struct foray__stream *stream, uint64_t index,
                          const struct foray__packet *packet)
{
    struct foray_result result = {.index = (size_t)index, .worker = -1};
    struct foray_error error;

    foray__fail(&error, FORAY_ECANCELED, "cancelled before it began");
    foray__stream_fail(stream, &result, &error, FORAY_TASK_CANCELLED, packet);
}

/* One outcome of a batch is here; with the last of them its memory is free. */
void foray__stream_count(struct foray__stream *stream,
                         struct foray__batch *batch)
{
    struct foray__block *block = batch->block;

    batch->n_left--;
    if (--block->n_left)
        return;
    foray__heap_give(&stream->crew->heap, block->offset);
    foray__holdings_release(&block->holdings, &stream->snapshots);
    free(block);
    stream->n_blocks--;
}

static void take_error(struct foray__stream *stream,
                       struct foray_result *result,
                       const struct foray__record *record,
                       const struct foray__packet *packet)
{
    const _Atomic uint32_t *ending = &stream->crew->shared->cancelled;
    struct foray_error error;
    bool is_ending = atomic_load(ending) == stream->watch.generation;

    foray__error_copy(&error, record + 1);
    foray__stream_fail(stream, result, &error,
                       is_ending && error.code == FORAY_ECANCELED
                           ? FORAY_TASK_CANCELLED
                           : FORAY_TASK_FAILED,
                       packet);
}

/* Whether a record's payload is as long as it says. */
static bool is_whole(const struct foray__record *record)
{
    size_t payload = record->size - sizeof *record;
    const struct foray__packet *packet = (const void *)(record + 1);

    if (record->kind == FORAY__RECORD_ERROR)
        return payload >= sizeof(struct foray_error);
    if (record->kind == FORAY__RECORD_OUTPUT)
        return payload >= sizeof(struct foray__output_record);
    return record->kind == FORAY__RECORD_VALUES &&
           foray__packet_makes_sense(packet, payload);
}

/* The call ran; what of it came is lost. */
static void take_nonsense(struct foray__stream *stream,
                          struct foray_result *result,
                          const struct foray__packet *packet)
{
    struct foray_error error;

    foray__fail(&error, FORAY_ECRASH,
                "what it came to makes no sense: its worker wrote where it "
                "should not");
    foray__stream_fail(stream, result, &error, FORAY_TASK_FAILED, packet);
}

static void take_output(struct foray__stream *stream, int slot, uint64_t task,
                        bool is_dead)
{
    if (stream->crew->captures)
        stream->output = foray__capture_take(stream->crew, slot, task, is_dead);
}

static void outcome(struct foray__watch *watch, int slot,
                    const struct foray__record *record)
{
    struct foray__stream *stream = watch->run;
    struct foray__batch *batch = batch_of(stream, record->task);
    struct foray_result result = {.index = (size_t)record->task,
                                  .worker = slot,
                                  .attempt = (int)record->attempt,
                                  .seconds = record->seconds};
    const struct foray__packet *packet;

    if (!batch)
        return;
    if (record->kind == FORAY__RECORD_OUTPUT) {
        if (stream->crew->captures && is_whole(record))
            foray__capture_put(stream->crew, slot, record);
        return;
    }
    take_output(stream, slot, record->task, false);
    packet = packet_in(stream, batch, record->task);
    if (!is_whole(record))
        take_nonsense(stream, &result, packet);
    else if (record->kind == FORAY__RECORD_ERROR)
        take_error(stream, &result, record, packet);
    else
        foray__stream_return(stream, slot, &result, (const void *)(record + 1),
                             &batch->block->holdings, packet);
    foray__stream_count(stream, batch);
}

static void victim(struct foray__watch *watch, int slot,
                   const struct foray__burial *burial, int status)
{
    struct foray__stream *stream = watch->run;
    struct foray__batch *batch = batch_of(stream, burial->victim);
    const struct foray__cause *cause = &stream->crew->shared->slots[slot].cause;
    struct foray_result result = {.index = (size_t)burial->victim,
                                  .worker = slot,
                                  .attempt = (int)burial->attempt};
    const struct foray__packet *packet;
    struct foray__struck struck;
    struct foray_error error;
    bool any;

    foray__handed_drop(stream, slot);
    if (!batch)
        return;
    packet = packet_in(stream, batch, burial->victim);
    any = foray__struck_in_call(&struck, packet, &batch->block->holdings,
                                cause->arg);
    foray__death_describe(&error, any ? &struck : NULL, cause, status, slot,
                          burial->victim);
    take_output(stream, slot, burial->victim, true);
    if (burial->again) {
        free(stream->output.text);
        stream->output = (struct foray__output){0};
        foray__pool_log(stream->pool, "%s: it is tried again", error.msg);
        return;
    }
    foray__stream_fail(stream, &result, &error,
                       foray__watch_status(watch, &error), packet);
    foray__stream_count(stream, batch);
}

void foray__stream_cancel_tried(struct foray__stream *stream)
{
    struct foray__claims *claims = &stream->crew->shared->claims;
    struct foray_error error;
    uint64_t task;
    uint32_t next = 0;

    while ((task = foray__claims_take_tried(claims, &next)) != FORAY__NO_TASK) {
        struct foray__batch *batch = batch_of(stream, task);
        struct foray_result result = {.index = (size_t)task, .worker = -1};

        if (!batch)
            continue;
        foray__fail(&error, FORAY_ECANCELED,
                    "call %llu was not tried again: the run ended",
                    (unsigned long long)task);
        stream->course.n_retried--;
        foray__stream_fail(stream, &result, &error, FORAY_TASK_CANCELLED,
                           packet_in(stream, batch, task));
        foray__stream_count(stream, batch);
    }
}

static int admit(struct foray__watch *watch, int slot, struct foray_error *err)
{
    struct foray__stream *stream = watch->run;

    (void)err;
    foray__capture_tell(stream->crew, slot);
    foray__stream_tell(stream, slot);
    atomic_store(&stream->crew->shared->slots[slot].admitted, 1);
    return 0;
}

static bool is_ready(const struct foray__watch *watch)
{
    (void)watch;
    return false; /* outcomes are all there is to wait for */
}

static bool awaits(const struct foray__watch *watch)
{
    const struct foray__stream *stream = watch->run;

    if (stream->course.stopping)
        return foray__stream_is_running(stream);
    return foray__stream_n_open(stream) > stream->n_in_batch;
}

const struct foray__watch_ops foray__stream_watch_ops = {
    .outcome = outcome,
    .victim = victim,
    .admit = admit,
    .is_ready = is_ready,
    .awaits = awaits,
    .glance = foray__stream_glance,
};
