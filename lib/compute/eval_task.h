/* A loop as the workers run it. */
#ifndef FORAY_COMPUTE_EVAL_TASK_H
#define FORAY_COMPUTE_EVAL_TASK_H

#include "compute/eval_loop.h"

/* What the tasks are told, plain bytes: `params` of the run. `path` is the
 * module that was made from the loop's C. Owner: the caller, free(). NULL: no
 * memory. */
void *foray__eval_order_new(size_t *size, const struct foray__eval_loop *loop,
                            const char *path);

/* Tasks: each element to its place, with counts of what went wrong in their
 * partial result; and a slice of them to a struct foray__eval_partial. */
int foray__eval_compute_slice(struct foray_task *task);
int foray__eval_reduce_slice(struct foray_task *task);

#endif
