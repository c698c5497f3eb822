/* The way of a compiled loop through all elements of some arrays. */
#ifndef FORAY_COMPUTE_EVAL_WALK_H
#define FORAY_COMPUTE_EVAL_WALK_H

#include "compute/eval_code.h"

/* Axes are in the order of the loops, the inner one first; those that can be
 * gone through as one are one. */
struct foray__eval_walk {
    foray__eval_fn fn;
    const union foray__eval_number *numbers;
    uint64_t counts[FORAY__EVAL_N_COUNTS];
    int n_operands;
    char *data[FORAY__EVAL_MAX_OPERANDS];
    int ndim;
    size_t shape[FORAY_MAX_NDIM];
    ptrdiff_t strides[FORAY_MAX_NDIM][FORAY__EVAL_MAX_OPERANDS];
};

/* Append an axis, the inner one first. `strides`: of each operand. */
void foray__eval_walk_axis(struct foray__eval_walk *walk, size_t length,
                           const ptrdiff_t *strides);

/* Compute all elements. */
void foray__eval_walk_all(struct foray__eval_walk *walk);

/* Compute elements first .. first+n-1, counted in the order of the loops, into
 * a block: operand `block`, `itemsize` bytes each. */
void foray__eval_walk_block(struct foray__eval_walk *walk, size_t first,
                            size_t n, int block, size_t itemsize);

/* How many elements there are. */
size_t foray__eval_walk_size(const struct foray__eval_walk *walk);

#endif
