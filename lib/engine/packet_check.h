/* Whether a packet is one, before its arrays and strings are looked at: another
 * process left it, and a task may have written over it. */
#ifndef FORAY_ENGINE_PACKET_CHECK_H
#define FORAY_ENGINE_PACKET_CHECK_H

#include "engine/packet.h"

/* Whether the `nbytes` bytes at `packet`, a multiple of 8, begin with one in
 * which all is there that packet.h's functions look at: strings with their
 * ends, descriptions of arrays that can be, the elements of those that lie in
 * it. Of arrays in segments foray__packet_array_lies_in knows more. */
bool foray__packet_makes_sense(const struct foray__packet *packet,
                               size_t nbytes);

/* Whether all elements of an array lie in the `length` bytes from where its
 * offset counts. */
bool foray__packet_array_lies_in(const struct foray__packet_array *from,
                                 uint64_t length);

#endif
