/* Inherited arrays: private memory of the caller's that workers have since they
 * were forked, at the same address and copied on write. In a pool that is made
 * for one run nothing of it needs to be dumped. */
#ifndef FORAY_ENGINE_INHERITED_H
#define FORAY_ENGINE_INHERITED_H

#include <stdbool.h>
#include <stdint.h>

#include <foray/array.h>

/* What stands for a segment's id; offsets are addresses then. */
#define FORAY__INHERITED UINT64_MAX

/* The same for memory that threads of the caller's process read while the
 * caller waits; they leave its pages alone. */
#define FORAY__HERE (UINT64_MAX - 1)

/* Whether a worker that is forked now has the array: it is private, and worth
 * it. Memory of a segment is unmapped there. */
bool foray__inherited_has(const struct foray_array *array);

/* In a worker: let stores into the array fault. Not those into the pages that
 * it shares with other memory at its begin and end; not into an array with
 * gaps, which may belong to the task; above 64 MiB not few of them, as all of
 * it would take too long. What is stored there is this worker's, and lost with
 * it. */
void foray__inherited_protect(const struct foray_array *array);

#endif
