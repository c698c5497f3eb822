/* Failed tasks on their way from one worker to the parent: a ring of errors
 * in shared memory, one writer, one reader. An error counts as recorded once
 * it is in the ring; a worker that dies while it writes has recorded nothing.
 */
#ifndef FORAY_ENGINE_FAILURES_H
#define FORAY_ENGINE_FAILURES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <foray/error.h>

enum { FORAY__FAILURES = 8 };

struct foray__failures {
    _Atomic uint32_t head; /* the worker's: written so far */
    _Atomic uint32_t tail; /* the parent's: taken so far */
    struct foray_error items[FORAY__FAILURES];
};

/* False when the ring is full. Worker. */
bool foray__failures_push(struct foray__failures *ring,
                          const struct foray_error *error);

bool foray__failures_waiting(const struct foray__failures *ring);

/* False when the ring is empty. Parent. */
bool foray__failures_pop(struct foray__failures *ring, struct foray_error *out);

#endif
