/* Arithmetic of numbers among themselves, as Python does it. */
#ifndef FORAY_COMPUTE_EVAL_FOLD_H
#define FORAY_COMPUTE_EVAL_FOLD_H

#include "compute/eval_function.h"
#include "compute/eval_tree.h"

/* Whether Python has this operator for numbers. */
bool foray__eval_folds(const struct foray__eval_function *function);

/* Put the value of an operator of one or two constants into the node `into`.
 * Errors: FORAY_EINVAL (division by zero, no such operator for these),
 * FORAY_ERANGE (integers beyond 64 bits). */
int foray__eval_fold(struct foray__eval_tree *tree,
                     const struct foray__eval_function *function, int into,
                     const int *args);

#endif
