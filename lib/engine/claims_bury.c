/* What a dead owner leaves. */
#include "engine/claim_word.h"

/* One word of a dead owner. */
static struct foray__burial bury_word(struct foray__claims *claims, uint32_t w,
                                      const struct foray__dead *dead)
{
    struct foray__claim_word *at = &claims->words[w];
    struct foray__burial burial = {.victim = FORAY__NO_TASK};
    uint64_t word = atomic_load_explicit(&at->word, memory_order_acquire);
    uint64_t start = foray__word_start(claims, w),
             stop = foray__word_stop(claims, w);
    uint64_t current = dead->current, before = 0, settled;
    uint64_t next = foray__word_make(foray__word_generation(word), FORAY__DONE);
    uint32_t attempt = 1;

    if (word & FORAY__WORD_PARTIAL)
        before = atomic_load_explicit(&at->settled, memory_order_relaxed);
    settled = before; /* died between the claim and its first task */
    if (current >= start + before && current < stop) {
        if (current == start + before)
            attempt = atomic_load_explicit(&at->attempt, memory_order_relaxed);
        if (attempt < dead->tries) /* it tried on its own before */
            attempt = dead->tries;
        settled = current + 1 - start;
        if (current != dead->recorded) {
            burial.victim = current;
            burial.attempt = attempt;
            burial.again = attempt <= dead->retries;
            settled -= burial.again;
        }
        burial.n_settled = settled - before;
    } else if (current == stop) {
        settled = stop - start;
    }
    if (settled > before || burial.again)
        atomic_store_explicit(&at->attempt, burial.again ? attempt + 1 : 1,
                              memory_order_relaxed);
    if (settled < stop - start) {
        atomic_store_explicit(&at->settled, settled, memory_order_relaxed);
        next = foray__word_make(foray__word_generation(word), FORAY__PENDING) |
               FORAY__WORD_PARTIAL;
    }
    atomic_store_explicit(&at->word, next, memory_order_release);
    return burial;
}

struct foray__burial foray__claims_bury(struct foray__claims *claims,
                                        const struct foray__dead *dead)
{
    uint32_t generation =
        atomic_load_explicit(&claims->generation, memory_order_relaxed);
    uint64_t owned = foray__word_make(generation, FORAY__OWNED) |
                     foray__word_owner(dead->owner);
    struct foray__burial nothing = {.victim = FORAY__NO_TASK};
    uint32_t n = foray__words_in_use(claims);

    for (uint32_t w = 0; w < n; w++) {
        uint64_t word =
            atomic_load_explicit(&claims->words[w].word, memory_order_acquire);

        if ((word & ~FORAY__WORD_PARTIAL) ==
            owned) /* an owner has one word at a time */
            return bury_word(claims, w, dead);
    }
    return nothing;
}
