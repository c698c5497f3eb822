/* What the elements of an expression come to. */
#ifndef FORAY_COMPUTE_EVAL_REDUCE_H
#define FORAY_COMPUTE_EVAL_REDUCE_H

#include <foray/eval.h>

#include "compute/moments.h"
#include "compute/total.h"

/* Zeroed: of nothing. */
struct foray__eval_partial {
    uint64_t counts[2];            /* of the loop */
    struct foray__total totals[2]; /* of complex numbers the second, too */
    struct foray__moments moments;
};

enum { FORAY__EVAL_BLOCK_ITEMS = 2048 };

/* Add a block of at most FORAY__EVAL_BLOCK_ITEMS numbers: i64, u64, f64, c128;
 * a minimum or maximum of c128 is not asked for.
 * Errors: none that a block can have. */
int foray__eval_partial_add(struct foray__eval_partial *partial,
                            enum foray_eval_reduce reduce,
                            enum foray_dtype number, void *block, size_t n,
                            struct foray_error *err);

/* Join what follows to what precedes. */
void foray__eval_partial_join(struct foray__eval_partial *left,
                              const struct foray__eval_partial *right);

/* The type of the result for elements of `dtype`; opaque: there is none. */
enum foray_dtype foray__eval_result(enum foray_dtype dtype,
                                    enum foray_eval_reduce reduce);

/* Store the result of `n` elements of `dtype` in a 0-d array of any type. */
int foray__eval_partial_store(const struct foray_array *out,
                              const struct foray__eval_partial *partial,
                              enum foray_eval_reduce reduce,
                              enum foray_dtype dtype, size_t n,
                              struct foray_error *err);

#endif
