/* Arrays of a run that repeat themselves to have the shape of the others. */
#ifndef FORAY_COMPUTE_BROADCAST_H
#define FORAY_COMPUTE_BROADCAST_H

#include "compute/arguments.h"

/* A view of `array`, whose last axes these are, with a shape that its lengths
 * allow: those of 1 are repeated. `shape` may be that of `out`. */
void foray__broadcast(struct foray_array *out, const struct foray_array *array,
                      int ndim, const size_t *shape);

/* Let `cut` have those of `in` as struct foray_blocks says.
 * Errors: FORAY_ESHAPE. */
int foray__broadcast_in(struct foray__arguments *arguments,
                        const struct foray_blocks *blocks,
                        struct foray_error *err);

#endif
