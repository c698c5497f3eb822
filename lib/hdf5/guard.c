#include "hdf5/guard.h"

#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

static pid_t spared;

/* A worker has one task at a time. */
static timer_t timer;
static pid_t timer_of;

void foray__h5_guard_spare(void)
{
    spared = getpid();
}

/* CPU, not time: a slow disk is no damage. */
static bool make_timer(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGXCPU};

    if (timer_of == getpid())
        return true;
    if (spared == getpid() ||
        timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer))
        return false;
    timer_of = getpid();
    return true;
}

static void set(double seconds)
{
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)seconds}};

    if (make_timer())
        timer_settime(timer, 0, &when, NULL);
}

void foray__h5_guard_begin(double seconds)
{
    set(seconds);
}

void foray__h5_guard_end(void)
{
    set(0);
}
