/* How many rows a task gets, along each axis that is cut. */
#ifndef FORAY_COMPUTE_CHUNK_H
#define FORAY_COMPUTE_CHUNK_H

#include <stddef.h>

#include "engine/grid.h"

/* Rows of a slice for `n` arrays that are cut along `axis`: at most 1 MiB of
 * the array with the largest rows, and at most a 64th of the rows, at least 1.
 * Depends on shapes and dtypes only, so that results never depend on the
 * number of workers. */
size_t foray__chunk_rows(const struct foray_array *const *arrays, int n,
                         int axis);

/* Set the chunks that are 0 in `cuts`, of arrays that are cut along all of
 * them: the longest of these is halved until a block has at most 1 MiB of the
 * largest array and there are 64 of them. */
void foray__chunk_blocks(struct foray__cut *cuts, int n_cuts,
                         const struct foray_array *const *arrays, int n);

#endif
