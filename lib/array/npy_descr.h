/* The element type of a .npy header: a type string or a list of fields. */
#ifndef FORAY_ARRAY_NPY_DESCR_H
#define FORAY_ARRAY_NPY_DESCR_H

#include "array/literal.h"
#include "array/npy.h"

/* Fill dtype, swapped, itemsize and descr of `out` from the value of 'descr'.
 * Errors: FORAY_EFORMAT, FORAY_EDTYPE (Python objects), FORAY_ENOMEM. */
int foray__npy_read_descr(struct foray__npy_header *out,
                          const struct foray__literal *descr, const char *name,
                          struct foray_error *err);

/* A shape: a tuple of integers from 0 to PTRDIFF_MAX, at most FORAY_MAX_NDIM.
 * Returns NULL or what is wrong with it. */
const char *foray__npy_read_shape(size_t *shape, int *ndim,
                                  const struct foray__literal *value);

#endif
