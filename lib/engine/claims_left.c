/* What is left of a run, and what is settled. */
#include "engine/claim_word.h"

bool foray__claims_any_pending(const struct foray__claims *claims)
{
    uint64_t n = atomic_load_explicit(&claims->offered, memory_order_relaxed);
    uint64_t k = atomic_load_explicit(&claims->tail, memory_order_relaxed);

    for (uint64_t w = 0; k < n && w < FORAY__CLAIM_WORDS; k++, w++)
        if (foray__word_state(atomic_load_explicit(
                &claims->words[k % FORAY__CLAIM_WORDS].word,
                memory_order_relaxed)) == FORAY__PENDING)
            return true;
    return false;
}

bool foray__claims_may_take(const struct foray__claims *claims)
{
    uint64_t n = atomic_load_explicit(&claims->offered, memory_order_relaxed);

    /* What the hint has not passed is nobody's, but for what was withdrawn. */
    return atomic_load_explicit(&claims->hint, memory_order_relaxed) < n ||
           foray__claims_any_pending(claims);
}

struct foray__claims_left foray__claims_left(const struct foray__claims *claims)
{
    struct foray__claims_left left = {0, 0};
    uint32_t n = foray__words_in_use(claims);

    for (uint32_t w = 0; w < n; w++) {
        enum foray__claim_state state = foray__word_state(
            atomic_load_explicit(&claims->words[w].word, memory_order_acquire));

        left.pending += state == FORAY__PENDING;
        left.owned += state == FORAY__OWNED;
    }
    return left;
}

bool foray__claims_owns(const struct foray__claims *claims,
                        struct foray__owner owner)
{
    uint64_t mask = FORAY__WORD_PARTIAL - 1;
    uint32_t n = foray__words_in_use(claims);

    for (uint32_t w = 0; w < n; w++) {
        uint64_t word =
            atomic_load_explicit(&claims->words[w].word, memory_order_acquire);

        if (foray__word_state(word) == FORAY__OWNED &&
            (word & mask) == foray__word_owner(owner))
            return true;
    }
    return false;
}

uint64_t foray__claims_n_settled(const struct foray__claims *claims)
{
    uint32_t n = foray__words_in_use(claims);
    uint64_t settled = 0;

    for (uint32_t w = 0; w < n; w++) {
        uint64_t word =
            atomic_load_explicit(&claims->words[w].word, memory_order_acquire);

        if (foray__word_state(word) == FORAY__DONE)
            settled +=
                foray__word_stop(claims, w) - foray__word_start(claims, w);
        else if (word & FORAY__WORD_PARTIAL)
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

    if (foray__word_state(word) == FORAY__DONE)
        return true;
    if (!(word & FORAY__WORD_PARTIAL))
        return false;
    return task - foray__word_start(claims, w) <
           atomic_load_explicit(&claims->words[w].settled,
                                memory_order_relaxed);
}

uint64_t foray__claims_take_tried(struct foray__claims *claims, uint32_t *next)
{
    uint32_t n = foray__words_in_use(claims);

    while (*next < n) {
        uint32_t w = (*next)++;
        struct foray__claim_word *at = &claims->words[w];
        uint64_t word = atomic_load_explicit(&at->word, memory_order_acquire);
        uint64_t task = foray__word_start(claims, w);

        if (foray__word_state(word) == FORAY__DONE ||
            atomic_load_explicit(&at->attempt, memory_order_relaxed) < 2)
            continue;
        if (word & FORAY__WORD_PARTIAL)
            task += atomic_load_explicit(&at->settled, memory_order_relaxed);
        atomic_store_explicit(&at->attempt, 1, memory_order_relaxed);
        return task;
    }
    return FORAY__NO_TASK;
}

/* Whether nothing of a word is to be run any more. */
static bool is_finished(uint64_t word)
{
    enum foray__claim_state state = foray__word_state(word);

    return state == FORAY__DONE ||
           (state == FORAY__ABANDONED && !(word & FORAY__WORD_PARTIAL));
}

/* Tasks of a word that are not done. One that was given back will be offered
 * again. */
static uint64_t left_of(const struct foray__claims *claims, uint32_t w,
                        uint64_t word, foray__current_fn *current,
                        const void *arg)
{
    uint64_t start = foray__word_start(claims, w);
    uint64_t stop = foray__word_stop(claims, w), at;

    if (is_finished(word))
        return 0;
    if (atomic_load_explicit(&claims->batch, memory_order_relaxed))
        return 1;
    if (word & FORAY__WORD_PARTIAL)
        start += atomic_load_explicit(&claims->words[w].settled,
                                      memory_order_relaxed);
    if (foray__word_state(word) == FORAY__OWNED) {
        at = current(foray__word_slot(word), arg);
        if (at >= start && at <= stop)
            start = at;
    }
    return stop - start;
}

/* Whether so many tasks are waiting that the words need no look. */
static bool has_plenty(const struct foray__claims *claims, uint64_t enough,
                       uint64_t to_come)
{
    uint64_t n = atomic_load_explicit(&claims->offered, memory_order_relaxed);
    uint64_t k = atomic_load_explicit(&claims->hint, memory_order_relaxed);

    return to_come >= enough || (k < n && n - k >= enough - to_come);
}

uint64_t foray__claims_n_left(const struct foray__claims *claims,
                              uint64_t *first, uint64_t enough,
                              foray__current_fn *current, const void *arg)
{
    /* Before the words: what is not to come any more is among them. */
    uint64_t left =
        atomic_load_explicit(&claims->to_come, memory_order_acquire);
    uint64_t k = atomic_load_explicit(&claims->tail, memory_order_acquire);
    bool so_far = true;

    if (has_plenty(claims, enough, left))
        return enough;
    if (k < *first)
        k = *first;
    /* The end is looked up each time: of a word that was replaced the others
     * are offered by then. */
    for (; k < atomic_load_explicit(&claims->offered, memory_order_acquire);
         k++) {
        uint32_t w = (uint32_t)(k % FORAY__CLAIM_WORDS);
        uint64_t word =
            atomic_load_explicit(&claims->words[w].word, memory_order_acquire);
        uint64_t n = left_of(claims, w, word, current, arg);

        if (n >= enough - left)
            return enough;
        left += n;
        so_far &= is_finished(word);
        if (so_far)
            *first = k + 1;
    }
    return left ? left : 1;
}
