#include "engine/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/process.h"
#include "engine/stream_serial.h"

/* Seconds that a batch of short calls should last: dispatching one costs some
 * 10 us, which is to be nothing beside it. */
static const double batch_seconds = 2e-3;

/* Bytes that the calls of one batch may have before it is offered, and one
 * call at most. */
enum { BATCH_BYTES = 1 << 20, CALL_BYTES = 16 << 20 };

/* Strings and bytes of more than this lie in a segment. */
enum { MAX_INLINE_BYTES = 1 << 20 };

static int begin(struct foray__stream *stream, struct foray_error *err)
{
    struct foray__crew *crew = stream->crew;
    struct foray__order *order = &crew->shared->order;

    FORAY_TRY(foray__crew_fill(crew, err));
    memset(order->first, 0, sizeof order->first);
    order->fn = NULL;
    order->function.by_file = false;
    order->params_size = 0;
    order->calls = true;
    order->stop = stream->options.on_error == FORAY_STOP;
    order->retries = stream->pool->config.retries;
    order->timeout = stream->pool->config.timeout;
    for (int slot = 0; slot < stream->pool->n_jobs; slot++) {
        atomic_store(&crew->shared->slots[slot].n_again, 0);
        atomic_store(&crew->shared->slots[slot].admitted, 1);
    }
    stream->n_returned = atomic_load(&crew->shared->returned);
    foray__claims_open(&crew->shared->claims);
    foray__watch_begin(&stream->watch, crew, &foray__stream_watch_ops, stream);
    return 0;
}

void foray__stream_free(struct foray__stream *stream)
{
    foray__bytes_free(&stream->block);
    free(stream->offsets);
    free(stream->batches);
    free(stream);
}

static int new_stream(struct foray__stream **out, struct foray_pool *pool,
                      const struct foray__stream_options *options,
                      struct foray_error *err)
{
    struct foray__stream *stream = calloc(1, sizeof *stream);

    if (stream) {
        stream->offsets = calloc(FORAY__MAX_BATCH, sizeof *stream->offsets);
        stream->batches = calloc(FORAY__CLAIM_WORDS, sizeof *stream->batches);
        if (!stream->offsets || !stream->batches) {
            foray__stream_free(stream);
            stream = NULL;
        }
    }
    if (!stream)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    stream->pool = pool;
    stream->options = *options;
    stream->batch_size = options->batch ? options->batch : 1;
    stream->first_error.task = -1;
    stream->watch_fd = -1;
    stream->snapshots.folder = pool->config.temp_folder;
    stream->snapshots.max_nbytes = pool->config.max_nbytes;
    stream->snapshots.mode = foray__pool_mmap_mode(pool);
    stream->start_time = stream->progress_time = foray__now();
    *out = stream;
    return 0;
}

int foray__stream_open(struct foray__stream **out, struct foray_pool *pool,
                       const struct foray__stream_options *options,
                       struct foray_error *err)
{
    int code;

    *out = NULL;
    FORAY_TRY(foray__check_process(pool->pid, "the pool", err));
    if (atomic_exchange(&pool->busy, true))
        return foray__fail(err, FORAY_EBUSY,
                           "the pool serves another run at the moment: wait "
                           "for it, drop its iterator, or open a second pool");
    code = new_stream(out, pool, options, err);
    if (!code && pool->backend->crew) {
        (*out)->crew = pool->backend->crew(pool);
        code = begin(*out, err);
    } else if (!code) {
        code = foray__serial_begin(*out, err);
    }
    if (code) {
        if (*out)
            foray__stream_free(*out);
        *out = NULL;
        atomic_store(&pool->busy, false);
    }
    return code;
}

bool foray__stream_has_room(const struct foray__stream *stream)
{
    if (stream->stopping)
        return false;
    if (!stream->crew)
        return foray__serial_has_room(stream);
    if (stream->n_in_batch)
        return true; /* there is a batch to fill */
    return stream->n_blocks < stream->options.window &&
           foray__claims_has_room(&stream->crew->shared->claims);
}

int foray__stream_place(struct foray__place *out,
                        const struct foray_array *array, void *arg,
                        struct foray_error *err)
{
    struct foray__stream *stream = arg;

    return foray__holdings_place(out, array, &stream->snapshots,
                                 &stream->holdings, err);
}

static int check_call(const struct foray__stream *stream,
                      const struct foray_call *call, struct foray_error *err)
{
    char text[160];

    if (!call->fn)
        return foray__fail(err, FORAY_EINVAL,
                           "call %llu has no function: make it by "
                           "foray_delayed",
                           (unsigned long long)stream->n_made);
    if (stream->crew &&
        !foray__modules_have(&stream->crew->modules,
                             (uintptr_t)(void (*)(void))call->fn))
        return foray__fail(err, FORAY_EINVAL,
                           "the function of %s was loaded after the workers "
                           "were made: open the pool after loading it",
                           foray_call_text(text, sizeof text, call));
    return 0;
}

/* Append the call's packet to the block. */
static int write_call(struct foray__stream *stream,
                      const struct foray_call *call, struct foray_error *err)
{
    const struct foray__placer placer = {.place = foray__stream_place,
                                         .arg = stream,
                                         .max_inline = MAX_INLINE_BYTES};
    struct foray__bytes *block = &stream->block;
    struct foray__packet *packet;
    size_t before, at;

    if (!block->size) {
        if (!foray__bytes_grow(block, sizeof(struct foray__block_head)))
            return foray__fail(err, FORAY_ENOMEM, "no memory for a call");
        block->size = sizeof(struct foray__block_head);
    }
    before = block->size;
    FORAY_TRY(
        foray__packet_write(block, &at, call->n, call->args, &placer, err));
    packet = (void *)(block->data + at);
    packet->fn = (uint64_t)(uintptr_t)call->fn;
    packet->name = (uint64_t)(uintptr_t)call->name;
    if (packet->size > CALL_BYTES) {
        block->size = before;
        return foray__fail(err, FORAY_ETOOLARGE,
                           "a call has %zu bytes of arguments beside its "
                           "arrays: pass more than %d as an array",
                           (size_t)packet->size, CALL_BYTES);
    }
    stream->offsets[stream->n_in_batch++] = at;
    return 0;
}

/* How many calls the next batch shall have. */
size_t foray__stream_next_size(const struct foray__stream *stream)
{
    double wanted =
        stream->mean_seconds > 0 ? batch_seconds / stream->mean_seconds : 1;
    size_t size = stream->batch_size * 2, left;

    if (stream->options.single)
        return 1;
    if (stream->options.batch)
        return stream->options.batch;
    if (wanted < (double)size)
        size = wanted > 1 ? (size_t)wanted : 1;
    if (stream->options.total > stream->n_made) { /* an even tail */
        left = stream->options.total - stream->n_made;
        left /= 2 * (size_t)stream->pool->n_jobs;
        if (size > left)
            size = left ? left : 1;
    }
    return size < FORAY__MAX_BATCH ? size : FORAY__MAX_BATCH;
}

int foray__stream_add(struct foray__stream *stream,
                      const struct foray_call *call, struct foray_error *err)
{
    size_t n_held = stream->holdings.n;
    int code = check_call(stream, call, err);

    if (!code && !stream->crew)
        return foray__serial_add(stream, call, err);
    if (!code)
        code = write_call(stream, call, err);
    if (code) {
        foray__holdings_cut(&stream->holdings, n_held, &stream->snapshots);
        return code;
    }
    stream->n_made++;
    if (stream->n_in_batch < stream->batch_size &&
        stream->block.size < BATCH_BYTES)
        return 0;
    return foray__stream_flush(stream, err);
}

/* The table behind the packets, and the head in front of them. */
static bool finish_block(struct foray__stream *stream)
{
    struct foray__bytes *block = &stream->block;
    size_t size = stream->n_in_batch * sizeof(uint64_t);
    struct foray__block_head head = {
        .table = block->size, .first = stream->n_made - stream->n_in_batch};

    if (!foray__bytes_grow(block, size))
        return false;
    memcpy(block->data + head.table, stream->offsets, size);
    memcpy(block->data, &head, sizeof head);
    block->size += size;
    return true;
}

/* The block's place in the heap, as soon as there is one. */
static int lay_out(struct foray__stream *stream, struct foray__block **out,
                   struct foray_error *err)
{
    struct foray__crew *crew = stream->crew;
    struct foray__block *block = calloc(1, sizeof *block);
    int code = 0;

    *out = NULL;
    if (!block || !finish_block(stream)) {
        free(block);
        return foray__fail(err, FORAY_ENOMEM, "no memory for calls");
    }
    while (!code && !stream->stopping &&
           (!foray__claims_has_room(&crew->shared->claims) ||
            !foray__heap_take(&crew->heap, stream->block.size, &block->offset)))
        code = foray__stream_wait(stream, 1.0, err);
    if (code || stream->stopping) {
        free(block);
        return code; /* what was made is cancelled when the stream ends */
    }
    memcpy((char *)crew->shared + crew->shared->heap_offset + block->offset,
           stream->block.data, stream->block.size);
    block->n_left = stream->n_in_batch;
    block->holdings = stream->holdings;
    stream->n_blocks++;
    memset(&stream->holdings, 0, sizeof stream->holdings);
    stream->block.size = 0;
    *out = block;
    return 0;
}

/* Calls of a block as a batch of their own. */
static void offer(struct foray__stream *stream, struct foray__block *block,
                  uint64_t start, uint64_t stop)
{
    stream->batches[stream->n_offered++ % FORAY__CLAIM_WORDS] =
        (struct foray__batch){.start = start,
                              .stop = stop,
                              .n_left = stop - start,
                              .block = block};
    foray__claims_offer(&stream->crew->shared->claims, start, stop,
                        block->offset);
}

/* The rest of a batch that its worker gave back, in pieces for all. False when
 * there is no room for them yet. */
static bool split(struct foray__stream *stream, struct foray__batch *batch,
                  uint64_t settled)
{
    enum { PIECES = 256 };
    uint64_t rest = batch->start + settled, stop = batch->stop;
    uint64_t piece = (stop - rest) / PIECES + 1;

    if (piece < foray__stream_next_size(stream))
        piece = foray__stream_next_size(stream);
    if (stream->n_offered - stream->tail + PIECES > FORAY__CLAIM_WORDS)
        return false;
    batch->n_left -= stop - rest;
    batch->stop = rest;
    for (; rest < stop; rest += piece)
        offer(stream, batch->block, rest,
              stop - rest < piece ? stop : rest + piece);
    return true;
}

void foray__stream_reoffer(struct foray__stream *stream)
{
    struct foray__shared *shared = stream->crew->shared;
    uint32_t n = atomic_load(&shared->returned);
    uint64_t last = stream->n_offered, settled;
    bool all = true;

    if (n == stream->n_returned || stream->stopping)
        return;
    for (uint64_t k = stream->tail; k < last; k++) {
        struct foray__batch *batch = &stream->batches[k % FORAY__CLAIM_WORDS];

        if (batch->n_left &&
            foray__claims_is_returned(&shared->claims, k, &settled) &&
            settled < batch->stop - batch->start)
            all &= split(stream, batch, settled);
    }
    if (all)
        stream->n_returned = n;
    foray__doorbell_ring(&shared->doorbell);
}

int foray__stream_flush(struct foray__stream *stream, struct foray_error *err)
{
    struct foray__block *block;

    if (!stream->crew || !stream->n_in_batch)
        return 0;
    FORAY_TRY(lay_out(stream, &block, err));
    if (!block)
        return 0;
    foray__stream_tell_all(stream, &block->holdings);
    offer(stream, block, stream->n_made - stream->n_in_batch, stream->n_made);
    foray__doorbell_ring(&stream->crew->shared->doorbell);
    stream->n_in_batch = 0;
    stream->batch_size = foray__stream_next_size(stream);
    return 0;
}

uint64_t foray__stream_n_open(const struct foray__stream *stream)
{
    return stream->n_made - stream->n_settled;
}

void foray__stream_stop(struct foray__stream *stream)
{
    if (stream->stopping)
        return;
    stream->stopping = true;
    stream->stop_time = foray__now();
}

bool foray__stream_is_stopping(const struct foray__stream *stream)
{
    return stream->stopping;
}

int foray__stream_verdict(const struct foray__stream *stream,
                          struct foray_error *err)
{
    if (stream->options.on_error == FORAY_STOP &&
        stream->first_error.task >= 0) {
        if (err)
            *err = stream->first_error;
        return stream->first_error.code;
    }
    if (stream->cancelled)
        return foray__fail(err, FORAY_ECANCELED,
                           "the run was cancelled after %llu of %llu calls",
                           (unsigned long long)stream->n_settled,
                           (unsigned long long)stream->n_made);
    return 0;
}
