#include "engine/deadline.h"

#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/feature.h"

/* Seconds behind its deadline at which a task is ended that cannot be told so:
 * those that end at their deadline are long gone. */
static const double overdue = 0.5;

static uint64_t nanoseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* The first kills so that the wait status says who it was. A task that blocks
 * or handles that, or is stopped, the second one ends. */
enum { FIRST, SECOND, N_TIMERS };

static bool make(timer_t *timer, int signal)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = signal};

    return !timer_create(CLOCK_MONOTONIC, &event, timer);
}

/* This process's timers, which are not inherited by what it forks. NULL: it
 * can have none, for its user has too many signals pending (ulimit -i). */
static timer_t *own_timers(void)
{
    static timer_t timers[N_TIMERS];
    static bool any;
    static pid_t maker;

    if (maker != getpid()) {
        maker = getpid();
        any = foray__feature("timer") && make(&timers[FIRST], SIGALRM);
        if (any && !make(&timers[SECOND], SIGKILL)) {
            timer_delete(timers[FIRST]);
            any = false;
        }
    }
    return any ? timers : NULL;
}

/* Every process has this one. It is as the first; who outlives it the parent
 * kills when it looks. */
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

static void set(timer_t timer, uint64_t at)
{
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)(at / 1000000000),
                                           .tv_nsec = (long)(at % 1000000000)}};

    timer_settime(timer, TIMER_ABSTIME, &when, NULL);
}

static void arm(uint64_t at)
{
    timer_t *timers = own_timers();

    if (timers) {
        set(timers[FIRST], at);
        set(timers[SECOND], at ? at + (uint64_t)(overdue * 1e9) : 0);
    } else {
        arm_alarm(at);
    }
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

static bool is_missed(const _Atomic uint64_t *deadline, double by)
{
    uint64_t at = atomic_load(deadline), now = nanoseconds();

    return at && now >= at && (double)(now - at) >= by * 1e9;
}

bool foray__deadline_overdue(const _Atomic uint64_t *deadline)
{
    return is_missed(deadline, overdue);
}

bool foray__deadline_killed(const _Atomic uint64_t *deadline, int status)
{
    if (status == -1)
        return is_missed(deadline, 0);
    if (!WIFSIGNALED(status))
        return false;
    return (WTERMSIG(status) == SIGALRM && is_missed(deadline, 0)) ||
           (WTERMSIG(status) == SIGKILL && is_missed(deadline, overdue));
}
