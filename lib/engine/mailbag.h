/* The mailbag: segments that a call hands to the parent with what it returns.
 * The worker sends their descriptors over its channel before it records the
 * outcome. */
#ifndef FORAY_ENGINE_MAILBAG_H
#define FORAY_ENGINE_MAILBAG_H

#include "engine/attachments.h"
#include "engine/holdings.h"
#include "engine/packet_write.h"

/* Bytes of an array, a string or bytes that travel in the record itself. */
enum { FORAY__MAILBAG_INLINE = 4096 };

struct foray__mailbag {
    /* The parent's segments, as they are mapped here: one of the two. */
    const struct foray__attachments *attachments;
    const struct foray__holdings *holdings; /* of a call in the parent */
    const char *folder; /* of arrays that are copied; NULL: the default */
    size_t n;
    struct foray_array items[FORAY_MAX_ARGUMENTS]; /* ours alone to close */
};

/* A foray__placer's: inline if small; an array in memory of the parent's stays
 * there; one in a segment that the task made is handed over; another is copied
 * into a new one. */
int foray__mailbag_place(struct foray__place *out,
                         const struct foray_array *array, void *arg,
                         struct foray_error *err);

/* Send what is in it, waiting until the parent reads, and empty it. */
void foray__mailbag_send(struct foray__mailbag *bag, int channel);

/* Take the last one out, for whoever owns it now. */
struct foray_segment *foray__mailbag_take(struct foray__mailbag *bag);

/* Close what is in it. */
void foray__mailbag_empty(struct foray__mailbag *bag);

#endif
