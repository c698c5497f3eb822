/* Seconds since some moment, which go on whatever the date is set to. */
#ifndef FORAY_TOOLS_SHELL_CLOCK_H
#define FORAY_TOOLS_SHELL_CLOCK_H

#include <time.h>

static inline double clock_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#endif
