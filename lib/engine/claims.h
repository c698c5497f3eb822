/* The claim protocol: who runs which tasks, whatever dies at whatever step.
 *
 * Tasks 0..n-1 are grouped into words of `batch` consecutive tasks. A word in
 * shared memory says what became of its group:
 *
 *     PENDING -> OWNED by (slot, incarnation) -> DONE
 *        ^            |
 *        +-- owner died or left, tasks left over  PENDING -> ABANDONED (cancel)
 *
 * Every word carries the generation of its run, so that a worker that slept
 * through the end of one run cannot claim in the next: its compare-and-swap
 * fails. The counter `hint` only says where to look first.
 *
 * Before it runs task i an owner stores i in its slot's `current`; behind its
 * last task it stores the word's end, then marks the word DONE, then stores
 * FORAY__NO_TASK. A dead owner's word and `current` therefore tell exactly
 * which tasks are recorded, which one was running, and which go back to
 * PENDING. Only the parent moves a dead owner's word, and only after it knows
 * that the owner is dead.
 *
 * tests/model/claims.pml checks this with a worker that dies at every step.
 */
#ifndef FORAY_ENGINE_CLAIMS_H
#define FORAY_ENGINE_CLAIMS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FORAY__CLAIM_WORDS = 4096 };
#define FORAY__NO_TASK UINT64_MAX
#define FORAY__UNKNOWN UINT64_MAX /* a number of tasks */

enum foray__claim_state {
    FORAY__PENDING,
    FORAY__OWNED,
    FORAY__DONE,
    FORAY__ABANDONED
};

/* Who claims: a slot, and which of the processes that served it. */
struct foray__owner {
    unsigned slot;        /* < 4096 */
    unsigned incarnation; /* counted modulo 2^17 */
};

struct foray__claims {
    /* Written by the parent between runs. A late worker of an earlier run may
     * read them too: atomic, and harmless, since its claim then fails. */
    _Atomic uint32_t generation;
    _Atomic uint64_t batch; /* tasks in a word, but for the last; of a run whose
                               tasks are all known when it begins */
    /* Words offered in this run, and how many of them, from the first, are
     * known to be done with. The k-th is words[k % FORAY__CLAIM_WORDS]. */
    _Alignas(64) _Atomic uint64_t offered;
    _Atomic uint64_t tail;
    _Atomic uint64_t to_come; /* tasks of words not offered yet, or UNKNOWN */
    _Alignas(64) _Atomic uint64_t hint;
    struct foray__claim_word {
        /* A cache line each: two workers write neighbours all the time. */
        _Alignas(64) _Atomic uint64_t word;
        /* Tasks of the word that are settled already; meaningful only where
         * its PARTIAL bit says so, 0 elsewhere. */
        _Atomic uint64_t settled;
        _Atomic uint64_t start, stop; /* its tasks */
        _Atomic uint64_t block;       /* where the engine keeps its calls */
        _Atomic uint32_t attempt;     /* of its first unsettled task */
    } words[FORAY__CLAIM_WORDS];
};

/* The tasks [start, stop) of one claimed word that are to be run. */
struct foray__claim {
    uint32_t word;
    uint32_t attempt; /* of the task `start`; the others' is 1 */
    uint64_t start, stop;
    uint64_t block, first; /* the word's block, and its first task */
};

/* Begin a run: every task pending under a new generation. Parent, when no
 * word is owned by a living worker. Returns the generation. */
uint32_t foray__claims_begin(struct foray__claims *claims, uint64_t n_tasks);

/* Begin a run whose tasks are offered while it goes on. */
uint32_t foray__claims_open(struct foray__claims *claims);

/* Offer the tasks [start, stop) as one word; returns its number, counted from
 * 0. Parent, when foray__claims_has_room. */
uint64_t foray__claims_offer(struct foray__claims *claims, uint64_t start,
                             uint64_t stop, uint64_t block);

/* `n` tasks are still to be offered, FORAY__UNKNOWN at first; those that were
 * not to come do not. Parent. */
void foray__claims_expect(struct foray__claims *claims, uint64_t n);

/* The tasks that are left of word number k, which was given back, are offered
 * in other words. Parent. */
void foray__claims_replace(struct foray__claims *claims, uint64_t k);

/* Whether the next word's place is free: what was there before is done. */
bool foray__claims_has_room(const struct foray__claims *claims);

/* Whether a word is pending. Parent. */
bool foray__claims_any_pending(const struct foray__claims *claims);

/* Whether foray__claims_take may find one: at times it does not, but not again
 * and again. Worker. */
bool foray__claims_may_take(const struct foray__claims *claims);

/* Whether the owner of word number k gave it back; *settled of its tasks are
 * settled then. Parent. */
bool foray__claims_is_returned(const struct foray__claims *claims, uint64_t k,
                               uint64_t *settled);

/* Whether word number k is done with: neither pending nor owned. Parent. */
bool foray__claims_is_over(const struct foray__claims *claims, uint64_t k);

/* Take back word number k if nobody claimed it yet: it is abandoned then.
 * Parent. */
bool foray__claims_withdraw(struct foray__claims *claims, uint64_t k);

/* Claim a word of run `generation`. False when none is pending. Worker. */
bool foray__claims_take(struct foray__claims *claims, uint32_t generation,
                        struct foray__owner owner, struct foray__claim *out);

/* All tasks of the claim are run. Worker. */
void foray__claims_finish(struct foray__claims *claims, uint32_t generation,
                          const struct foray__claim *claim);

/* The claim ends before task `next`, because the run is cancelled or others
 * shall have the rest. Worker. */
void foray__claims_abandon(struct foray__claims *claims, uint32_t generation,
                           const struct foray__claim *claim, uint64_t next);

/* The owner leaves before task `next`, which is not the claim's first: the rest
 * is pending again. Worker. */
void foray__claims_release(struct foray__claims *claims, uint32_t generation,
                           const struct foray__claim *claim, uint64_t next);

/* A dead owner, and what is known of it: what its slot says it was about to
 * run and in which try, the task whose outcome it recorded last, and how often
 * a task is tried again. */
struct foray__dead {
    struct foray__owner owner;
    uint64_t current, recorded;
    uint32_t tries; /* 0: as the word says */
    uint32_t retries;
};

/* What a death did. */
struct foray__burial {
    uint64_t victim;    /* the task that was running, or FORAY__NO_TASK */
    uint32_t attempt;   /* the try it was in */
    bool again;         /* the victim is pending again, for one more try */
    uint64_t n_settled; /* tasks that this settles */
};

/* Settle the word of a dead owner: the tasks up to its victim, and with it if
 * it is not tried again, are settled, those behind are pending again. Parent,
 * after the owner's death. */
struct foray__burial foray__claims_bury(struct foray__claims *claims,
                                        const struct foray__dead *dead);

/* Turn every pending word into an abandoned one. Parent, to cancel. */
void foray__claims_close(struct foray__claims *claims);

/* What is left to be done. Parent. */
struct foray__claims_left {
    uint32_t pending, owned;
};
struct foray__claims_left
foray__claims_left(const struct foray__claims *claims);

/* Where workers are, by slot. */
typedef uint64_t foray__current_fn(unsigned slot, const void *arg);

/* Tasks of the present run that are not done, this owner's own among them; at
 * least 1, and no more than `enough`, which is also the answer where nobody
 * knows. Of a run whose tasks are all known each word counts as one: nobody
 * else will have a part of it. Words before number *first are done with:
 * 0 before the first look at a run. Never too few. Owner of a word. */
uint64_t foray__claims_n_left(const struct foray__claims *claims,
                              uint64_t *first, uint64_t enough,
                              foray__current_fn *current, const void *arg);

/* Whether a word is `owner`'s: it is busy with the present run. Parent. */
bool foray__claims_owns(const struct foray__claims *claims,
                        struct foray__owner owner);

/* How many tasks of the present run are settled; see below. Parent. */
uint64_t foray__claims_n_settled(const struct foray__claims *claims);

/* Whether `task` of the present run is settled: run, or its runner died. Of
 * use when no word is owned any more. Parent. */
bool foray__claims_settled(const struct foray__claims *claims, uint64_t task);

/* The next task of the present run whose runner died, and which was to be tried
 * again and was not, each once; FORAY__NO_TASK: there is none any more. *next
 * is 0 before the first. Of use when no word is owned any more. Parent. */
uint64_t foray__claims_take_tried(struct foray__claims *claims, uint32_t *next);

#endif
