/* Waiting across processes: spin briefly, then sleep in the kernel. */
#ifndef FORAY_ENGINE_WAIT_H
#define FORAY_ENGINE_WAIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* A hint to the CPU that this is a spin loop. */
static inline void foray__pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Sleep while a word, also one in shared memory, has this value: until somebody
 * wakes it, for no reason, or when the time, which may be NULL, is over. */
struct timespec;
void foray__futex_wait(_Atomic uint32_t *word, uint32_t value,
                       const struct timespec *timeout);

/* Wake so many that sleep at it. */
void foray__futex_wake(_Atomic uint32_t *word, int n);

/* A counter in shared memory that sleepers wait on. */
struct foray__doorbell {
    _Atomic uint32_t count; /* a futex */
    _Atomic uint32_t sleepers;
};

/* Wake everybody. */
void foray__doorbell_ring(struct foray__doorbell *bell);

/* Return once the count differs from `seen`: at most `spins` pauses, then
 * asleep; or when `seconds`, which may be INFINITY, are over. *asleep, the
 * caller's own, is not 0 meanwhile: it is one of the sleepers. Returns the
 * count. */
uint32_t foray__doorbell_wait(struct foray__doorbell *bell, uint32_t seen,
                              int spins, double seconds,
                              _Atomic uint32_t *asleep);

/* Whether the sleeper that *asleep is of sleeps although the bell has rung no
 * more since it looked for work. */
bool foray__doorbell_is_heard(const struct foray__doorbell *bell,
                              const _Atomic uint32_t *asleep);

/* The process that *asleep is of was killed: it sleeps no more. */
void foray__doorbell_bury(struct foray__doorbell *bell,
                          _Atomic uint32_t *asleep);

#endif
