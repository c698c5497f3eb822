/* Pools inside of tasks: they share what their task was given. */
#ifndef FORAY_ENGINE_NESTING_H
#define FORAY_ENGINE_NESTING_H

#include <stddef.h>

enum { FORAY__MAX_DEPTH = 10 };

struct foray__nesting {
    int depth;     /* tasks around this code; 0: none */
    int n_cpus;    /* that it may use; 0: all usable ones */
    int n_workers; /* of the pools around, multiplied; 0: there are none */
    int zero;      /* as it travels in parcels, whose bytes are all set */
    size_t memory; /* bytes that it may use; 0: any number */
};

/* Of this thread: what it entered, or else what its process did. */
struct foray__nesting foray__nesting(void);

/* Of the tasks of a pool with so many CPUs, workers and bytes of memory
 * (FORAY_NEVER: any number), opened here. */
struct foray__nesting foray__nesting_of_tasks(int n_cpus, int n_jobs,
                                              size_t memory);

/* This process is a worker from now on, in all its threads. */
void foray__nesting_enter(struct foray__nesting nesting);

/* This thread runs tasks until it is told otherwise. Returns what was before,
 * to be told behind them. */
struct foray__nesting foray__nesting_swap(struct foray__nesting nesting);

#endif
