#include "engine/deadline.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

static uint64_t nanoseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* This process's timer, which is not inherited by what it forks. */
static timer_t *own_timer(void)
{
    static timer_t timer;
    static pid_t maker;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGKILL};

    if (maker == getpid())
        return &timer;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer))
        return NULL;
    maker = getpid();
    return &timer;
}

static void arm(uint64_t at)
{
    timer_t *timer = own_timer();
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)(at / 1000000000),
                                           .tv_nsec = (long)(at % 1000000000)}};

    if (timer)
        timer_settime(*timer, TIMER_ABSTIME, &when, NULL);
}

void foray__deadline_set(_Atomic uint64_t *deadline, double seconds)
{
    uint64_t at = nanoseconds();

    at += seconds < 1e9 ? (uint64_t)(seconds * 1e9) + 1 : UINT64_MAX / 4;
    atomic_store(deadline, at);
    arm(at);
}

/* Last the word: while the timer can still fire, it says why. */
void foray__deadline_clear(_Atomic uint64_t *deadline)
{
    arm(0);
    atomic_store(deadline, 0);
}

bool foray__deadline_missed(const _Atomic uint64_t *deadline)
{
    uint64_t at = atomic_load(deadline);

    return at && nanoseconds() >= at;
}
