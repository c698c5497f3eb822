/* A stream: calls go to the workers while their results come back. What a list
 * of calls, an iterator and futures have in common.
 *
 * The parent lays a batch of calls out in the heap and offers it as one claim
 * word; outcomes come back through the workers' rings, one by one, and are
 * delivered as results. A batch's memory is free again when its last outcome
 * is there.
 */
#ifndef FORAY_ENGINE_STREAM_H
#define FORAY_ENGINE_STREAM_H

#include <foray/result.h>

#include "engine/bytes.h"
#include "engine/capture.h"
#include "engine/holdings.h"
#include "engine/pool_body.h"
#include "engine/watch.h"

enum { FORAY__MAX_BATCH = 4096 };

struct foray__stream_options {
    enum foray_on_error on_error; /* never DEFAULT */
    size_t window;                /* batches under way at most; SIZE_MAX: any */
    size_t batch;      /* calls in a batch; 0: as many as fill a short while */
    size_t total;      /* calls in all; 0: unknown */
    bool caller_waits; /* until all are done: it may as well work */
    bool single;       /* calls are offered one by one, never in batches */
    /* A call's outcome, in the order they come. The result is the callee's. */
    void (*deliver)(struct foray_result *result, void *arg);
    void *arg;
};

/* Calls that were laid out together, and what they hold. */
struct foray__block {
    size_t offset;   /* in the heap */
    uint64_t n_left; /* calls whose outcome is not here yet */
    struct foray__holdings holdings;
};

/* A batch that was offered: calls of one block. */
struct foray__batch {
    uint64_t start, stop;
    uint64_t n_left; /* outcomes that are not here yet */
    struct foray__block *block;
};

struct foray__stream {
    struct foray_pool *pool;
    struct foray__crew *crew; /* NULL: there is a carrier */
    const struct foray__carrier *carrier;
    struct foray__watch watch;
    struct foray__stream_options options;
    struct foray__snapshots snapshots;

    /* The batch that is being made. */
    struct foray__bytes block; /* position of the table, packets, table */
    uint64_t *offsets;         /* of its packets: FORAY__MAX_BATCH */
    size_t n_in_batch, batch_size;
    struct foray__holdings holdings;
    uint64_t n_made;
    uint64_t n_to_come; /* calls to be made yet; FORAY__UNKNOWN */

    struct foray__batch *batches; /* FORAY__CLAIM_WORDS, as the claims' words */
    uint64_t n_offered, tail;     /* batches; those before tail are done with */
    size_t n_blocks;              /* under way, however they were split */
    uint64_t n_settled;           /* calls whose outcome was delivered */
    uint32_t n_returned;          /* given back by workers, and seen */
    double mean_seconds;          /* of a call, lately; 0: unknown */
    int n_looks;                  /* waits in a row that no outcome could end */

    struct foray__course course;
    size_t n_passed_over; /* of the settled: FORAY_ONLY_TASK is another */
    struct foray__output output;  /* of the call whose outcome is at hand */
    int watch_fd;                 /* foray__stream_fd's, -1: none */
    struct foray__handed *handed; /* segments that came before their result */
    void *carried;                /* the carrier's */
};

/* How calls are carried out where there is no crew. Functions as below, for
 * streams of its own. */
struct foray__carrier {
    int (*begin)(struct foray__stream *stream, struct foray_error *err);
    bool (*has_room)(const struct foray__stream *stream);
    int (*add)(struct foray__stream *stream, const struct foray_call *call,
               struct foray_error *err);
    int (*flush)(struct foray__stream *stream, struct foray_error *err);
    int (*wait)(struct foray__stream *stream, double seconds,
                struct foray_error *err);
    bool (*withdraw)(struct foray__stream *stream, uint64_t index);
    /* Wait until nothing runs; the stream may be stopping. */
    void (*finish)(struct foray__stream *stream);
    void (*end)(struct foray__stream *stream);
    bool works_in_wait; /* waiting is what runs calls */
};

/* Take the pool and begin. Errors: FORAY_EBUSY, FORAY_EFORK, FORAY_ENOMEM,
 * FORAY_EAGAIN. */
int foray__stream_open(struct foray__stream **out, struct foray_pool *pool,
                       const struct foray__stream_options *options,
                       struct foray_error *err);

/* Whether another call may be made now. */
bool foray__stream_has_room(const struct foray__stream *stream);

/* Add a call to the batch, and offer it when it is full; waits while the heap
 * has no room for it. Errors: FORAY_EINVAL, FORAY_ETOOLARGE, FORAY_ENOMEM and
 * those of dumping; the call was not added then. */
int foray__stream_add(struct foray__stream *stream,
                      const struct foray_call *call, struct foray_error *err);

/* So many calls will be added, and no others: workers learn of it as they are
 * offered. */
void foray__stream_expect(struct foray__stream *stream, uint64_t n);

/* Offer what there is of a batch. */
int foray__stream_flush(struct foray__stream *stream, struct foray_error *err);

/* Deliver what is there, bury and replace the dead; if `seconds` is not 0 and
 * nothing was delivered, sleep at most so long first. Errors: no worker can be
 * had. */
int foray__stream_wait(struct foray__stream *stream, double seconds,
                       struct foray_error *err);

/* Calls that were made and not delivered yet. */
uint64_t foray__stream_n_open(const struct foray__stream *stream);

/* What the run comes to when it was stopped; see course.h. */
int foray__stream_verdict(const struct foray__stream *stream,
                          struct foray_error *err);

/* Take call `index` back if nobody has begun it; its cancelled result is
 * delivered. Only for streams of single calls. */
bool foray__stream_withdraw(struct foray__stream *stream, uint64_t index);

/* A descriptor that is readable when foray__stream_wait has something to do;
 * the stream's. -1: serial, or none can be had. */
int foray__stream_fd(struct foray__stream *stream);

/* Nothing more is waited for now: let that descriptor be rung. */
void foray__stream_arm(struct foray__stream *stream);

/* Stop if it is not over, and wait until nothing runs. */
void foray__stream_finish(struct foray__stream *stream);

/* Finish, and give everything back. `report` may be NULL. */
void foray__stream_close(struct foray__stream *stream,
                         struct foray_report *report);

/* For stream_*.c. Batches that workers gave back are offered in smaller ones;
 * an outcome of a batch is accounted for; a worker learns what segments calls
 * under way need; a result is here; a call failed. */
void foray__stream_reoffer(struct foray__stream *stream);
size_t foray__stream_next_size(const struct foray__stream *stream);
void foray__stream_count(struct foray__stream *stream,
                         struct foray__batch *batch);
void foray__stream_tell(struct foray__stream *stream, int slot);
void foray__stream_tell_all(struct foray__stream *stream,
                            const struct foray__holdings *holdings);
void foray__stream_glance(struct foray__watch *watch);
/* Whether a worker still holds a batch, or may claim one. */
bool foray__stream_is_running(const struct foray__stream *stream);
void foray__stream_progress(struct foray__stream *stream, bool at_once);
void foray__stream_free(struct foray__stream *stream);
void foray__stream_settle(struct foray__stream *stream,
                          struct foray_result *result);
void foray__stream_fail(struct foray__stream *stream,
                        struct foray_result *result, struct foray_error *error,
                        enum foray_status status,
                        const struct foray__packet *packet);
/* A call returned what is in `returned`: a result, or its failure if that
 * cannot be had. `holdings` are its batch's, `packet` its own. */
void foray__stream_return(struct foray__stream *stream, int slot,
                          struct foray_result *result,
                          const struct foray__packet *returned,
                          const struct foray__holdings *holdings,
                          const struct foray__packet *packet);
/* A call was taken back before it began. */
void foray__stream_cancel(struct foray__stream *stream, uint64_t index,
                          const struct foray__packet *packet);

/* Calls whose workers died, and which the end of the run came before the next
 * try of, are cancelled. No worker runs any more. */
void foray__stream_cancel_tried(struct foray__stream *stream);
const struct foray__packet *
foray__stream_packet(const struct foray__stream *stream, uint64_t index);
int foray__stream_place(struct foray__place *out,
                        const struct foray_array *array, void *arg,
                        struct foray_error *err);

extern const struct foray__watch_ops foray__stream_watch_ops;

#endif
