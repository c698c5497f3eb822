/* foray_reduce for the library's own runs. */
#ifndef FORAY_COMPUTE_REDUCE_H
#define FORAY_COMPUTE_REDUCE_H

#include <foray/reduce.h>

/* foray_reduce whose tasks have slices of outputs, too: `out` is a list as in
 * struct foray_map, or NULL. */
int foray__reduce(struct foray_pool *pool, const struct foray_reduce *reduce,
                  const struct foray_array *const *out, void *result,
                  struct foray_report *report, struct foray_error *err);

#endif
