/* The share of their pool's CPUs that the tasks of this worker process have:
 * as many threads for its BLAS and OpenMP runtimes, and CPUs for the pools that
 * they open. It is that of every worker, and while fewer tasks than workers are
 * left it is more: the CPUs of workers who will have no work are the others'.
 *
 * A share is worked out by who owns a word, as CPUs / tasks that are not done.
 * Those only become fewer, and all that run are among them: what the shares of
 * running tasks sum up to is never more than the CPUs. That needs to know how
 * many tasks there will be: a run whose calls are still made has no tail.
 *
 * Threads of one process have one number for it, and keep their share.
 */
#ifndef FORAY_ENGINE_SHARE_H
#define FORAY_ENGINE_SHARE_H

#include "engine/nesting.h"
#include "engine/shared.h"
#include "machine/runtimes.h"

/* This process is a worker from now on: its runtimes and its tasks have
 * n_threads. `runtimes` holds for as long as it lives. */
void foray__share_enter(const struct foray__shared *shared,
                        const struct foray__runtimes *runtimes, int n_threads,
                        struct foray__nesting nesting);

/* A library was loaded, and may have brought runtimes: they have it too. */
void foray__share_spread(void);

/* Give the runtimes, and pools that are opened from here on, what the tasks
 * that are left allow; a runtime whose number somebody else has set meanwhile
 * keeps that. Returns the number. Owner of a word, in the thread that runs its
 * tasks. */
int foray__share_adjust(void);

#endif
