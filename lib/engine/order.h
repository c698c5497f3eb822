/* Handing a run to a crew: descriptors of its arrays, parameters, segments. */
#ifndef FORAY_ENGINE_ORDER_H
#define FORAY_ENGINE_ORDER_H

#include "engine/crew.h"
#include "engine/run.h"

/* Write the order into shared memory, between runs. */
void foray__order_write(struct foray__crew *crew, const struct foray__run *run);

/* Make sure the worker of a slot knows every segment of the run; one that
 * does not listen is replaced. */
int foray__order_tell(struct foray__crew *crew, const struct foray__run *run,
                      int slot, struct foray_error *err);

/* Blank the rows of `out` arrays of a task whose worker died, in the parent. */
void foray__order_blank(const struct foray__run *run, size_t task);

#endif
