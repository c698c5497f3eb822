/* Streams of the serial backend: calls run in the caller, when it waits. */
#ifndef FORAY_ENGINE_STREAM_SERIAL_H
#define FORAY_ENGINE_STREAM_SERIAL_H

#include "engine/stream.h"

int foray__serial_begin(struct foray__stream *stream, struct foray_error *err);
bool foray__serial_has_room(const struct foray__stream *stream);
int foray__serial_add(struct foray__stream *stream,
                      const struct foray_call *call, struct foray_error *err);

/* Run the calls that were added. */
int foray__serial_wait(struct foray__stream *stream, struct foray_error *err);
bool foray__serial_withdraw(struct foray__stream *stream, uint64_t index);
void foray__serial_end(struct foray__stream *stream);

#endif
