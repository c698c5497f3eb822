/* What stands in C before the loop of an expression. */
#ifndef FORAY_COMPUTE_EVAL_PRELUDE_H
#define FORAY_COMPUTE_EVAL_PRELUDE_H

/* Types under the names of dtypes, and the operations that C has otherwise
 * than NumPy. No header is included; functions of math.h are the compiler's
 * builtins. */
extern const char foray__eval_prelude[];

#endif
