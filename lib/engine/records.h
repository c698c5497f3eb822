/* Outcomes of tasks on their way from one worker to the parent: a ring of
 * bytes in shared memory, one writer, one reader. A record counts once it is
 * committed; a worker that dies while it writes one has recorded nothing. */
#ifndef FORAY_ENGINE_RECORDS_H
#define FORAY_ENGINE_RECORDS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FORAY__RECORDS_SIZE = 256 << 10, /* of a ring */
    FORAY__RECORD_MAX = 96 << 10     /* of one record, header included */
};

enum foray__record_kind {
    FORAY__RECORD_PAD,    /* nothing, up to the ring's end */
    FORAY__RECORD_ERROR,  /* payload: struct foray_error */
    FORAY__RECORD_VALUES, /* payload: a packet of what a call returned */
    FORAY__RECORD_OUTPUT  /* no outcome yet: what the task printed, capture.h */
};

struct foray__record {
    uint32_t size; /* with this header, a multiple of 8 */
    uint32_t kind;
    uint32_t attempt;
    uint32_t unused;
    uint64_t task;
    double seconds;
    /* the payload follows */
};

struct foray__records {
    _Alignas(64) _Atomic uint64_t head; /* the worker's: bytes committed */
    _Alignas(64) _Atomic uint64_t tail; /* the parent's: bytes taken */
    _Alignas(64) char bytes[FORAY__RECORDS_SIZE];
};

/* Room for a record of `payload` bytes, its header filled but for kind, task,
 * attempt and seconds; NULL when the ring is too full. Worker. */
struct foray__record *foray__records_reserve(struct foray__records *ring,
                                             size_t payload);

/* The reserved record is complete. Worker. */
void foray__records_commit(struct foray__records *ring,
                           const struct foray__record *record);

/* Whether more than half of it waits to be taken. */
bool foray__records_half_full(const struct foray__records *ring);

/* Whether something waits. Parent. */
bool foray__records_waiting(const struct foray__records *ring);

/* Forget what waits. Parent, when nothing runs. */
void foray__records_clear(struct foray__records *ring);

/* Begin anew, as the worker may have left it anyhow. Parent, when it is dead
 * and what it recorded was taken. */
void foray__records_reset(struct foray__records *ring);

/* Take the oldest record out, into FORAY__RECORD_MAX bytes where no task can
 * write over it any more; false when there is none. One whose size makes no
 * sense, because a task wrote where it should not, empties the ring, and
 * *broken is set. Parent. */
bool foray__records_take(struct foray__records *ring, struct foray__record *out,
                         bool *broken);

#endif
