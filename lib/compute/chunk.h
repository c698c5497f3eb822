/* How many rows a task gets. */
#ifndef FORAY_COMPUTE_CHUNK_H
#define FORAY_COMPUTE_CHUNK_H

#include <stddef.h>

#include <foray/array.h>

/* Rows of a slice for `n` arrays that are cut along `axis`: at most 1 MiB of
 * the array with the largest rows, and at most a 64th of the rows, at least 1.
 * Depends on shapes and dtypes only, so that results never depend on the
 * number of workers. */
size_t foray__chunk_rows(const struct foray_array *const *arrays, int n,
                         int axis);

#endif
