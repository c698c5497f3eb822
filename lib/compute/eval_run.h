/* The run of a loop. */
#ifndef FORAY_COMPUTE_EVAL_RUN_H
#define FORAY_COMPUTE_EVAL_RUN_H

#include "compute/eval_loop.h"

/* Run the module at `path`, made from the loop's C, over `outputs`; add to
 * `report`. With a reduction outputs[0] is the 0-d array of its result.
 * Errors: those of foray_eval. */
int foray__eval_loop_run(struct foray_pool *pool,
                         const struct foray__eval_loop *loop, const char *path,
                         enum foray_on_error on_error,
                         const struct foray_array *const *outputs,
                         struct foray_eval_report *report,
                         struct foray_error *err);

#endif
