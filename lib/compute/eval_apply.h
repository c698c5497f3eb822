/* Operations on nodes: what type and what shape they have. */
#ifndef FORAY_COMPUTE_EVAL_APPLY_H
#define FORAY_COMPUTE_EVAL_APPLY_H

#include "compute/eval_function.h"
#include "compute/eval_tree.h"

/* The node of `function` of as many `args` as it takes; its number, or a
 * negative code.
 * Errors: FORAY_EDTYPE, FORAY_ESHAPE, FORAY_ERANGE, those of
 * foray__eval_fold. */
int foray__eval_apply(struct foray__eval_tree *tree,
                      const struct foray__eval_function *function,
                      const int args[FORAY__EVAL_MAX_ARGS], size_t position);

/* The type of a node's value, of a weak one what it is when it meets none. */
enum foray_dtype foray__eval_dtype_of(const struct foray__eval_node *node);

/* The C of a function for arguments of a type; NULL: there is none. */
const char *foray__eval_code_of(const struct foray__eval_function *function,
                                enum foray_dtype operand);

#endif
