/* Arrays of results: segments that workers hand over, and views of the
 * caller's own. */
#ifndef FORAY_ENGINE_STREAM_HANDED_H
#define FORAY_ENGINE_STREAM_HANDED_H

#include "engine/mailbag.h"
#include "engine/stream.h"

/* Fill in the arrays of a result, which came from the worker in `slot`, that
 * lie in segments. 0, or a code with err. */
int foray__handed_open_all(struct foray__stream *stream, int slot,
                           const struct foray__holdings *holdings,
                           struct foray_result_memory *memory,
                           struct foray_error *err);

/* A thread's: what is in its bag goes to where the stream finds it, and the
 * bag is empty. */
void foray__handed_post(_Atomic(struct foray__handed *) *out, int slot,
                        struct foray__mailbag *bag);

/* What a call that ran in this thread hands over: the bag is empty then. */
void foray__handed_put(struct foray__stream *stream,
                       struct foray__mailbag *bag);

/* What came from a worker that died before it recorded a result, or from any
 * (slot -1), is given back. */
void foray__handed_drop(struct foray__stream *stream, int slot);

#endif
