/* The parent beside its workers, whatever kind of run is on: it collects
 * outcomes, buries and replaces the dead, sleeps, and ends those that do not
 * end by themselves. */
#ifndef FORAY_ENGINE_WATCH_H
#define FORAY_ENGINE_WATCH_H

#include "engine/crew.h"
#include "engine/stall.h"

struct foray__watch;

/* What a kind of run makes of it. */
struct foray__watch_ops {
    /* A task's outcome; the record is gone afterwards. */
    void (*outcome)(struct foray__watch *watch, int slot,
                    const struct foray__record *record);
    /* A worker died in mid-task; `status` as waitpid has it, or -1. */
    void (*victim)(struct foray__watch *watch, int slot,
                   const struct foray__burial *burial, int status);
    /* Tell a newcomer all it needs, and admit it. */
    int (*admit)(struct foray__watch *watch, int slot, struct foray_error *err);
    /* Whether there is no reason to sleep. */
    bool (*is_ready)(const struct foray__watch *watch);
    /* Whether something is missing that only a worker can bring. */
    bool (*awaits)(const struct foray__watch *watch);
    /* The caller runs tasks, too, and is between two of them: collect, heed,
     * tell of progress. */
    void (*glance)(struct foray__watch *watch);
};

struct foray__watch {
    struct foray__crew *crew;
    const struct foray__watch_ops *ops;
    struct foray__course *course;
    void *run; /* the kind's */
    uint32_t generation, retries;
    bool stopped;  /* the workers know that the run is to end */
    bool killed;   /* the grace is over */
    int n_resting; /* places of workers that left, free until there is
                      work for them */
    double looked; /* for workers that are stopped */
    struct foray__stall stall;
    int fruitless;       /* deaths in a row between which nothing was done */
    uint64_t n_at_death; /* tasks done when the last of them died */
    uint64_t n_buried;   /* tasks settled by burying: in no worker's count */
    uint64_t n_again;    /* tasks offered again because their worker died */
};

/* Forget what an earlier run left: outcomes in the workers' rings, and that it
 * was to end, as its generation comes again some day. Before a run begins. */
void foray__watch_clear(struct foray__crew *crew);

/* Begin to watch the run whose generation has begun. */
void foray__watch_begin(struct foray__watch *watch, struct foray__crew *crew,
                        struct foray__course *course,
                        const struct foray__watch_ops *ops, void *run);

/* Tasks that the crew's workers have counted in their lives. */
uint64_t foray__watch_count(const struct foray__crew *crew);

/* Tries beyond a task's first that the run has had so far. */
uint64_t foray__watch_n_retried(const struct foray__watch *watch);

/* What became of a task whose worker died of `death`. */
enum foray_status foray__watch_status(const struct foray__watch *watch,
                                      const struct foray_error *death);

/* Hand every outcome that waits to the run. */
void foray__watch_collect(struct foray__watch *watch);

/* Collect; tell the workers if the run is to end, and kill those that do not
 * heed it within the grace. */
void foray__watch_heed(struct foray__watch *watch);

/* Bury and replace whoever died. 0, or a code when the run cannot go on, for
 * want of workers, because a newcomer's init failed, or because nobody works
 * any more though something is missing: foray__watch_give_up then. */
int foray__watch_look(struct foray__watch *watch, struct foray_error *err);

/* Make workers for the places of those that left, if there is work for them.
 * Errors: those of spawn and admit; the places stay free. */
int foray__watch_refill(struct foray__watch *watch, struct foray_error *err);

/* Whether an outcome waits to be collected. */
bool foray__watch_any(const struct foray__watch *watch);

/* Sleep until a worker has something to say, dies, or `seconds` are over. */
void foray__watch_doze(struct foray__watch *watch, double seconds);

/* Milliseconds-to-seconds that a sleep may last for the sake of what nobody
 * announces: progress, the end of a grace, a death without pidfd. */
double foray__watch_patience(const struct foray__watch *watch);

/* No worker is left behind, and nothing claimable. */
void foray__watch_give_up(struct foray__watch *watch);

/* For watch*.c. Who serves a slot; hand over what waits of one worker; settle
 * what a dead one held, and return the task that it died in, or
 * FORAY__NO_TASK. */
struct foray__owner foray__watch_owner(const struct foray__crew *crew,
                                       int slot);
void foray__watch_collect_slot(struct foray__watch *watch, int slot);
uint64_t foray__watch_bury(struct foray__watch *watch, int slot, int status);

/* Take out whoever is dead, and replace those that did not leave in order. 0,
 * or a code when somebody is missing. */
int foray__watch_take_out_dead(struct foray__watch *watch, bool *any,
                               struct foray_error *err);

#endif
