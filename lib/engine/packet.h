/* Packets: typed values as one run of bytes that means the same in every
 * process. A call on its way to a worker, and what it returned on its way
 * back.
 *
 *     struct foray__packet, its values, then what they refer to: strings,
 *     bytes, descriptions of arrays, the elements of small arrays
 *
 * Every reference is an offset from the packet's begin, which is a multiple of
 * 64 wherever a packet with elements in it lies, and of 16 where one with bytes
 * does, which begin at such a multiple, too. Large arrays and long bytes
 * stay in a segment, and the packet names it.
 */
#ifndef FORAY_ENGINE_PACKET_H
#define FORAY_ENGINE_PACKET_H

#include <foray/call.h>

#include "engine/descriptor.h"

struct foray__packet_value {
    uint32_t kind;   /* enum foray_kind */
    uint32_t placed; /* STR and BYTES: `a` is of a packet_array */
    uint64_t a, b;   /* number; offset and size; offset of a packet_array */
};

struct foray__packet {
    uint64_t size; /* of all, bytes */
    uint32_t n;
    uint64_t fn;      /* of a call */
    uint64_t fn_file; /* 0, or where a struct foray__function lies that says
                         which file it is to be loaded from */
    uint64_t name;    /* address of its name in the process that made it */
    struct foray__packet_value values[];
};

/* An array. Of a segment, `offset` counts from its begin; of none (0), from
 * the packet's; of one that is inherited, or that stays here, it is an address.
 * Shape and strides follow, ndim of each. */
struct foray__packet_array {
    uint64_t segment;
    int64_t offset;
    uint64_t itemsize;
    uint8_t dtype, swapped, mode, access;
    int32_t ndim;
    int64_t dims[];
};

/* Value k, its strings and bytes inside of the packet; of ARRAY and placed
 * ones only the kind. NONE when there is no k-th. */
struct foray_value foray__packet_get(const struct foray__packet *packet,
                                     size_t k);

/* The description of value k's array, NULL when it has none. */
const struct foray__packet_array *
foray__packet_array_of(const struct foray__packet *packet, size_t k);

/* The array it describes, whose segment is mapped at `base` (inline: the
 * packet). */
void foray__packet_array_open(struct foray_array *out,
                              const struct foray__packet_array *from,
                              const void *base);

#endif
