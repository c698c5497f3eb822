#include "engine/lock.h"

#include <limits.h>
#include <stddef.h>

#include "engine/wait.h"

/* Who has it, counted from 1, and whether somebody sleeps for it. */
#define SLEPT_FOR UINT32_C(0x80000000)

/* Sleep until the lock may be free; `seen` is what was in its word. */
static void sleep_for(struct foray__lock *lock, uint32_t seen)
{
    if (seen & SLEPT_FOR ||
        atomic_compare_exchange_strong(&lock->word, &seen, seen | SLEPT_FOR))
        foray__futex_wait(&lock->word, seen | SLEPT_FOR, NULL);
}

void foray__lock_take(struct foray__lock *lock, unsigned who)
{
    uint32_t own = who + 1, seen = 0;

    if (atomic_compare_exchange_strong(&lock->word, &seen, own))
        return;
    /* Others may sleep, too: whoever had to wait wakes the next. */
    do {
        if (seen)
            sleep_for(lock, seen);
        seen = 0;
    } while (
        !atomic_compare_exchange_strong(&lock->word, &seen, own | SLEPT_FOR));
}

void foray__lock_release(struct foray__lock *lock)
{
    if (atomic_exchange(&lock->word, 0) & SLEPT_FOR)
        foray__futex_wake(&lock->word, 1);
}

void foray__lock_bury(struct foray__lock *lock, unsigned who)
{
    uint32_t seen = atomic_load(&lock->word);

    if ((seen & ~SLEPT_FOR) == who + 1)
        atomic_store(&lock->word, 0); /* nobody else would change it to that */
    foray__futex_wake(&lock->word, INT_MAX); /* it may have been woken last */
}
