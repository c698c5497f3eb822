/* The last words of a worker: a fault handler on a stack of its own and an
 * exit hook write the cause of death into the worker's slot. */
#ifndef FORAY_ENGINE_FAULT_H
#define FORAY_ENGINE_FAULT_H

#include "engine/shared.h"
#include "engine/task_body.h"

/* Install both in a fresh worker; `task` is what it will run, for telling
 * which array a fault lies in. Never in the parent. */
void foray__fault_watch(struct foray__slot *slot,
                        const struct foray_task *task);

#endif
