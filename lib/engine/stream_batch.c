/* Calls on their way out: laid out in batches, offered, split. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/call_packet.h"
#include "engine/stream.h"

/* Seconds that a batch of short calls should last: dispatching one costs some
 * 10 us, which is to be nothing beside it. */
static const double batch_seconds = 2e-3;

/* Bytes that the calls of one batch may have before it is offered, and one
 * call at most. */
enum { BATCH_BYTES = 1 << 20, CALL_BYTES = 16 << 20 };

/* Strings and bytes of more than this lie in a segment. */
enum { MAX_INLINE_BYTES = 1 << 20 };

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
    if (call->fn)
        return 0;
    return foray__fail(err, FORAY_EINVAL,
                       "call %llu has no function: make it by foray_delayed",
                       (unsigned long long)stream->n_made);
}

/* Other workers, between two calls. Those of before have marked what they did
 * as done: a result may be there before. */
static int renew(struct foray__stream *stream, const char *why,
                 struct foray_error *err)
{
    int code = foray__stream_flush(stream, err);

    while (!code && !stream->course.stopping &&
           (foray__stream_n_open(stream) || foray__stream_is_running(stream)))
        code = foray__stream_wait(stream, 1.0, err);
    if (code || stream->course.stopping)
        return code;
    foray__crew_renew(stream->crew, why);
    FORAY_TRY(foray__crew_fill(stream->crew, err));
    foray__crew_admit_all(stream->crew);
    return 0;
}

/* Make sure that workers can find a call's function: by its address, or else
 * by the file it was loaded from. */
static int introduce(struct foray__stream *stream, foray_task_fn fn,
                     struct foray__function *out, struct foray_error *err)
{
    struct foray__crew *crew = stream->crew;

    out->by_file = false;
    if (stream->pool->backend->shares_memory ||
        foray__modules_have(&crew->modules, (uintptr_t)(void (*)(void))fn))
        return 0;
    if (!crew->by_zygote)
        return renew(stream,
                     "a function was loaded after the workers were made", err);
    if (crew->unloads != foray__modules_unloads())
        FORAY_TRY(renew(
            stream, "a library was unloaded that workers may still have", err));
    return foray__function_locate(out, fn, err);
}

/* Append the call's packet to the block. */
static int write_call(struct foray__stream *stream,
                      const struct foray_call *call,
                      const struct foray__function *function,
                      struct foray_error *err)
{
    const struct foray__placer placer = {.place = foray__stream_place,
                                         .arg = stream,
                                         .max_inline = MAX_INLINE_BYTES};
    struct foray__bytes *block = &stream->block;
    const struct foray__packet *packet;
    size_t before, at;

    if (!block->size) {
        if (!foray__bytes_grow(block, sizeof(struct foray__block_head)))
            return foray__fail(err, FORAY_ENOMEM, "no memory for a call");
        block->size = sizeof(struct foray__block_head);
    }
    before = block->size;
    FORAY_TRY(
        foray__call_packet_write(block, &at, call, function, &placer, err));
    packet = (void *)(block->data + at);
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
    struct foray__function function;
    size_t n_held;
    int code;

    FORAY_TRY(check_call(stream, call, err));
    if (!stream->crew)
        return stream->carrier->add(stream, call, err);
    FORAY_TRY(introduce(stream, call->fn, &function, err));
    n_held = stream->holdings.n;
    code = write_call(stream, call, &function, err);
    if (code) {
        foray__holdings_cut(&stream->holdings, n_held, &stream->snapshots);
        return code;
    }
    stream->n_made++;
    if (stream->n_to_come != FORAY__UNKNOWN)
        stream->n_to_come--;
    if (stream->n_in_batch < stream->batch_size &&
        stream->block.size + stream->holdings.n_dumped < BATCH_BYTES)
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
    while (!code && !stream->course.stopping &&
           (!foray__claims_has_room(&crew->shared->claims) ||
            !foray__heap_take(&crew->heap, stream->block.size, &block->offset)))
        code = foray__stream_wait(stream, 1.0, err);
    if (code || stream->course.stopping) {
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

    if (n == stream->n_returned || stream->course.stopping)
        return;
    for (uint64_t k = stream->tail; k < last; k++) {
        struct foray__batch *batch = &stream->batches[k % FORAY__CLAIM_WORDS];

        if (!batch->n_left ||
            !foray__claims_is_returned(&shared->claims, k, &settled) ||
            settled >= batch->stop - batch->start)
            continue;
        if (split(stream, batch, settled))
            foray__claims_replace(&shared->claims, k);
        else
            all = false;
    }
    if (all)
        stream->n_returned = n;
    foray__doorbell_ring(&shared->doorbell);
}

void foray__stream_expect(struct foray__stream *stream, uint64_t n)
{
    stream->n_to_come = n;
}

int foray__stream_flush(struct foray__stream *stream, struct foray_error *err)
{
    struct foray__block *block;

    if (!stream->crew)
        return stream->carrier->flush(stream, err);
    if (!stream->n_in_batch) {
        foray__claims_expect(&stream->crew->shared->claims, stream->n_to_come);
        return 0;
    }
    FORAY_TRY(lay_out(stream, &block, err));
    if (!block)
        return 0;
    foray__stream_tell_all(stream, &block->holdings);
    offer(stream, block, stream->n_made - stream->n_in_batch, stream->n_made);
    foray__claims_expect(&stream->crew->shared->claims, stream->n_to_come);
    foray__doorbell_ring(&stream->crew->shared->doorbell);
    /* If that fails, the next wait tries again, and tells. */
    (void)foray__watch_refill(&stream->watch, NULL);
    stream->n_in_batch = 0;
    stream->batch_size = foray__stream_next_size(stream);
    return 0;
}
