/* The words of claims, as claims*.c read them. */
#ifndef FORAY_ENGINE_CLAIM_WORD_H
#define FORAY_ENGINE_CLAIM_WORD_H

#include "engine/claims.h"

/* A word: generation (32 bits), state (2), partial (1), slot (12),
 * incarnation (17). */
enum { FORAY__SLOT_BITS = 12, FORAY__INCARNATION_BITS = 17 };

#define FORAY__WORD_PARTIAL                                                    \
    ((uint64_t)1 << (FORAY__SLOT_BITS + FORAY__INCARNATION_BITS))
#define FORAY__STATE_SHIFT (FORAY__SLOT_BITS + FORAY__INCARNATION_BITS + 1)

static inline uint64_t foray__word_make(uint32_t generation,
                                        enum foray__claim_state state)
{
    return (uint64_t)generation << 32 | (uint64_t)state << FORAY__STATE_SHIFT;
}

static inline uint64_t foray__word_owner(struct foray__owner owner)
{
    return (uint64_t)(owner.slot & ((1U << FORAY__SLOT_BITS) - 1))
               << FORAY__INCARNATION_BITS |
           (owner.incarnation & ((1U << FORAY__INCARNATION_BITS) - 1));
}

static inline uint32_t foray__word_generation(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

static inline enum foray__claim_state foray__word_state(uint64_t word)
{
    return (enum foray__claim_state)(word >> FORAY__STATE_SHIFT & 3);
}

static inline unsigned foray__word_slot(uint64_t word)
{
    return (unsigned)(word >> FORAY__INCARNATION_BITS) &
           ((1U << FORAY__SLOT_BITS) - 1);
}

static inline uint64_t foray__word_start(const struct foray__claims *claims,
                                         uint32_t word)
{
    return atomic_load_explicit(&claims->words[word].start,
                                memory_order_relaxed);
}

static inline uint64_t foray__word_stop(const struct foray__claims *claims,
                                        uint32_t word)
{
    return atomic_load_explicit(&claims->words[word].stop,
                                memory_order_relaxed);
}

/* Words in use: [0, n). */
static inline uint32_t foray__words_in_use(const struct foray__claims *claims)
{
    uint64_t n = atomic_load_explicit(&claims->offered, memory_order_acquire);

    return n < FORAY__CLAIM_WORDS ? (uint32_t)n : FORAY__CLAIM_WORDS;
}

#endif
