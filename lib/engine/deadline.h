/* Deadlines: the kernel kills a worker whose task takes too long. The timer is
 * the worker's own, so it holds whatever the parent does meanwhile, and for a
 * stopped process too. */
#ifndef FORAY_ENGINE_DEADLINE_H
#define FORAY_ENGINE_DEADLINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* From now on `seconds`; *deadline says until when, for the parent. Worker. */
void foray__deadline_set(_Atomic uint64_t *deadline, double seconds);

/* The task ended in time. Worker. */
void foray__deadline_clear(_Atomic uint64_t *deadline);

/* What is left of it, and no more deadline until it is set again; 0: there is
 * none. Worker. */
double foray__deadline_pause(_Atomic uint64_t *deadline);

/* Whether it is over for so long that the worker should be dead. Parent. */
bool foray__deadline_overdue(const _Atomic uint64_t *deadline);

/* Whether it is what a dead worker died of, whose wait status, -1: unknown, is
 * this. Of a SIGKILL from outside that is looked at when the deadline is long
 * over that is said, too: it may have been stopped. Parent. */
bool foray__deadline_killed(const _Atomic uint64_t *deadline, int status);

#endif
