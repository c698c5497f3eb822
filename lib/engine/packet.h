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

#include "engine/bytes.h"
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

/* Where the memory of an array that does not travel inline is. */
struct foray__place {
    uint64_t segment; /* 0: inline */
    enum foray__access access;
    enum foray_mode mode;           /* in which the other side gets it */
    uint64_t offset;                /* of element 0 from the segment's begin */
    const struct foray_array *view; /* that has the strides it has there; NULL:
                                       the array's own */
};

/* How the writer's process places arrays and long bytes; the latter come as a
 * one-axis array of U8. */
struct foray__placer {
    int (*place)(struct foray__place *out, const struct foray_array *array,
                 void *arg, struct foray_error *err);
    void *arg;
    size_t max_inline; /* bytes of a string that travels inline */
};

/* Append a packet of n values to `out`, at *at from its begin, a multiple of
 * what they want. Errors: FORAY_EINVAL (a value that
 * cannot travel, by its number), FORAY_ENOMEM, the placer's. */
int foray__packet_write(struct foray__bytes *out, size_t *at, size_t n,
                        const struct foray_value *values,
                        const struct foray__placer *placer,
                        struct foray_error *err);

/* Append bytes to the packet at `at`, the last of `out`, and let it know them
 * as the description of its function. Errors: FORAY_ENOMEM. */
int foray__packet_append(struct foray__bytes *out, size_t at,
                         const void *description, size_t size,
                         struct foray_error *err);

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

/* Numbers into one another where the value stays the same. */
bool foray__value_i64(int64_t *out, struct foray_value value);
bool foray__value_u64(uint64_t *out, struct foray_value value);
bool foray__value_f64(double *out, struct foray_value value);

#endif
