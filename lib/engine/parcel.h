/* Parcels: batches of calls on their way to a registered backend, and their
 * outcomes on the way back. Bytes that mean the same in every process of the
 * same program.
 *
 *     struct foray__parcel, packets (packet.h), their offsets, an ambient
 *     struct foray__outcome, payload, padding; one for each call, in order
 */
#ifndef FORAY_ENGINE_PARCEL_H
#define FORAY_ENGINE_PARCEL_H

#include <foray/error.h>

#include "engine/nesting.h"
#include "engine/packet.h"

#define FORAY__PARCEL_MAGIC UINT64_C(0x0003796172616603) /* and the version */
enum { FORAY__PARCEL_ALIGN = 64 };

struct foray__parcel {
    uint64_t magic, size;
    uint64_t first, table; /* call; offset of the packets' offsets */
    uint32_t n, retries;
    int32_t pid;  /* whose memory packets refer to; 0: they are whole */
    int32_t stop; /* at the first failure */
    struct foray__nesting nesting;
    int32_t n_threads; /* of BLAS and OpenMP in a task, as the pool says */
    uint64_t folder;   /* with a pid: address of the name of a folder for arrays
                          that calls return, or 0 */
    uint64_t state;    /* with a pid: address of what init left, or 0 */
    uint64_t ambient;  /* offset of a struct foray__ambient, or 0 */
};

enum foray__outcome_kind {
    FORAY__OUTCOME_NOT_RUN,
    FORAY__OUTCOME_VALUES, /* payload: a packet */
    FORAY__OUTCOME_ERROR   /* payload: struct foray_error */
};

struct foray__outcome {
    uint64_t size; /* with payload and padding */
    uint32_t kind, attempt;
    double seconds;
    uint64_t payload; /* bytes */
    int64_t worker;
};

#endif
