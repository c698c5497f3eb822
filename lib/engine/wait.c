#include "engine/wait.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static void futex(_Atomic uint32_t *word, int operation, uint32_t value,
                  const struct timespec *timeout)
{
    syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
}

void foray__futex_wait(_Atomic uint32_t *word, uint32_t value,
                       const struct timespec *timeout)
{
    futex(word, FUTEX_WAIT, value, timeout);
}

void foray__futex_wake(_Atomic uint32_t *word, int n)
{
    futex(word, FUTEX_WAKE, (uint32_t)n, NULL);
}

void foray__doorbell_ring(struct foray__doorbell *bell)
{
    atomic_fetch_add(&bell->count, 1);
    if (atomic_load(&bell->sleepers))
        foray__futex_wake(&bell->count, INT_MAX);
}

/* What is left until `end`; false: nothing. */
static bool time_left(struct timespec *out, double end)
{
    double seconds = end - foray__now();

    if (!(seconds > 0))
        return false;
    if (seconds > 1e9) /* also INFINITY, which no integer holds */
        seconds = 1e9;
    out->tv_sec = (time_t)seconds;
    out->tv_nsec = (long)((seconds - (double)out->tv_sec) * 1e9);
    if (out->tv_nsec > 999999999)
        out->tv_nsec = 999999999;
    return true;
}

/* What a sleeper says that has heard the bell `count` times: never 0. */
static uint32_t sleep_of(uint32_t count)
{
    return count << 1 | 1;
}

uint32_t foray__doorbell_wait(struct foray__doorbell *bell, uint32_t seen,
                              int spins, double seconds,
                              _Atomic uint32_t *asleep)
{
    struct timespec left;
    double end;
    uint32_t count;

    for (int i = 0; i < spins; i++) {
        count = atomic_load_explicit(&bell->count, memory_order_acquire);
        if (count != seen)
            return count;
        foray__pause();
    }
    end = foray__now() + seconds;
    /* Counted before it is said, and the other way round behind: whoever is
     * killed between the two leaves a number too high, never one too low. */
    atomic_fetch_add(&bell->sleepers, 1);
    atomic_store(asleep, sleep_of(seen));
    while ((count = atomic_load(&bell->count)) == seen && time_left(&left, end))
        foray__futex_wait(&bell->count, seen, &left);
    atomic_store(asleep, 0);
    atomic_fetch_sub(&bell->sleepers, 1);
    return count;
}

bool foray__doorbell_is_heard(const struct foray__doorbell *bell,
                              const _Atomic uint32_t *asleep)
{
    return atomic_load(asleep) == sleep_of(atomic_load(&bell->count));
}

void foray__doorbell_bury(struct foray__doorbell *bell,
                          _Atomic uint32_t *asleep)
{
    if (atomic_exchange(asleep, 0))
        atomic_fetch_sub(&bell->sleepers, 1);
}
