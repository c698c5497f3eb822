/* The way to a fault: return addresses, by module, collected in the process
 * that is about to die of it. */
#ifndef FORAY_ENGINE_TRACE_H
#define FORAY_ENGINE_TRACE_H

#include <foray/error.h>

/* Load the unwinder: it must not be loaded by a process that just crashed. In
 * the parent before it forks, too, so that each worker need not. */
void foray__trace_ready(void);

/* Fill `out` with the frames at `context`, the ucontext_t of a signal handler,
 * the innermost first. In a handler, on a stack of its own; a stack that is
 * overwritten may make it fault, and out->n is 0 then. */
void foray__trace_take(struct foray_frames *out, const void *context);

#endif
