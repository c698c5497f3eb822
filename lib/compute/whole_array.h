/* Reductions of all elements of an array to one value. */
#ifndef FORAY_COMPUTE_WHOLE_ARRAY_H
#define FORAY_COMPUTE_WHOLE_ARRAY_H

#include <foray/reduce.h>

/* The type to compute with: I64, U64 or F64; FORAY_EDTYPE, naming `what`, for
 * types that are no real numbers. */
int foray__array_number(enum foray_dtype *out, const struct foray_array *array,
                        const char *what, struct foray_error *err);

/* The axis to cut: 0 of those that are equally long. */
int foray__longest_axis(const struct foray_array *array);

/* foray_reduce over the elements of an array, in slices that are as equal as
 * its shape allows. `reduce` brings fn, size, combine and initial; params is
 * the type to compute with, enum foray_dtype. The first failure ends the
 * run. */
int foray__array_reduce(struct foray_pool *pool,
                        const struct foray_array *array,
                        enum foray_dtype number, struct foray_reduce *reduce,
                        void *result, struct foray_error *err);

#endif
