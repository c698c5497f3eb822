/* foray_reduce for the library's own runs. */
#ifndef FORAY_COMPUTE_REDUCE_H
#define FORAY_COMPUTE_REDUCE_H

#include <foray/reduce.h>

#include "compute/map.h"

/* foray_reduce over `arrays`, not those of `reduce`: more of them, and slices
 * of outputs. One place of their `whole` is the run's own. */
int foray__reduce(struct foray_pool *pool, const struct foray_reduce *reduce,
                  const struct foray__map_arrays *arrays, void *result,
                  struct foray_report *report, struct foray_error *err);

#endif
