/* One loop of an expression: some of its values, all of one shape, and the
 * arrays that they take. */
#ifndef FORAY_COMPUTE_EVAL_LOOP_H
#define FORAY_COMPUTE_EVAL_LOOP_H

#include "compute/eval_code.h"

/* Where a task finds an array of the loop. */
enum foray__eval_place {
    FORAY__EVAL_IN,    /* its slice is in the run's `in` */
    FORAY__EVAL_WHOLE, /* in its `whole` */
    FORAY__EVAL_OUT,   /* in its `out` */
    FORAY__EVAL_BLOCK  /* nowhere: a block of what is reduced */
};

struct foray__eval_loop {
    struct foray__eval_body body;
    enum foray_eval_reduce reduce;
    int ndim; /* at least 1 */
    size_t shape[FORAY_MAX_NDIM];
    bool fortran_order; /* the first axis is the inner loop, not the last */
    int inner, cut;     /* axes: of the inner loop, that tasks are slices of */
    enum foray__eval_place places[FORAY__EVAL_MAX_OPERANDS];
    int numbers[FORAY__EVAL_MAX_OPERANDS]; /* in its list of arrays */
    /* As foray_map gets them: `ndim` axes, those that are broadcast 1 long. */
    struct foray_array views[FORAY__EVAL_MAX_OPERANDS];
    int n_in, n_whole, n_out;
};

/* The type in which elements are reduced: i64, u64, f64, c128. */
enum foray_dtype foray__eval_reduced(enum foray_dtype dtype);

/* Whether the arrays that the nodes take would rather have their values in
 * Fortran order. */
bool foray__eval_in_fortran_order(const struct foray__eval_tree *tree,
                                  const int *nodes, int n);

/* Plan the loop of `n` nodes of one shape. `outputs` (NULL: dense ones, to be
 * made) are theirs; with a reduction there is one node, and none.
 * Errors: FORAY_ETOOLARGE (more arrays than a run can have), FORAY_ENOMEM. */
int foray__eval_loop_plan(struct foray__eval_loop *out,
                          const struct foray__eval_tree *tree, const int *nodes,
                          int n, const struct foray_array *const *outputs,
                          enum foray_eval_reduce reduce,
                          struct foray_error *err);

/* The C of the loop. Owner: the caller, free().  Errors: FORAY_ENOMEM. */
int foray__eval_loop_code(char **out, const struct foray__eval_loop *loop,
                          struct foray_error *err);

#endif
