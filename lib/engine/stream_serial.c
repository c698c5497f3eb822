#include "engine/stream_serial.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/attachments.h"
#include "engine/call_packet.h"
#include "engine/mailbag.h"
#include "engine/only_task.h"
#include "engine/result_body.h"
#include "engine/serial.h"
#include "engine/stream_handed.h"
#include "engine/task_body.h"
#include "storage/segment.h"

/* A call that waits for its turn. */
struct queued {
    uint64_t index;
    struct foray__bytes bytes; /* its packet, and nothing else */
    struct foray__holdings holdings;
    struct queued *next;
};

struct serial {
    struct foray_task task; /* large, and kept from call to call */
    struct foray__order order;
    struct foray__level level;
    struct foray__office office;
    struct foray__mailbag mailbag;
    struct foray__attachments copies; /* of mode c arguments */
    struct queued *first, **last;
};

/* Where an argument lies: where the caller has it, but in mode c. */
static const void *base_of(const struct foray__packet_array *from, void *arg)
{
    struct serial *serial = arg;
    const struct foray__holdings *holdings = serial->mailbag.holdings;
    const struct foray__attachment *copy;

    for (size_t i = 0; i < holdings->n; i++) {
        const struct foray_segment *segment = holdings->items[i].segment;

        if (segment->id != from->segment)
            continue;
        if (from->access != FORAY__ACCESS_COPY)
            return segment->base;
        copy = foray__attachments_find(&serial->copies, segment->id,
                                       FORAY__ACCESS_COPY);
        if (copy)
            return copy->base;
        if (foray__attachments_map(&serial->copies, segment->id,
                                   FORAY__ACCESS_COPY, segment->fd,
                                   segment->length))
            return NULL;
        return serial->copies.items[serial->copies.n - 1].base;
    }
    return NULL;
}

static int begin(struct foray__stream *stream, struct foray_error *err)
{
    struct serial *serial = calloc(1, sizeof *serial);

    if (!serial)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    foray__pool_warn_timeout(stream->pool);
    stream->carried = serial;
    serial->last = &serial->first;
    serial->order.calls = true;
    foray__ambient_take(&serial->order.ambient);
    serial->task.order = &serial->order;
    serial->task.cancelled = foray__serial_ready(stream->pool);
    serial->task.generation = FORAY__SERIAL_CANCELLED;
    serial->task.state = stream->pool->worker_state;
    serial->task.n_threads = stream->pool->inner_threads;
    serial->task.office = &serial->office;
    serial->mailbag.folder = stream->pool->config.temp_folder;
    serial->office.base = base_of;
    serial->office.arg = serial;
    serial->office.placer.place = foray__mailbag_place;
    serial->office.placer.arg = &serial->mailbag;
    serial->office.placer.max_inline = FORAY__MAILBAG_INLINE;
    return 0;
}

static bool has_room(const struct foray__stream *stream)
{
    const struct serial *serial = stream->carried;

    return !serial->first; /* tasks run lazily, one by one */
}

/* FORAY_ONLY_TASK names another call. */
static void pass_over(struct foray__stream *stream)
{
    struct foray_result result = {.index = (size_t)stream->n_made++,
                                  .worker = -1};
    struct foray_error error;

    foray__fail(&error, FORAY_ECANCELED,
                "call %zu did not run: FORAY_ONLY_TASK is %lld", result.index,
                (long long)stream->pool->only_task);
    error.task = (int64_t)result.index;
    foray__result_fail(&result, &error, FORAY_TASK_NOT_RUN);
    stream->n_passed_over++;
    foray__stream_settle(stream, &result);
}

static int add(struct foray__stream *stream, const struct foray_call *call,
               struct foray_error *err)
{
    const struct foray__placer placer = {
        .place = foray__stream_place, .arg = stream, .max_inline = SIZE_MAX};
    struct serial *serial = stream->carried;
    struct queued *queued;
    size_t at;
    int code;

    if (stream->pool->only_task != FORAY__ALL_TASKS &&
        stream->n_made != (uint64_t)stream->pool->only_task) {
        pass_over(stream);
        return 0;
    }
    queued = calloc(1, sizeof *queued);
    if (!queued)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a call");
    code =
        foray__call_packet_write(&queued->bytes, &at, call, NULL, &placer, err);
    queued->holdings = stream->holdings;
    memset(&stream->holdings, 0, sizeof stream->holdings);
    if (code) {
        foray__holdings_release(&queued->holdings, &stream->snapshots);
        foray__bytes_free(&queued->bytes);
        free(queued);
        return code;
    }
    queued->index = stream->n_made++;
    *serial->last = queued;
    serial->last = &queued->next;
    return 0;
}

static const struct foray__packet *packet_of(const struct queued *call)
{
    return (const void *)call->bytes.data;
}

static struct queued *take_first(struct serial *serial)
{
    struct queued *call = serial->first;

    serial->first = call->next;
    if (!serial->first)
        serial->last = &serial->first;
    return call;
}

static void free_queued(struct foray__stream *stream, struct queued *call)
{
    foray__holdings_release(&call->holdings, &stream->snapshots);
    foray__bytes_free(&call->bytes);
    free(call);
}

/* Run a call, as often as its failures are retried. Returns its code. */
static int run(struct foray__stream *stream, struct queued *call,
               struct foray_result *result)
{
    struct serial *serial = stream->carried;
    struct foray_task *task = &serial->task;
    const struct foray__packet *packet = packet_of(call);
    struct foray__nesting outside;
    int code;

    serial->mailbag.holdings = &call->holdings;
    for (task->attempt = 1;; task->attempt++) {
        double start = foray__now();

        outside = foray__nesting_swap(stream->pool->nesting);
        foray__ambient_enter(&serial->level, &serial->order.ambient);
        code = foray__call_run(task, (size_t)call->index,
                               foray__call_packet_fn(packet), packet);
        foray__ambient_leave(&serial->level);
        foray__nesting_swap(outside);
        result->seconds = foray__now() - start;
        foray__attachments_fini(&serial->copies);
        if (!code || task->attempt > stream->pool->config.retries ||
            atomic_load(&stream->pool->cancel))
            break;
        foray__mailbag_empty(&serial->mailbag);
        stream->course.n_retried++;
    }
    serial->mailbag.holdings = NULL;
    result->attempt = task->attempt;
    return code;
}

static void run_first(struct foray__stream *stream)
{
    struct serial *serial = stream->carried;
    struct queued *call = take_first(serial);
    struct foray_result result = {.index = (size_t)call->index};
    struct foray_error error;
    bool alone = stream->pool->only_task != FORAY__ALL_TASKS;
    int code;

    if (alone)
        foray__only_task_begin();
    code = run(stream, call, &result);
    if (alone)
        foray__only_task_end();
    if (!code) {
        foray__handed_put(stream, &serial->mailbag);
        foray__stream_return(stream, 0, &result,
                             foray__call_returned(&serial->task),
                             &call->holdings, packet_of(call));
    } else {
        error = serial->task.error;
        foray__stream_fail(stream, &result, &error,
                           code == FORAY_ECANCELED &&
                                   atomic_load(&stream->pool->cancel)
                               ? FORAY_TASK_CANCELLED
                               : FORAY_TASK_FAILED,
                           packet_of(call));
    }
    foray__mailbag_empty(&serial->mailbag);
    free_queued(stream, call);
}

static int wait_for_one(struct foray__stream *stream, double seconds,
                        struct foray_error *err)
{
    struct serial *serial = stream->carried;

    (void)seconds;
    (void)err;
    foray__course_heed(&stream->course, stream->pool);
    if (serial->first && !stream->course.stopping)
        run_first(stream);
    foray__course_heed(&stream->course, stream->pool);
    foray__stream_progress(stream, false);
    return 0;
}

static bool withdraw(struct foray__stream *stream, uint64_t index)
{
    struct serial *serial = stream->carried;
    struct queued **at = &serial->first;
    struct queued *call;

    while (*at && (*at)->index != index)
        at = &(*at)->next;
    if (!*at)
        return false;
    call = *at;
    *at = call->next;
    if (!*at)
        serial->last = at;
    foray__stream_cancel(stream, index, packet_of(call));
    free_queued(stream, call);
    return true;
}

static void end(struct foray__stream *stream)
{
    struct serial *serial = stream->carried;

    while (serial->first)
        free_queued(stream, take_first(serial));
    foray__handed_drop(stream, -1);
    foray__mailbag_empty(&serial->mailbag);
    foray__attachments_fini(&serial->copies);
    foray__bytes_free(&serial->task.returned);
    free(serial);
}

static int flush(struct foray__stream *stream, struct foray_error *err)
{
    (void)stream;
    (void)err;
    return 0; /* each call is offered as it is added */
}

static void finish(struct foray__stream *stream)
{
    (void)stream; /* nothing runs between two waits */
}

const struct foray__carrier foray__serial_carrier = {
    .begin = begin,
    .has_room = has_room,
    .add = add,
    .flush = flush,
    .wait = wait_for_one,
    .withdraw = withdraw,
    .finish = finish,
    .end = end,
    .works_in_wait = true,
};
