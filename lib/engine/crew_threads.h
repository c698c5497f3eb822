/* The threads of a crew whose members are threads of this process. Slot 0 is
 * the caller's in runs in which it has nothing to do but wait: it works, too.
 * In the others a thread serves that slot. */
#ifndef FORAY_ENGINE_CREW_THREADS_H
#define FORAY_ENGINE_CREW_THREADS_H

#include <stdbool.h>

#include "engine/crew.h"

struct foray__watch;
struct foray__handed;

/* Make a crew one of threads; none runs yet. */
int foray__threads_new(struct foray__crew *crew, struct foray_error *err);

/* End the threads, which run nothing, and free them. */
void foray__threads_free(struct foray__crew *crew);

/* A run begins, or none: whether its caller works. */
void foray__threads_begin(struct foray__crew *crew, bool caller_works);
void foray__threads_end(struct foray__crew *crew);

/* Start those that are missing in the present kind of run.
 * Errors: FORAY_EAGAIN. */
int foray__threads_fill(struct foray__crew *crew, struct foray_error *err);

/* Whether the worker of a slot may claim in the present run. */
bool foray__threads_admit(const struct foray__crew *crew, int slot);

/* Run one claim in the caller. `watch`: who looks after the others between
 * tasks. False: there is none, or it does not work, or is no thread at all. */
bool foray__threads_work(struct foray__crew *crew, struct foray__watch *watch);

/* What threads have handed over for results of a slot, the latest first. */
struct foray__handed *foray__threads_take(struct foray__crew *crew, int slot);

#endif
