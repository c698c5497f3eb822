/* A store outside of a task's slices, as errors name it. */
#ifndef FORAY_ENGINE_STRAY_H
#define FORAY_ENGINE_STRAY_H

#include <stdint.h>

#include "engine/task_body.h"

/* Fail the task for a byte that it stored at an address: in the array that it
 * belongs to, or else in the nearest that is written. Returns FORAY_ETASK. */
int foray__stray_fail(struct foray_task *task, uintptr_t address);

#endif
