/* Parcels: calls, or tasks of a run, on their way to a registered backend, and
 * their outcomes on the way back. Bytes that mean the same in every process of
 * the same program.
 *
 *     struct foray__parcel, how a worker's life begins, an ambient, and
 *         packets (packet.h), their offsets
 *     or  an order, arrays (portion.h)
 *
 *     struct foray__outcome, payload, padding; one for each in order, and
 *         behind those of tasks what they wrote
 */
#ifndef FORAY_ENGINE_PARCEL_H
#define FORAY_ENGINE_PARCEL_H

#include <foray/error.h>

#include "engine/bytes.h"
#include "engine/here.h"
#include "engine/nesting.h"

#define FORAY__PARCEL_MAGIC UINT64_C(0x0005796172616603) /* and the version */
enum { FORAY__PARCEL_ALIGN = 64 };

struct foray__parcel {
    uint64_t magic, size;
    uint64_t first;   /* call, or task */
    uint64_t table;   /* of calls: offset of the packets' offsets */
    uint64_t portion; /* of tasks, without a pid: of a struct foray__portion */
    uint64_t lodging; /* offset of a struct foray__lodging; or 0 */
    uint64_t ambient; /* offset of a struct foray__ambient; or 0 */
    uint32_t n, retries, attempt; /* that the first try of each is */
    int32_t pid;       /* whose memory it refers to; 0: it is whole */
    int32_t stop;      /* at the first failure */
    int32_t tasks;     /* of a run; else calls */
    int32_t n_threads; /* of BLAS and OpenMP in a task, as the pool says */
    int32_t zero;      /* what is padding goes along unset */
    struct foray__nesting nesting;
    /* With a pid: addresses of the name of a folder for arrays that calls
     * return, of what init left, and of the run that tasks are of; or 0. */
    uint64_t folder, state, run;
};
_Static_assert(sizeof(struct foray__nesting) ==
                   4 * sizeof(int) + sizeof(size_t),
               "no byte of a parcel is padding");

enum foray__outcome_kind {
    FORAY__OUTCOME_NOT_RUN,
    FORAY__OUTCOME_VALUES,   /* of a call; payload: a packet */
    FORAY__OUTCOME_DONE,     /* of a task */
    FORAY__OUTCOME_ERROR,    /* payload: struct foray_error */
    FORAY__OUTCOME_NO_WORKER /* of all: init failed; payload: the same */
};

struct foray__outcome {
    uint64_t size; /* with payload and padding */
    uint32_t kind, attempt;
    double seconds;
    uint64_t payload; /* bytes */
    int64_t worker;
};

/* What the outcomes of a parcel can be. */
struct foray__outcomes {
    enum foray__outcome_kind success; /* OUTCOME_VALUES of calls, OUTCOME_DONE
                                         of tasks */
    uint32_t attempts;                /* at most */
};

/* The outcome at `at` of the bytes that came back; NULL: there is none that
 * makes sense. */
const struct foray__outcome *
foray__outcome_at(const void *bytes, size_t size, size_t at,
                  const struct foray__outcomes *possible);

/* A parcel that is being executed, and what comes of it so far. */
struct foray__execution {
    const struct foray__parcel *parcel;
    struct foray__here here;                          /* large */
    struct foray__ambient ambient;                    /* what tasks inherit */
    struct foray__holdings arguments;                 /* of the call at hand */
    struct foray__holding items[FORAY_MAX_ARGUMENTS]; /* of these */
    struct foray__bytes out;
};

/* Run what is in it; false when out of memory for what comes of it. */
bool foray__execution_calls(struct foray__execution *execution);
bool foray__execution_tasks(struct foray__execution *execution);

/* Whether no further call or task is to begin, if one failed or not. */
bool foray__execution_is_over(const struct foray__execution *execution,
                              bool failed);

/* Append an outcome of the call or task at hand; false when out of memory. */
bool foray__execution_put(struct foray__execution *execution,
                          enum foray__outcome_kind kind, double seconds,
                          const void *payload, size_t nbytes);

/* Append that it failed, as its task says. */
bool foray__execution_fail(struct foray__execution *execution, double seconds);

#endif
