/* The small expressions that joblib takes for pre_dispatch: "2 * n_jobs". */
#ifndef FORAY_BASE_EXPRESSION_H
#define FORAY_BASE_EXPRESSION_H

#include "base/error.h"

/* Evaluate `text`: decimal numbers, n_jobs, + - * / // % **, unary minus and
 * brackets, which mean what they do in Python: / is exact, // rounds down, %
 * has the sign of the divisor, -2 ** 2 is -4, 2 ** 3 ** 2 is 512.
 * At most 30 characters once n_jobs is replaced by its digits, and no value on
 * the way beyond 1e6.
 * Errors: FORAY_EINVAL, with the character where it is wrong. */
int foray__expression(double *out, const char *text, int n_jobs,
                      struct foray_error *err);

/* Python's a % b, with the sign of b, and a // b; b is not 0. */
double foray__remainder(double a, double b);
double foray__floor_quotient(double a, double b);

#endif
