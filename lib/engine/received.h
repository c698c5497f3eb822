/* Received arrays: what a task was given, and passes on to a run of its own.
 * Tasks see views without a segment, which they need not close. */
#ifndef FORAY_ENGINE_RECEIVED_H
#define FORAY_ENGINE_RECEIVED_H

#include <foray/array.h>

/* In a task: the segment of this process that an array without one lies in,
 * because the task was given it, and in which it can travel in its mode. NULL
 * where that is not so, and of mode c, whose changes are the task's alone. It
 * lives as long as the task does. */
struct foray_segment *foray__received_segment(const struct foray_array *array);

#endif
