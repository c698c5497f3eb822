/* Pools that are made for one run: what a run does that is given none. */
#ifndef FORAY_ENGINE_POOL_ONCE_H
#define FORAY_ENGINE_POOL_ONCE_H

#include "engine/pool_body.h"

/* The pool of a run of n tasks: the one that was given, or, if that is NULL,
 * one of this thread's configuration with no more workers than tasks. */
int foray__pool_for_run(struct foray_pool **out, struct foray_pool *given,
                        size_t n_tasks, struct foray_error *err);

/* The same for calls that are not there yet, n of them; 0: who knows. */
int foray__pool_for_iterator(struct foray_pool **out, struct foray_pool *given,
                             size_t n, struct foray_error *err);

/* The run is over: a pool that was not given is closed. */
void foray__pool_after_run(struct foray_pool *pool,
                           const struct foray_pool *given);

#endif
