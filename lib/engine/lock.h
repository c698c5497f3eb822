/* A lock between processes that says who has it: when its holder dies, whoever
 * buries it opens the lock. For words that any holder may die between. */
#ifndef FORAY_ENGINE_LOCK_H
#define FORAY_ENGINE_LOCK_H

#include <stdatomic.h>
#include <stdint.h>

/* Zeroed: free. */
struct foray__lock {
    _Atomic uint32_t word; /* a futex */
};

/* Wait for it. `who` is a slot. */
void foray__lock_take(struct foray__lock *lock, unsigned who);
void foray__lock_release(struct foray__lock *lock);

/* `who` is dead, and does not have it any more. */
void foray__lock_bury(struct foray__lock *lock, unsigned who);

#endif
