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

static uint64_t word_start(const struct foray__claims *claims, uint32_t word)
{
    return atomic_load_explicit(&claims->words[word].start,
                                memory_order_relaxed);
}

static uint64_t word_stop(const struct foray__claims *claims, uint32_t word)
{
    return atomic_load_explicit(&claims->words[word].stop,
                                memory_order_relaxed);
}

/* Words in use: [0, n). */
static uint32_t n_words(const struct foray__claims *claims)
{
    uint64_t n = atomic_load_explicit(&claims->offered, memory_order_acquire);

    return n < FORAY__CLAIM_WORDS ? (uint32_t)n : FORAY__CLAIM_WORDS;
}

static void set_word(struct foray__claims *claims, uint32_t w,
                     uint32_t generation, uint64_t start, uint64_t stop,
                     uint64_t block)
{
    struct foray__claim_word *word = &claims->words[w];

    atomic_store_explicit(&word->start, start, memory_order_relaxed);
    atomic_store_explicit(&word->stop, stop, memory_order_relaxed);
    atomic_store_explicit(&word->block, block, memory_order_relaxed);
    atomic_store_explicit(&word->attempt, 1, memory_order_relaxed);
    atomic_store_explicit(&word->word, make_word(generation, FORAY__PENDING),
                          memory_order_release);
}

/* Everything but the words, and last of all the generation. */
static void set_run(struct foray__claims *claims, uint32_t generation,
                    uint64_t offered)
{
    atomic_store_explicit(&claims->tail, 0, memory_order_relaxed);
    atomic_store_explicit(&claims->offered, offered, memory_order_release);
    atomic_store_explicit(&claims->hint, 0, memory_order_release);
    atomic_store_explicit(&claims->generation, generation,
                          memory_order_release);
}

static uint32_t next_generation(const struct foray__claims *claims)
{
    return atomic_load_explicit(&claims->generation, memory_order_relaxed) + 1;
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
    set_run(claims, generation, w);
    return generation;
}

uint32_t foray__claims_open(struct foray__claims *claims)
{
    uint32_t generation = next_generation(claims);

    atomic_store_explicit(&claims->batch, 0, memory_order_relaxed);
    set_run(claims, generation, 0);
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
    out->first = out->start = word_start(claims, w);
    out->stop = word_stop(claims, w);
    out->block =
        atomic_load_explicit(&claims->words[w].block, memory_order_relaxed);
    out->attempt =
        atomic_load_explicit(&claims->words[w].attempt, memory_order_relaxed);
    if (seen & PARTIAL)
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
                          make_word(generation, FORAY__DONE),
                          memory_order_release);
}

/* The owner has run the tasks before `next`, and does not go on. */
static void leave(struct foray__claims *claims, uint32_t generation,
                  const struct foray__claim *claim, uint64_t next,
                  enum foray__claim_state state)
{
    struct foray__claim_word *at = &claims->words[claim->word];

    atomic_store_explicit(&at->settled, next - word_start(claims, claim->word),
                          memory_order_relaxed);
    atomic_store_explicit(&at->word, make_word(generation, state) | PARTIAL,
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
    atomic_store_explicit(&claims->words[claim->word].attempt, 1,
                          memory_order_relaxed);
    leave(claims, generation, claim, next, FORAY__PENDING);
}

/* One word of a dead owner. */
static struct foray__burial bury_word(struct foray__claims *claims, uint32_t w,
                                      const struct foray__dead *dead)
{
    struct foray__claim_word *at = &claims->words[w];
    struct foray__burial burial = {.victim = FORAY__NO_TASK};
    uint64_t word = atomic_load_explicit(&at->word, memory_order_acquire);
    uint64_t start = word_start(claims, w), stop = word_stop(claims, w);
    uint64_t current = dead->current, before = 0, settled;
    uint64_t next = make_word(generation_of(word), FORAY__DONE);
    uint32_t attempt = 1;

    if (word & PARTIAL)
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
        next = make_word(generation_of(word), FORAY__PENDING) | PARTIAL;
    }
    atomic_store_explicit(&at->word, next, memory_order_release);
    return burial;
}

struct foray__burial foray__claims_bury(struct foray__claims *claims,
                                        const struct foray__dead *dead)
{
    uint32_t generation =
        atomic_load_explicit(&claims->generation, memory_order_relaxed);
    uint64_t owned =
        make_word(generation, FORAY__OWNED) | owner_bits(dead->owner);
    struct foray__burial nothing = {.victim = FORAY__NO_TASK};
    uint32_t n = n_words(claims);

    for (uint32_t w = 0; w < n; w++) {
        uint64_t word =
            atomic_load_explicit(&claims->words[w].word, memory_order_acquire);

        if ((word & ~PARTIAL) == owned) /* an owner has one word at a time */
            return bury_word(claims, w, dead);
    }
    return nothing;
}

/* A pending word becomes an abandoned one, unless a worker is faster: then it
 * is owned and stays so. */
static bool abandon_pending(struct foray__claims *claims, uint32_t w)
{
    uint64_t word =
        atomic_load_explicit(&claims->words[w].word, memory_order_relaxed);

    return state_of(word) == FORAY__PENDING &&
           atomic_compare_exchange_strong_explicit(
               &claims->words[w].word, &word,
               make_word(generation_of(word), FORAY__ABANDONED) |
                   (word & PARTIAL),
               memory_order_release, memory_order_relaxed);
}

bool foray__claims_any_pending(const struct foray__claims *claims)
{
    uint64_t n = atomic_load_explicit(&claims->offered, memory_order_relaxed);
    uint64_t k = atomic_load_explicit(&claims->tail, memory_order_relaxed);

    for (uint64_t w = 0; k < n && w < FORAY__CLAIM_WORDS; k++, w++)
        if (state_of(atomic_load_explicit(
                &claims->words[k % FORAY__CLAIM_WORDS].word,
                memory_order_relaxed)) == FORAY__PENDING)
            return true;
    return false;
}

bool foray__claims_is_returned(const struct foray__claims *claims, uint64_t k,
                               uint64_t *settled)
{
    const struct foray__claim_word *at = &claims->words[k % FORAY__CLAIM_WORDS];
    uint64_t word = atomic_load_explicit(&at->word, memory_order_acquire);

    *settled = atomic_load_explicit(&at->settled, memory_order_relaxed);
    return state_of(word) == FORAY__ABANDONED && (word & PARTIAL);
}

bool foray__claims_is_over(const struct foray__claims *claims, uint64_t k)
{
    enum foray__claim_state state = state_of(atomic_load_explicit(
        &claims->words[k % FORAY__CLAIM_WORDS].word, memory_order_acquire));

    return state == FORAY__DONE || state == FORAY__ABANDONED;
}

bool foray__claims_withdraw(struct foray__claims *claims, uint64_t k)
{
    return abandon_pending(claims, (uint32_t)(k % FORAY__CLAIM_WORDS));
}

void foray__claims_close(struct foray__claims *claims)
{
    uint32_t n = n_words(claims);

    for (uint32_t w = 0; w < n; w++)
        abandon_pending(claims, w);
}

struct foray__claims_left foray__claims_left(const struct foray__claims *claims)
{
    struct foray__claims_left left = {0, 0};
    uint32_t n = n_words(claims);

    for (uint32_t w = 0; w < n; w++) {
        enum foray__claim_state state = state_of(
            atomic_load_explicit(&claims->words[w].word, memory_order_acquire));

        left.pending += state == FORAY__PENDING;
        left.owned += state == FORAY__OWNED;
    }
    return left;
}

bool foray__claims_owns(const struct foray__claims *claims,
                        struct foray__owner owner)
{
    uint64_t mask = PARTIAL - 1;
    uint32_t n = n_words(claims);

    for (uint32_t w = 0; w < n; w++) {
        uint64_t word =
            atomic_load_explicit(&claims->words[w].word, memory_order_acquire);

        if (state_of(word) == FORAY__OWNED &&
            (word & mask) == owner_bits(owner))
            return true;
    }
    return false;
}

uint64_t foray__claims_n_settled(const struct foray__claims *claims)
{
    uint32_t n = n_words(claims);
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
