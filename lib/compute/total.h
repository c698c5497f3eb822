/* Sums as exact as they can be. Integers are added in 128 bits, where no array
 * is long enough to overflow. Floats are added in f64, and what each addition
 * rounded away is added up beside. */
#ifndef FORAY_COMPUTE_TOTAL_H
#define FORAY_COMPUTE_TOTAL_H

#include <stddef.h>

#include <foray/dtype.h>

#include "base/wide.h"

/* Of floats `whole` is 0, of integers the others. Zeroed: of nothing. */
struct foray__total {
    foray__wide whole;
    double sum, lost;
};

/* A block of f64, i64, u64: foray__block_fn's; `total` is the struct. */
void foray__total_add_floats(void *total, const void *block, size_t n);
void foray__total_add_signed(void *total, const void *block, size_t n);
void foray__total_add_unsigned(void *total, const void *block, size_t n);

/* Add what comes behind it. */
void foray__total_combine(struct foray__total *left,
                          const struct foray__total *right);

/* The sum of numbers of a type, rounded once. */
double foray__total_value(const struct foray__total *total,
                          enum foray_dtype number);

#endif
