/* The crew: the workers of one pool, as the parent holds them: processes, or
 * threads of its own, which never die alone. */
#ifndef FORAY_ENGINE_CREW_H
#define FORAY_ENGINE_CREW_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "engine/alarm.h"
#include "engine/channel.h"
#include "engine/heap.h"
#include "engine/modules.h"
#include "engine/pool_body.h"
#include "engine/shared.h"
#include "machine/runtimes.h"

/* One segment that a worker was told of. */
struct foray__told {
    uint64_t segment;
    enum foray__access access;
};

struct foray__threads;
struct foray__capture;

struct foray__member {
    bool alive; /* somebody serves the slot */
    pid_t pid;  /* of a process that is alive, else 0 */
    unsigned incarnation;
    /* Of a process; of a thread all are -1. */
    int pidfd;        /* -1 before Linux 5.3 */
    int channel;      /* our end; hangs up when the worker dies */
    int lifeline;     /* our end; closing it kills the worker */
    bool lagging;     /* not told of every segment that calls under way need */
    bool unreachable; /* and it will not be: nothing can be sent */
    double stopped_since;   /* as overdue.c knows it; 0: it is not stopped */
    uint64_t last_recorded; /* task of this run, or FORAY__NO_TASK */
    uint64_t seen_task;     /* longest.h: running when it was last looked at, */
    double seen_since;      /* and since when, */
    uint32_t seen_run;      /* of which generation */
    struct foray__told *told;
    size_t n_told, told_capacity;
};

struct foray__crew {
    struct foray_pool *pool;
    bool by_zygote;                 /* else forked from this process */
    struct foray__threads *threads; /* crew_threads.h; NULL: processes */
    bool unfit; /* an init has failed: no more workers for this run */
    struct foray__shared *shared;
    size_t shared_size;
    int area;                  /* its file, for a zygote to pass on; else -1 */
    struct foray__heap heap;   /* in `shared`: calls on their way */
    struct foray__alarm alarm; /* rings when the parent sleeps */
    int spins; /* before anyone sleeps; 0 when workers outnumber CPUs */
    struct foray__member *members;   /* n_jobs */
    struct pollfd *polls;            /* scratch: n_jobs + 1 */
    struct foray__record *record;    /* scratch: FORAY__RECORD_MAX bytes */
    struct foray__capture *captures; /* capture.h; NULL: none */
    int *keep_fds; /* scratch for spawning: n_keep_fds and birth.h's */
    struct foray__runtimes runtimes;
    struct foray__modules modules; /* that the workers have from their parent */
    unsigned long long unloads;    /* of this process, at the last run of a
                                      function that the zygote lacked */
    struct foray__crew *next, *previous; /* registry.h */
};

/* One without workers. Errors: FORAY_ENOMEM, and those of making shared
 * memory. */
int foray__crew_new(struct foray__crew **out, struct foray_pool *pool,
                    bool by_zygote, struct foray_error *err);
void foray__crew_free(struct foray__crew *crew);

/* Write what its workers' lives are to be; its modules are taken already.
 * Errors: FORAY_EINVAL, FORAY_ENOENT (a zygote's workers cannot find init or
 * fini). */
int foray__crew_plan(struct foray__crew *crew, struct foray_error *err);

/* Start the worker of an empty slot. 0, or a code.
 * Errors: FORAY_EAGAIN, FORAY_ENOMEM. */
int foray__crew_spawn(struct foray__crew *crew, int slot,
                      struct foray_error *err);

/* End all workers, because of `why`: those that foray__crew_fill starts know
 * every module that is loaded now (forkserver: that was at foray_init). */
void foray__crew_renew(struct foray__crew *crew, const char *why);

/* Start every missing worker, or thread. Errors: those of spawn, and of a
 * worker that died in its init since the last run. */
int foray__crew_fill(struct foray__crew *crew, struct foray_error *err);

/* Let all workers claim that take part in the present run. */
void foray__crew_admit_all(struct foray__crew *crew);

/* Whether the worker of a slot has died, and was not taken out yet. */
bool foray__crew_is_dead(const struct foray__crew *crew, int slot);

/* Whether any may be, by one look at all of them: false, and all live. */
bool foray__crew_any_dead(const struct foray__crew *crew);

/* What a poll for the death of the worker of a slot has to look at. False: it
 * cannot die, or is not there. */
bool foray__crew_poll(struct pollfd *out, const struct foray__crew *crew,
                      int slot);

/* Take a dead worker out: the slot is empty then. *status is its wait status,
 * -1 if the host took that. */
void foray__crew_reap(struct foray__crew *crew, int slot, int *status);

/* Whether the worker of a slot has left in order: it is dead, or about to be.
 * Its place is free as soon as it is reaped. */
bool foray__crew_has_left(const struct foray__crew *crew, int slot);

/* Whether it has begun to: it claims no more. */
bool foray__crew_is_leaving(const struct foray__crew *crew, int slot);

/* Log it if the end of a worker that left was not in order. */
void foray__crew_tell_end(const struct foray__crew *crew, int slot);

/* Why the worker that had a slot, whose wait status this is, could not begin:
 * 0 if that was not its init's fault, or init's code, FORAY_ECRASH,
 * FORAY_EEXIT; the crew is unfit then. */
int foray__crew_why_unfit(struct foray__crew *crew, int slot, int status,
                          struct foray_error *err);

/* If the worker of a slot has died in its init: take it out, and say why. */
int foray__crew_check_begin(struct foray__crew *crew, int slot,
                            struct foray_error *err);

/* Send SIGKILL to the worker of a slot; a thread is left alone. */
void foray__crew_kill(struct foray__crew *crew, int slot);

/* Wait until the worker of a slot, which was killed, is dead. */
void foray__crew_await(const struct foray__crew *crew, int slot);

/* Kill the worker of a slot, wait until it is dead, and take it out. */
void foray__crew_end(struct foray__crew *crew, int slot);

/* End all of them; those with a fini get the time of the grace for it. */
void foray__crew_dismiss(struct foray__crew *crew);

/* Make sure that the worker of a slot knows a segment. false: it cannot take
 * part; errno is EAGAIN when it does not read its channel, or is dead, and
 * another one when nothing can be sent, for lack of memory or descriptors. */
bool foray__crew_tell(struct foray__crew *crew, int slot, uint64_t segment,
                      enum foray__access access, int fd, size_t length);

/* A segment is about to be closed: every worker that maps it drops it now. */
void foray__crew_drop(struct foray__crew *crew, uint64_t segment);

#endif
