#include "engine/level.h"

static _Thread_local struct foray__level *innermost;

struct foray__level *foray__level(void)
{
    return innermost;
}

struct foray__level *foray__level_swap(struct foray__level *level)
{
    struct foray__level *before = innermost;

    innermost = level;
    return before;
}
