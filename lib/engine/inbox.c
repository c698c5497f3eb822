#include "engine/inbox.h"

#include <stdlib.h>

#include "engine/result_body.h"

enum { ABSENT = -2, FIRST_CAPACITY = 64 };

static struct foray_result *place(const struct foray__inbox *inbox, uint64_t i)
{
    return &inbox->ring[i & (inbox->capacity - 1)];
}

/* Room for the results up to `behind`. */
static bool grow(struct foray__inbox *inbox, uint64_t behind)
{
    size_t capacity = inbox->capacity ? inbox->capacity : FIRST_CAPACITY;
    struct foray_result *ring;

    while (behind - inbox->next > capacity)
        capacity *= 2;
    if (capacity == inbox->capacity)
        return true;
    ring = malloc(capacity * sizeof ring[0]);
    if (!ring)
        return false;
    for (size_t i = 0; i < capacity; i++)
        ring[i].worker = ABSENT;
    for (uint64_t i = inbox->next; i < inbox->behind; i++)
        ring[i & (capacity - 1)] = *place(inbox, i);
    free(inbox->ring);
    inbox->ring = ring;
    inbox->capacity = capacity;
    return true;
}

bool foray__inbox_put(struct foray__inbox *inbox,
                      const struct foray_result *result)
{
    uint64_t at = inbox->ordered ? result->index : inbox->behind;

    if (!grow(inbox, at + 1))
        return false;
    *place(inbox, at) = *result;
    inbox->nbytes += foray__result_nbytes(result);
    if (at >= inbox->behind)
        inbox->behind = at + 1;
    return true;
}

bool foray__inbox_has(const struct foray__inbox *inbox)
{
    return inbox->next < inbox->behind &&
           place(inbox, inbox->next)->worker != ABSENT;
}

bool foray__inbox_take(struct foray__inbox *inbox, struct foray_result *out)
{
    if (!foray__inbox_has(inbox))
        return false;
    *out = *place(inbox, inbox->next);
    place(inbox, inbox->next++)->worker = ABSENT;
    inbox->nbytes -= foray__result_nbytes(out);
    return true;
}

const struct foray_result *foray__inbox_find(const struct foray__inbox *inbox,
                                             size_t index)
{
    for (uint64_t i = inbox->next; i < inbox->behind; i++) {
        const struct foray_result *result = place(inbox, i);

        if (result->worker != ABSENT && result->index == index)
            return result;
    }
    return NULL;
}

void foray__inbox_free(struct foray__inbox *inbox)
{
    for (; inbox->next < inbox->behind; inbox->next++)
        if (place(inbox, inbox->next)->worker != ABSENT)
            foray_result_free(place(inbox, inbox->next));
    free(inbox->ring);
    inbox->ring = NULL;
    inbox->capacity = 0;
}
