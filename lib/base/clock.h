/* Time that only goes forward. */
#ifndef FORAY_BASE_CLOCK_H
#define FORAY_BASE_CLOCK_H

/* Seconds since an arbitrary moment, CLOCK_MONOTONIC. */
double foray__now(void);

#endif
