#include "engine/claims.h"

#include "engine/claim_word.h"

static void set_word(struct foray__claims *claims, uint32_t w,
                     uint32_t generation, uint64_t start, uint64_t stop,
                     uint64_t block)
{
    struct foray__claim_word *word = &claims->words[w];

    atomic_store_explicit(&word->start, start, memory_order_relaxed);
    atomic_store_explicit(&word->stop, stop, memory_order_relaxed);
    atomic_store_explicit(&word->block, block, memory_order_relaxed);
    atomic_store_explicit(&word->attempt, 1, memory_order_relaxed);
    atomic_store_explicit(&word->word,
                          foray__word_make(generation, FORAY__PENDING),
                          memory_order_release);
}

/* Everything but the words, and last of all the generation. */
static void set_run(struct foray__claims *claims, uint32_t generation,
                    uint64_t offered, uint64_t to_come)
{
    atomic_store_explicit(&claims->to_come, to_come, memory_order_relaxed);
    atomic_store_explicit(&claims->tail, 0, memory_order_relaxed);
    atomic_store_explicit(&claims->offered, offered, memory_order_release);
    atomic_store_explicit(&claims->hint, 0, memory_order_release);
    atomic_store_explicit(&claims->generation, generation,
                          memory_order_release);
}

/* Never 0, which is before the first run, also not after four thousand million
 * of them: an hour of short ones. */
static uint32_t next_generation(const struct foray__claims *claims)
{
    uint32_t next =
        atomic_load_explicit(&claims->generation, memory_order_relaxed) + 1;

    return next ? next : 1;
}

uint32_t foray__claims_begin(struct foray__claims *claims, uint64_t n_tasks)
{
    uint64_t batch =
        n_tasks / FORAY__CLAIM_WORDS + (n_tasks % FORAY__CLAIM_WORDS != 0);
    uint32_t generation = next_generation(claims), w = 0;

    for (uint64_t start = 0; start < n_tasks; w++) {
        uint64_t stop = n_tasks - start < batch ? n_tasks : start + batch;

        set_word(claims, w, generation, start, stop, 0);
        start = stop;
    }
    atomic_store_explicit(&claims->batch, batch, memory_order_relaxed);
    set_run(claims, generation, w, 0);
    return generation;
}

uint32_t foray__claims_open(struct foray__claims *claims)
{
    uint32_t generation = next_generation(claims);

    atomic_store_explicit(&claims->batch, 0, memory_order_relaxed);
    set_run(claims, generation, 0, FORAY__UNKNOWN);
    return generation;
}

bool foray__claims_has_room(const struct foray__claims *claims)
{
    return atomic_load_explicit(&claims->offered, memory_order_relaxed) -
               atomic_load_explicit(&claims->tail, memory_order_relaxed) <
           FORAY__CLAIM_WORDS;
}

uint64_t foray__claims_offer(struct foray__claims *claims, uint64_t start,
                             uint64_t stop, uint64_t block)
{
    uint64_t k = atomic_load_explicit(&claims->offered, memory_order_relaxed);

    set_word(claims, (uint32_t)(k % FORAY__CLAIM_WORDS),
             atomic_load_explicit(&claims->generation, memory_order_relaxed),
             start, stop, block);
    atomic_store_explicit(&claims->offered, k + 1, memory_order_release);
    return k;
}

void foray__claims_expect(struct foray__claims *claims, uint64_t n)
{
    if (atomic_load_explicit(&claims->to_come, memory_order_relaxed) != n)
        atomic_store_explicit(&claims->to_come, n, memory_order_release);
}

void foray__claims_replace(struct foray__claims *claims, uint64_t k)
{
    atomic_store_explicit(
        &claims->words[k % FORAY__CLAIM_WORDS].word,
        foray__word_make(
            atomic_load_explicit(&claims->generation, memory_order_relaxed),
            FORAY__DONE),
        memory_order_release);
}

/* Try one word. */
static bool claim_word(struct foray__claims *claims, uint32_t generation,
                       struct foray__owner owner, uint32_t w,
                       struct foray__claim *out)
{
    uint64_t seen =
        atomic_load_explicit(&claims->words[w].word, memory_order_relaxed);

    if (foray__word_generation(seen) != generation ||
        foray__word_state(seen) != FORAY__PENDING)
        return false;
    if (!atomic_compare_exchange_strong_explicit(
            &claims->words[w].word, &seen,
            foray__word_make(generation, FORAY__OWNED) |
                (seen & FORAY__WORD_PARTIAL) | foray__word_owner(owner),
            memory_order_acq_rel, memory_order_relaxed))
        return false;
    /* From here the run cannot end: what the parent wrote for it holds. */
    out->word = w;
    out->first = out->start = foray__word_start(claims, w);
    out->stop = foray__word_stop(claims, w);
    out->block =
        atomic_load_explicit(&claims->words[w].block, memory_order_relaxed);
    out->attempt =
        atomic_load_explicit(&claims->words[w].attempt, memory_order_relaxed);
    if (seen & FORAY__WORD_PARTIAL)
        out->start += atomic_load_explicit(&claims->words[w].settled,
                                           memory_order_relaxed);
    return true;
}

bool foray__claims_take(struct foray__claims *claims, uint32_t generation,
                        struct foray__owner owner, struct foray__claim *out)
{
    uint64_t n = atomic_load_explicit(&claims->offered, memory_order_acquire);
    uint64_t k = atomic_load_explicit(&claims->hint, memory_order_relaxed);

    if (generation == 0) /* before the first run, when fresh words look like
                            pending ones */
        return false;
    while (k < n) {
        if (!atomic_compare_exchange_weak_explicit(&claims->hint, &k, k + 1,
                                                   memory_order_relaxed,
                                                   memory_order_relaxed))
            continue;
        if (claim_word(claims, generation, owner,
                       (uint32_t)(k % FORAY__CLAIM_WORDS), out))
            return true;
        k = atomic_load_explicit(&claims->hint, memory_order_relaxed);
    }
    /* What the hint has passed: offered again, or its finder died. */
    k = atomic_load_explicit(&claims->tail, memory_order_relaxed);
    for (uint64_t w = 0; k < n && w < FORAY__CLAIM_WORDS; k++, w++)
        if (claim_word(claims, generation, owner,
                       (uint32_t)(k % FORAY__CLAIM_WORDS), out))
            return true;
    return false;
}

void foray__claims_finish(struct foray__claims *claims, uint32_t generation,
                          const struct foray__claim *claim)
{
    atomic_store_explicit(&claims->words[claim->word].word,
                          foray__word_make(generation, FORAY__DONE),
                          memory_order_release);
}

/* The owner has run the tasks before `next`, and does not go on. */
static void leave(struct foray__claims *claims, uint32_t generation,
                  const struct foray__claim *claim, uint64_t next,
                  enum foray__claim_state state)
{
    struct foray__claim_word *at = &claims->words[claim->word];

    if (next > claim->start)
        atomic_store_explicit(&at->attempt, 1, memory_order_relaxed);
    atomic_store_explicit(&at->settled,
                          next - foray__word_start(claims, claim->word),
                          memory_order_relaxed);
    atomic_store_explicit(
        &at->word, foray__word_make(generation, state) | FORAY__WORD_PARTIAL,
        memory_order_release);
}

void foray__claims_abandon(struct foray__claims *claims, uint32_t generation,
                           const struct foray__claim *claim, uint64_t next)
{
    leave(claims, generation, claim, next, FORAY__ABANDONED);
}

void foray__claims_release(struct foray__claims *claims, uint32_t generation,
                           const struct foray__claim *claim, uint64_t next)
{
    leave(claims, generation, claim, next, FORAY__PENDING);
}

/* A pending word becomes an abandoned one, unless a worker is faster: then it
 * is owned and stays so. */
static bool abandon_pending(struct foray__claims *claims, uint32_t w)
{
    uint64_t word =
        atomic_load_explicit(&claims->words[w].word, memory_order_relaxed);

    return foray__word_state(word) == FORAY__PENDING &&
           atomic_compare_exchange_strong_explicit(
               &claims->words[w].word, &word,
               foray__word_make(foray__word_generation(word),
                                FORAY__ABANDONED) |
                   (word & FORAY__WORD_PARTIAL),
               memory_order_release, memory_order_relaxed);
}

bool foray__claims_is_returned(const struct foray__claims *claims, uint64_t k,
                               uint64_t *settled)
{
    const struct foray__claim_word *at = &claims->words[k % FORAY__CLAIM_WORDS];
    uint64_t word = atomic_load_explicit(&at->word, memory_order_acquire);

    *settled = atomic_load_explicit(&at->settled, memory_order_relaxed);
    return foray__word_state(word) == FORAY__ABANDONED &&
           (word & FORAY__WORD_PARTIAL);
}

bool foray__claims_is_over(const struct foray__claims *claims, uint64_t k)
{
    enum foray__claim_state state = foray__word_state(atomic_load_explicit(
        &claims->words[k % FORAY__CLAIM_WORDS].word, memory_order_acquire));

    return state == FORAY__DONE || state == FORAY__ABANDONED;
}

bool foray__claims_withdraw(struct foray__claims *claims, uint64_t k)
{
    return abandon_pending(claims, (uint32_t)(k % FORAY__CLAIM_WORDS));
}

void foray__claims_close(struct foray__claims *claims)
{
    uint32_t n = foray__words_in_use(claims);

    for (uint32_t w = 0; w < n; w++)
        abandon_pending(claims, w);
}
