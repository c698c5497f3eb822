#include "engine/call_batch.h"

#include <stdlib.h>

#include "base/error.h"
#include "engine/call_packet.h"
#include "engine/received.h"

struct foray__call_batch *foray__call_batch_new(uint64_t first, size_t room)
{
    struct foray__call_batch *batch = calloc(1, sizeof *batch);

    if (!batch)
        return NULL;
    batch->first = first;
    batch->attempt = 1;
    batch->room = room;
    batch->offsets = calloc(room, sizeof *batch->offsets);
    if (batch->offsets && foray__shipment_begin(&batch->shipment))
        return batch;
    free(batch->offsets);
    free(batch);
    return NULL;
}

void foray__call_batch_free(struct foray__call_batch *batch,
                            struct foray__stream *stream)
{
    foray__holdings_release(&batch->holdings, &stream->snapshots);
    foray__bytes_free(&batch->shipment.bytes);
    free(batch->offsets);
    free(batch);
}

/* Arrays by value, in the mode that their tasks are to see. */
static int place_inline(struct foray__place *out,
                        const struct foray_array *array, void *arg,
                        struct foray_error *err)
{
    const struct foray__stream *stream = arg;

    FORAY_TRY(foray__holdings_check(array, err));
    out->mode = array->segment || foray__received_segment(array)
                    ? array->mode
                    : stream->snapshots.mode;
    if (out->mode == FORAY_CREATE)
        out->mode = FORAY_READ_WRITE;
    return 0;
}

/* A function may have another address where its call runs. */
int foray__call_batch_add(struct foray__call_batch *batch,
                          struct foray__stream *stream,
                          const struct foray_call *call,
                          struct foray_error *err)
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
    FORAY_TRY(foray__call_packet_write(&batch->shipment.bytes, &at, call,
                                       &function, &placer, err));
    batch->offsets[batch->n++] = at;
    return 0;
}

/* The table lies behind the packets. */
bool foray__call_batch_send(struct foray__call_batch *batch,
                            struct foray__freight *freight)
{
    struct foray__parcel head = {.first = batch->first,
                                 .n = (uint32_t)batch->n,
                                 .attempt = batch->attempt};

    return foray__bytes_put(&batch->shipment.bytes, &head.table, batch->offsets,
                            (size_t)batch->n * sizeof batch->offsets[0],
                            sizeof batch->offsets[0]) &&
           foray__freight_add(freight, &batch->shipment, &head);
}

const struct foray__packet *
foray__call_batch_packet(const struct foray__call_batch *batch, uint64_t index)
{
    return (const void *)(batch->shipment.bytes.data +
                          batch->offsets[index - batch->first]);
}

struct foray__call_batch *
foray__call_batch_again(const struct foray__call_batch *lost, uint64_t index,
                        struct foray__stream *stream)
{
    struct foray__call_batch *batch = foray__call_batch_new(index, 1);
    const struct foray__packet *packet = foray__call_batch_packet(lost, index);

    if (!batch)
        return NULL;
    if (foray__holdings_share(&batch->holdings, &lost->holdings) ||
        !foray__bytes_put(&batch->shipment.bytes, &batch->offsets[0], packet,
                          (size_t)packet->size, FORAY__PARCEL_ALIGN)) {
        foray__call_batch_free(batch, stream);
        return NULL;
    }
    batch->n = 1;
    batch->attempt = lost->attempt + 1;
    return batch;
}
