/* Packets as they are written: values of the caller, or of a task, at the end
 * of bytes that grow. What an array's memory is on the other side is not known
 * here: a placer says it, which each way that packets take has of its own. */
#ifndef FORAY_ENGINE_PACKET_WRITE_H
#define FORAY_ENGINE_PACKET_WRITE_H

#include "engine/bytes.h"
#include "engine/packet.h"

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

#endif
