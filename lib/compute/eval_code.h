/* Trees become C: one loop that computes some of their nodes. */
#ifndef FORAY_COMPUTE_EVAL_CODE_H
#define FORAY_COMPUTE_EVAL_CODE_H

#include "compute/eval_tree.h"

/* As many arrays as a run can have, but for its own: its partial results. */
enum { FORAY__EVAL_MAX_OPERANDS = 4 * FORAY_MAX_ARRAYS - 1 };

/* How elements lie along the inner loop. */
enum foray__eval_layout {
    FORAY__EVAL_DENSE, /* one behind the other */
    FORAY__EVAL_FIXED, /* one for the whole loop */
    FORAY__EVAL_STRIDED
};

/* An array of the loop: an input, read, or the place of a node's value. */
struct foray__eval_operand {
    int input;              /* its number; -1: an output */
    int node;               /* of an output */
    enum foray_dtype dtype; /* in memory */
    bool swapped;           /* inputs only */
    enum foray__eval_layout layout;
};

/* Inputs come first. */
struct foray__eval_body {
    const struct foray__eval_tree *tree;
    int n_operands;
    struct foray__eval_operand operands[FORAY__EVAL_MAX_OPERANDS];
};

/* A number that the text does not give: what the loop is told when it runs. */
union foray__eval_number {
    int64_t i;
    uint64_t u;
    double f[2];
};

/* What happened, counted by the loop. */
enum { FORAY__EVAL_ZEROS, FORAY__EVAL_NEGATIVES, FORAY__EVAL_N_COUNTS };

/* `m` times `n` elements; the addresses of each operand are `inner` bytes
 * apart in the one, `outer` in the other. */
typedef void (*foray__eval_fn)(char *const *data, const ptrdiff_t *inner,
                               const ptrdiff_t *outer, size_t n, size_t m,
                               const union foray__eval_number *numbers,
                               uint64_t *counts);
#define FORAY__EVAL_SYMBOL "foray_eval_loop"

/* Mark the nodes that the outputs need; `needed` has a bool for each. */
void foray__eval_needed(bool *needed, const struct foray__eval_body *body);

/* The numbers that the loop is to be told, in its order; how many. */
int foray__eval_numbers(union foray__eval_number *out,
                        const struct foray__eval_body *body,
                        const bool *needed);

/* The C of a module with the loop. Owner: the caller, free(). NULL: no
 * memory. */
char *foray__eval_code(const struct foray__eval_body *body, const bool *needed);

#endif
