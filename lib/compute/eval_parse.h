/* Texts of expressions become trees. */
#ifndef FORAY_COMPUTE_EVAL_PARSE_H
#define FORAY_COMPUTE_EVAL_PARSE_H

#include "compute/eval_tree.h"

/* Owner: the caller, foray__eval_tree_free; the tree points into `eval`.
 * Errors: those of foray_eval_plan. */
int foray__eval_parse(struct foray__eval_tree **out,
                      const struct foray_eval *eval, struct foray_error *err);

/* The node of a value or, with NULL, of the last statement.
 * Errors: FORAY_EINVAL (no statement gives it). */
int foray__eval_find(int *out, const struct foray__eval_tree *tree,
                     const char *name, struct foray_error *err);

#endif
