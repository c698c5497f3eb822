/* The claim protocol: who runs which tasks, whatever dies at whatever step.
 *
 * Tasks 0..n-1 are grouped into words of `batch` consecutive tasks. A word in
 * shared memory says what became of its group:
 *
 *     PENDING -> OWNED by (slot, incarnation) -> DONE
 *        ^            |
 *        +-- owner died, tasks left over          PENDING -> ABANDONED (cancel)
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
    _Atomic uint32_t n_words;
    _Atomic uint64_t n_tasks;
    _Atomic uint64_t batch;
    _Alignas(64) _Atomic uint64_t hint;
    struct foray__claim_word {
        /* A cache line each: two workers write neighbours all the time. */
        _Alignas(64) _Atomic uint64_t word;
        /* Tasks of the word that are settled already; meaningful only where
         * its PARTIAL bit says so, 0 elsewhere. */
        _Atomic uint64_t settled;
    } words[FORAY__CLAIM_WORDS];
};

/* The tasks [start, stop) of one claimed word that are to be run. */
struct foray__claim {
    uint32_t word;
    uint64_t start, stop;
};

/* Begin a run: every task pending under a new generation. Parent, when no
 * word is owned by a living worker. Returns the generation. */
uint32_t foray__claims_begin(struct foray__claims *claims, uint64_t n_tasks);

/* Claim a word of run `generation`. False when none is pending. Worker. */
bool foray__claims_take(struct foray__claims *claims, uint32_t generation,
                        struct foray__owner owner, struct foray__claim *out);

/* All tasks of the claim are run. Worker. */
void foray__claims_finish(struct foray__claims *claims, uint32_t generation,
                          const struct foray__claim *claim);

/* The claim ends before task `next` because the run is cancelled. Worker. */
void foray__claims_abandon(struct foray__claims *claims, uint32_t generation,
                           const struct foray__claim *claim, uint64_t next);

/* Settle the word of a dead owner. `current` is what its slot says. Returns
 * the task it was running, FORAY__NO_TASK if none; *n_settled tasks up to and
 * with it are settled by this, those behind it are pending again. Parent,
 * after the owner's death. */
uint64_t foray__claims_bury(struct foray__claims *claims,
                            struct foray__owner dead, uint64_t current,
                            uint64_t *n_settled);

/* Turn every pending word into an abandoned one. Parent, to cancel. */
void foray__claims_close(struct foray__claims *claims);

/* What is left to be done. Parent. */
struct foray__claims_left {
    uint32_t pending, owned;
};
struct foray__claims_left
foray__claims_left(const struct foray__claims *claims);

/* How many tasks of the present run are settled; see below. Parent. */
uint64_t foray__claims_n_settled(const struct foray__claims *claims);

/* Whether `task` of the present run is settled: run, or its runner died. Of
 * use when no word is owned any more. Parent. */
bool foray__claims_settled(const struct foray__claims *claims, uint64_t task);

#endif
