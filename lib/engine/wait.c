#include "engine/wait.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void futex(_Atomic uint32_t *word, int operation, uint32_t value,
                  const struct timespec *timeout)
{
    syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
}

void foray__doorbell_ring(struct foray__doorbell *bell)
{
    atomic_fetch_add(&bell->count, 1);
    if (atomic_load(&bell->sleepers))
        futex(&bell->count, FUTEX_WAKE, INT_MAX, NULL);
}

uint32_t foray__doorbell_wait(struct foray__doorbell *bell, uint32_t seen,
                              int spins)
{
    uint32_t count;

    for (int i = 0; i < spins; i++) {
        count = atomic_load_explicit(&bell->count, memory_order_acquire);
        if (count != seen)
            return count;
        foray__pause();
    }
    atomic_fetch_add(&bell->sleepers, 1);
    while ((count = atomic_load(&bell->count)) == seen)
        futex(&bell->count, FUTEX_WAIT, seen, NULL);
    atomic_fetch_sub(&bell->sleepers, 1);
    return count;
}
