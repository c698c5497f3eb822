/* A batch of calls that travels as one parcel of a registered backend: made
 * call by call, and once more for a call whose batch was lost. Arrays are in it
 * by value, but where the backend shares the program's memory. */
#ifndef FORAY_ENGINE_CALL_BATCH_H
#define FORAY_ENGINE_CALL_BATCH_H

#include "engine/freight.h"
#include "engine/stream.h"

struct foray__call_batch {
    struct foray__shipment shipment; /* the first member */
    uint64_t first, n;
    uint32_t attempt;  /* that their next try is */
    uint64_t *offsets; /* of their packets: `room` */
    size_t room;
    struct foray__holdings holdings;
};

/* An empty one, for `room` calls from `first` on. NULL: no memory. */
struct foray__call_batch *foray__call_batch_new(uint64_t first, size_t room);

/* Let go of what its calls hold, and free it. */
void foray__call_batch_free(struct foray__call_batch *batch,
                            struct foray__stream *stream);

/* Append a call's packet; what it holds is the stream's still. Errors: as
 * foray__call_packet_write, and those of finding its function's file. */
int foray__call_batch_add(struct foray__call_batch *batch,
                          struct foray__stream *stream,
                          const struct foray_call *call,
                          struct foray_error *err);

/* Complete the parcel, and put it to the freight, whose it is then. False when
 * out of memory. */
bool foray__call_batch_send(struct foray__call_batch *batch,
                            struct foray__freight *freight);

/* A batch of call `index` of another that was lost, for its next try: if the
 * call is what ends its executors, it is alone then. NULL: no memory. */
struct foray__call_batch *
foray__call_batch_again(const struct foray__call_batch *lost, uint64_t index,
                        struct foray__stream *stream);

/* The packet of call `index` of the stream. */
const struct foray__packet *
foray__call_batch_packet(const struct foray__call_batch *batch, uint64_t index);

#endif
