#include "engine/deadline.h"

#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/feature.h"

static uint64_t nanoseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* This process's timer, which is not inherited by what it forks. NULL: it can
 * have none, for its user has too many signals pending (ulimit -i). */
static timer_t *own_timer(void)
{
    static timer_t timer;
    static bool any;
    static pid_t maker;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGKILL};

    if (maker != getpid()) {
        maker = getpid();
        any = foray__feature("timer") &&
              !timer_create(CLOCK_MONOTONIC, &event, &timer);
    }
    return any ? &timer : NULL;
}

/* Every process has this one. It sends SIGALRM, which kills, too; a task that
 * blocks or handles it, or is stopped, the parent kills when it looks. */
static void arm_alarm(uint64_t at)
{
    uint64_t now = nanoseconds(), left = at > now ? at - now : 1;
    struct itimerval when = {{0, 0}, {0, 0}};

    if (at) {
        when.it_value.tv_sec = (time_t)(left / 1000000000);
        when.it_value.tv_usec = (suseconds_t)(left % 1000000000 / 1000 + 1);
        if (when.it_value.tv_usec == 1000000) {
            when.it_value.tv_sec++;
            when.it_value.tv_usec = 0;
        }
    }
    setitimer(ITIMER_REAL, &when, NULL);
}

static void arm(uint64_t at)
{
    timer_t *timer = own_timer();
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)(at / 1000000000),
                                           .tv_nsec = (long)(at % 1000000000)}};

    if (timer)
        timer_settime(*timer, TIMER_ABSTIME, &when, NULL);
    else
        arm_alarm(at);
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

double foray__deadline_pause(_Atomic uint64_t *deadline)
{
    uint64_t at = atomic_load(deadline), now = nanoseconds();

    if (!at)
        return 0;
    foray__deadline_clear(deadline);
    return at > now ? (double)(at - now) / 1e9 : 1e-9; /* it has a moment */
}

bool foray__deadline_missed(const _Atomic uint64_t *deadline, double by)
{
    uint64_t at = atomic_load(deadline), now = nanoseconds();

    return at && now >= at && (double)(now - at) >= by * 1e9;
}
