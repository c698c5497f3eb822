/* Results that came and were not read yet. */
#ifndef FORAY_ENGINE_INBOX_H
#define FORAY_ENGINE_INBOX_H

#include <foray/result.h>

/* Zeroed, but for `ordered`: empty. */
struct foray__inbox {
    bool ordered;    /* by index; else as they came */
    size_t nbytes;   /* of all results in it, about */
    uint64_t next;   /* index to be read next; of unordered ones, a count */
    uint64_t behind; /* behind the last that is there */
    struct foray_result *ring; /* of a power of two; worker -2: not there */
    size_t capacity;
};

/* false when out of memory: the result stays the caller's. */
bool foray__inbox_put(struct foray__inbox *inbox,
                      const struct foray_result *result);

/* Whether one can be read. */
bool foray__inbox_has(const struct foray__inbox *inbox);

/* The next one; false when it is not there. */
bool foray__inbox_take(struct foray__inbox *inbox, struct foray_result *out);

/* The result of call `index`, which stays there; NULL: it is not there. */
const struct foray_result *foray__inbox_find(const struct foray__inbox *inbox,
                                             size_t index);

void foray__inbox_free(struct foray__inbox *inbox);

#endif
