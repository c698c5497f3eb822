/* NumPy's type strings and structured types: which of ours, how many bytes. */
#ifndef FORAY_ARRAY_NPY_DESCR_H
#define FORAY_ARRAY_NPY_DESCR_H

#include "array/literal.h"
#include "array/npy.h"

/* Read the value of 'descr': a type string, or a list of fields, each of them
 * (name, type[, shape]). Fills dtype, swapped and itemsize, and *text with
 * what is to be kept.
 * Errors: FORAY_EFORMAT. */
int foray__npy_descr_read(struct foray__npy_header *header,
                          struct foray__span *text,
                          struct foray__literal *cursor, const char *name,
                          struct foray_error *err);

#endif
