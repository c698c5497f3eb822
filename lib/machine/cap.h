/* Caps on the BLAS and OpenMP runtimes of this process, for pools of threads:
 * most runtimes have one number of threads for the whole process, OpenMP's have
 * one for each thread that calls them. */
#ifndef FORAY_MACHINE_CAP_H
#define FORAY_MACHINE_CAP_H

#include "machine/runtimes.h"

/* What one pool asks for. */
struct foray__cap {
    int n_threads;
    struct foray__runtimes runtimes; /* that there were when it began */
    struct foray__cap *next;
};

/* Let forks of this process wait for the caps. Before the first of them; a lock
 * that is held where this process forks, and that forks wait for, registers
 * after this call, so that both are always taken in one order. */
void foray__cap_watch_forks(void);

/* From now on, until it is released, the runtimes of the process have
 * n_threads, or what another cap allows if that is less. Safe in threads. */
void foray__cap_hold(struct foray__cap *cap, int n_threads);

/* With the last cap the runtimes have again what they had before the first. */
void foray__cap_release(struct foray__cap *cap);

/* What a thread had before it was capped. */
struct foray__thread_cap {
    int n_threads[FORAY__MAX_RUNTIMES]; /* 0: unknown */
};

/* Cap the runtimes that count for the calling thread alone, and give it back
 * what it had. */
void foray__cap_thread(struct foray__thread_cap *before,
                       const struct foray__cap *cap);
void foray__uncap_thread(const struct foray__thread_cap *before,
                         const struct foray__cap *cap);

#endif
