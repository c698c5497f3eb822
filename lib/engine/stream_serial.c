#include "engine/stream_serial.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/call_packet.h"
#include "engine/here.h"
#include "engine/only_task.h"
#include "engine/result_body.h"
#include "engine/serial.h"
#include "engine/stream_handed.h"

/* A call that waits for its turn. */
struct queued {
    uint64_t index;
    struct foray__bytes bytes; /* its packet, and nothing else */
    struct foray__holdings holdings;
    struct queued *next;
};

struct serial {
    struct foray__here here;
    struct queued *first, **last;
};

static int begin(struct foray__stream *stream, struct foray_error *err)
{
    struct serial *serial = calloc(1, sizeof *serial);

    if (!serial)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    foray__pool_warn_timeout(stream->pool);
    stream->carried = serial;
    serial->last = &serial->first;
    foray__here_calls(&serial->here);
    serial->here.task.cancelled = foray__serial_ready(stream->pool);
    serial->here.task.generation = FORAY__SERIAL_CANCELLED;
    serial->here.purse.bytes = stream->pool->config.memory;
    serial->here.task.purse = &serial->here.purse;
    serial->here.task.state = stream->pool->worker_state;
    serial->here.task.n_threads = stream->pool->inner_threads;
    foray__ambient_take(&serial->here.order.ambient);
    serial->here.bag.folder = stream->pool->config.temp_folder;
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
    struct foray__here *here = &((struct serial *)stream->carried)->here;
    const struct foray__packet *packet = packet_of(call);
    struct foray__nesting outside = foray__nesting_swap(stream->pool->nesting);
    int code;

    here->bag.holdings = &call->holdings;
    here->task.attempt = 1;
    code = foray__here_call(here, (size_t)call->index,
                            foray__call_packet_fn(packet), packet,
                            stream->pool->config.retries, &result->seconds);
    here->bag.holdings = NULL;
    foray__nesting_swap(outside);
    result->attempt = here->task.attempt;
    stream->course.n_retried += (size_t)result->attempt - 1;
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
        foray__handed_put(stream, &serial->here.bag);
        foray__stream_return(stream, 0, &result,
                             foray__call_returned(&serial->here.task),
                             &call->holdings, packet_of(call));
    } else {
        error = serial->here.task.error;
        foray__stream_fail(stream, &result, &error,
                           code == FORAY_ECANCELED &&
                                   atomic_load(&stream->pool->cancel)
                               ? FORAY_TASK_CANCELLED
                               : FORAY_TASK_FAILED,
                           packet_of(call));
    }
    foray__mailbag_empty(&serial->here.bag);
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
    foray__here_fini(&serial->here);
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
