/* A call's packet: its arguments, and the function that is to get them. */
#ifndef FORAY_ENGINE_CALL_PACKET_H
#define FORAY_ENGINE_CALL_PACKET_H

#include "engine/function.h"
#include "engine/packet_write.h"

/* Append the packet of a call to `out`, at *at from its begin. `function`: how
 * a process finds the function that may lack it; NULL, or by_file false: by its
 * address. Errors: as foray__packet_write; `out` is as before then. */
int foray__call_packet_write(struct foray__bytes *out, size_t *at,
                             const struct foray_call *call,
                             const struct foray__function *function,
                             const struct foray__placer *placer,
                             struct foray_error *err);

/* What function a packet is for: the address in the process that made it, and
 * how to find it elsewhere, or NULL. */
foray_task_fn foray__call_packet_fn(const struct foray__packet *packet);
const struct foray__function *
foray__call_packet_function(const struct foray__packet *packet);

#endif
