#include "engine/claims.h"

/* A word: generation (32 bits), state (2), partial (1), slot (12),
 * incarnation (17). */
enum { SLOT_BITS = 12, INCARNATION_BITS = 17 };

#define PARTIAL ((uint64_t)1 << (SLOT_BITS + INCARNATION_BITS))
#define STATE_SHIFT (SLOT_BITS + INCARNATION_BITS + 1)

static uint64_t make_word(uint32_t generation, enum foray__claim_state state)
{
    return (uint64_t)generation << 32 | (uint64_t)state << STATE_SHIFT;
}

static uint64_t owner_bits(struct foray__owner owner)
{
    return (uint64_t)(owner.slot & ((1U << SLOT_BITS) - 1))
               << INCARNATION_BITS |
           (owner.incarnation & ((1U << INCARNATION_BITS) - 1));
}

static uint32_t generation_of(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

static enum foray__claim_state state_of(uint64_t word)
{
    return (enum foray__claim_state)(word >> STATE_SHIFT & 3);
}

/* First task of a word, and the one behind its last. */
static uint64_t word_start(const struct foray__claims *claims, uint32_t word)
{
    return word * atomic_load_explicit(&claims->batch, memory_order_relaxed);
}

static uint64_t word_stop(const struct foray__claims *claims, uint32_t word)
{
    uint64_t n = atomic_load_explicit(&claims->n_tasks, memory_order_relaxed);
    uint64_t batch = atomic_load_explicit(&claims->batch, memory_order_relaxed);
    uint64_t start = word * batch;

    return n - start < batch ? n : start + batch;
}

uint32_t foray__claims_begin(struct foray__claims *claims, uint64_t n_tasks)
{
    uint64_t batch =
        n_tasks / FORAY__CLAIM_WORDS + (n_tasks % FORAY__CLAIM_WORDS != 0);
    uint32_t n_words = 0, generation;

    if (batch)
        n_words = (uint32_t)(n_tasks / batch + (n_tasks % batch != 0));
    generation =
        atomic_load_explicit(&claims->generation, memory_order_relaxed) + 1;
    atomic_store_explicit(&claims->n_tasks, n_tasks, memory_order_relaxed);
    atomic_store_explicit(&claims->batch, batch, memory_order_relaxed);
    for (uint32_t w = 0; w < n_words; w++)
        atomic_store_explicit(&claims->words[w].word,
                              make_word(generation, FORAY__PENDING),
                              memory_order_release);
    atomic_store_explicit(&claims->n_words, n_words, memory_order_release);
    atomic_store_explicit(&claims->hint, 0, memory_order_release);
    atomic_store_explicit(&claims->generation, generation,
                          memory_order_release);
    return generation;
}

/* Try one word. */
static bool claim_word(struct foray__claims *claims, uint32_t generation,
                       struct foray__owner owner, uint32_t w,
                       struct foray__claim *out)
{
    uint64_t seen =
        atomic_load_explicit(&claims->words[w].word, memory_order_relaxed);

    if (generation_of(seen) != generation || state_of(seen) != FORAY__PENDING)
        return false;
    if (!atomic_compare_exchange_strong_explicit(
            &claims->words[w].word, &seen,
            make_word(generation, FORAY__OWNED) | (seen & PARTIAL) |
                owner_bits(owner),
            memory_order_acq_rel, memory_order_relaxed))
        return false;
    /* From here the run cannot end: what the parent wrote for it holds. */
    out->word = w;
    out->start = word_start(claims, w);
    out->stop = word_stop(claims, w);
    if (seen & PARTIAL)
        out->start += atomic_load_explicit(&claims->words[w].settled,
                                           memory_order_relaxed);
    return true;
}

bool foray__claims_take(struct foray__claims *claims, uint32_t generation,
                        struct foray__owner owner, struct foray__claim *out)
{
    uint32_t n = atomic_load_explicit(&claims->n_words, memory_order_acquire);

    if (generation == 0) /* before the first run, when fresh words look like
                            pending ones */
        return false;
    while (atomic_load_explicit(&claims->hint, memory_order_relaxed) < n) {
        uint64_t w =
            atomic_fetch_add_explicit(&claims->hint, 1, memory_order_relaxed);

        if (w < n && claim_word(claims, generation, owner, (uint32_t)w, out))
            return true;
    }
    for (uint32_t w = 0; w < n; w++)
        if (claim_word(claims, generation, owner, w, out))
            return true;
    return false;
}

void foray__claims_finish(struct foray__claims *claims, uint32_t generation,
                          const struct foray__claim *claim)
{
    atomic_store_explicit(&claims->words[claim->word].word,
                          make_word(generation, FORAY__DONE),
                          memory_order_release);
}

void foray__claims_abandon(struct foray__claims *claims, uint32_t generation,
                           const struct foray__claim *claim, uint64_t next)
{
    atomic_store_explicit(&claims->words[claim->word].settled,
                          next - word_start(claims, claim->word),
                          memory_order_relaxed);
    atomic_store_explicit(&claims->words[claim->word].word,
                          make_word(generation, FORAY__ABANDONED) | PARTIAL,
                          memory_order_release);
}

/* One word of a dead owner. */
static uint64_t bury_word(struct foray__claims *claims, uint32_t w,
                          uint64_t current, uint64_t *n_settled)
{
    uint64_t word =
        atomic_load_explicit(&claims->words[w].word, memory_order_acquire);
    uint64_t start = word_start(claims, w), stop = word_stop(claims, w);
    uint64_t victim = FORAY__NO_TASK, before = 0, settled;
    uint64_t next = make_word(generation_of(word), FORAY__DONE);

    if (word & PARTIAL)
        before = atomic_load_explicit(&claims->words[w].settled,
                                      memory_order_relaxed);
    settled = before; /* died between the claim and its first task */
    if (current >= start && current < stop) {
        victim = current;
        settled = victim + 1 - start;
    } else if (current == stop) {
        settled = stop - start;
    }
    if (victim != FORAY__NO_TASK)
        *n_settled = settled - before;
    if (settled < stop - start) {
        atomic_store_explicit(&claims->words[w].settled, settled,
                              memory_order_relaxed);
        next = make_word(generation_of(word), FORAY__PENDING) | PARTIAL;
    }
    atomic_store_explicit(&claims->words[w].word, next, memory_order_release);
    return victim;
}

uint64_t foray__claims_bury(struct foray__claims *claims,
                            struct foray__owner dead, uint64_t current,
                            uint64_t *n_settled)
{
    uint32_t generation =
        atomic_load_explicit(&claims->generation, memory_order_relaxed);
    uint32_t n = atomic_load_explicit(&claims->n_words, memory_order_relaxed);
    uint64_t owned = make_word(generation, FORAY__OWNED) | owner_bits(dead);

    *n_settled = 0;
    for (uint32_t w = 0; w < n; w++) {
        uint64_t word =
            atomic_load_explicit(&claims->words[w].word, memory_order_acquire);

        if ((word & ~PARTIAL) == owned) /* an owner has one word at a time */
            return bury_word(claims, w, current, n_settled);
    }
    return FORAY__NO_TASK;
}

void foray__claims_close(struct foray__claims *claims)
{
    uint32_t n = atomic_load_explicit(&claims->n_words, memory_order_relaxed);

    for (uint32_t w = 0; w < n; w++) {
        uint64_t word =
            atomic_load_explicit(&claims->words[w].word, memory_order_relaxed);

        /* A worker may be faster: then the word is owned and stays so. */
        if (state_of(word) == FORAY__PENDING)
            atomic_compare_exchange_strong_explicit(
                &claims->words[w].word, &word,
                make_word(generation_of(word), FORAY__ABANDONED) |
                    (word & PARTIAL),
                memory_order_release, memory_order_relaxed);
    }
}

struct foray__claims_left foray__claims_left(const struct foray__claims *claims)
{
    struct foray__claims_left left = {0, 0};
    uint32_t n = atomic_load_explicit(&claims->n_words, memory_order_relaxed);

    for (uint32_t w = 0; w < n; w++) {
        enum foray__claim_state state = state_of(
            atomic_load_explicit(&claims->words[w].word, memory_order_acquire));

        left.pending += state == FORAY__PENDING;
        left.owned += state == FORAY__OWNED;
    }
    return left;
}

uint64_t foray__claims_n_settled(const struct foray__claims *claims)
{
    uint32_t n = atomic_load_explicit(&claims->n_words, memory_order_relaxed);
    uint64_t settled = 0;

    for (uint32_t w = 0; w < n; w++) {
        uint64_t word =
            atomic_load_explicit(&claims->words[w].word, memory_order_acquire);

        if (state_of(word) == FORAY__DONE)
            settled += word_stop(claims, w) - word_start(claims, w);
        else if (word & PARTIAL)
            settled += atomic_load_explicit(&claims->words[w].settled,
                                            memory_order_relaxed);
    }
    return settled;
}

bool foray__claims_settled(const struct foray__claims *claims, uint64_t task)
{
    uint64_t batch = atomic_load_explicit(&claims->batch, memory_order_relaxed);
    uint32_t w = (uint32_t)(task / batch);
    uint64_t word =
        atomic_load_explicit(&claims->words[w].word, memory_order_acquire);

    if (state_of(word) == FORAY__DONE)
        return true;
    if (!(word & PARTIAL))
        return false;
    return task - word_start(claims, w) <
           atomic_load_explicit(&claims->words[w].settled,
                                memory_order_relaxed);
}
