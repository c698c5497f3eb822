/* Holdings: the memory that calls under way refer to, kept until they are
 * done. Arrays in segments are the caller's, and pinned; private arrays have a
 * snapshot, made for this run and given back with the last call that needs it.
 */
#ifndef FORAY_ENGINE_HOLDINGS_H
#define FORAY_ENGINE_HOLDINGS_H

#include <foray/array.h>
#include <foray/call.h>

#include "engine/packet_write.h"

/* A copy in shared memory of an array that the caller has in private. */
struct foray__snapshot {
    struct foray_array source; /* as it was passed: its identity */
    struct foray_array copy;
    size_t n_expected; /* calls of a list that will still ask for it */
    size_t n_holders;
    struct foray__snapshot *next;
};

/* One call's hold on one segment. */
struct foray__holding {
    const struct foray_segment *segment;
    struct foray__snapshot *snapshot; /* NULL: the caller's own segment */
    enum foray__access access;        /* how a worker maps it */
};

/* The holdings of one batch of calls. Zeroed: none. */
struct foray__holdings {
    struct foray__holding *items;
    size_t n, capacity;
    size_t n_dumped; /* bytes of snapshots that were made for them */
};

struct foray__snapshots {
    size_t max_nbytes;    /* of a private array that travels inline */
    enum foray_mode mode; /* in which a task gets a private array */
    bool here; /* none are made: tasks read the caller's memory, which waits */
    const char *folder;
    bool inherits; /* workers have private arrays since they were forked */
    struct foray__snapshot *list;
};

/* The calls of a list all come from one moment: those that pass the same
 * private array share its snapshot. */
void foray__snapshots_expect(struct foray__snapshots *snapshots,
                             const struct foray_call *calls, size_t n);

/* Errors: FORAY_EINVAL (no array; a segment that is closed), FORAY_EFORK
 * (another process's). */
int foray__holdings_check(const struct foray_array *array,
                          struct foray_error *err);

/* Where an array of a call goes: inline, its own segment or that of the task
 * that passes it on, nowhere because
 * workers have inherited it or are here, a snapshot. Segments are added to
 * `holdings`.
 * Errors: those of foray_array_dump; FORAY_EINVAL, FORAY_EFORK (a segment that
 * is closed, or another process's). */
int foray__holdings_place(struct foray__place *out,
                          const struct foray_array *array,
                          struct foray__snapshots *snapshots,
                          struct foray__holdings *holdings,
                          struct foray_error *err);

/* What others hold, held once more. Errors: FORAY_ENOMEM; some may be held. */
int foray__holdings_share(struct foray__holdings *out,
                          const struct foray__holdings *others);

/* Give back all but the first n. */
void foray__holdings_cut(struct foray__holdings *holdings, size_t n,
                         struct foray__snapshots *snapshots);

/* The calls are done. */
void foray__holdings_release(struct foray__holdings *holdings,
                             struct foray__snapshots *snapshots);

/* Nothing is under way any more. */
void foray__snapshots_clear(struct foray__snapshots *snapshots);

#endif
