/* Expressions as they are between their text and the loop in C: nodes, each
 * with the type and the shape of its value. */
#ifndef FORAY_COMPUTE_EVAL_TREE_H
#define FORAY_COMPUTE_EVAL_TREE_H

#include <foray/eval.h>

#include "base/wide.h"

enum {
    FORAY__EVAL_MAX_NODES = 4096,
    FORAY__EVAL_MAX_DEPTH = 200, /* of brackets and the like */
    FORAY__EVAL_MAX_NAME = 63,
    FORAY__EVAL_MAX_NAMES = 256, /* of values */
    FORAY__EVAL_MAX_ARGS = 3
};

enum foray__eval_kind {
    FORAY__EVAL_CONSTANT, /* `constant` */
    FORAY__EVAL_ARRAY,    /* input number `input` */
    FORAY__EVAL_APPLY     /* `function` of `args` */
};

/* Of a value without an array's type: what Python calls bool, int, float and
 * complex. They take the type of what they meet. */
enum foray__eval_weak {
    FORAY__EVAL_STRONG,
    FORAY__EVAL_BOOL,
    FORAY__EVAL_INT,
    FORAY__EVAL_FLOAT,
    FORAY__EVAL_COMPLEX
};

struct foray__eval_constant {
    foray__wide whole; /* of bool and int: from -2^63 to 2^64 - 1 */
    double real, imaginary;
};

struct foray__eval_node {
    enum foray__eval_kind kind;
    enum foray__eval_weak weak; /* of constants only */
    bool in_text;               /* a constant that the text alone gives */
    size_t position;            /* in the text */
    struct foray__eval_constant constant;
    int input;
    const struct foray__eval_function *function;
    int args[FORAY__EVAL_MAX_ARGS];
    enum foray_dtype operand; /* what the arguments are converted to; opaque:
                                 128 bits, of integers that are compared */
    enum foray_dtype dtype;   /* of the value, if it is not weak */
    int ndim;
    size_t shape[FORAY_MAX_NDIM];
};

struct foray__eval_value {
    char name[FORAY__EVAL_MAX_NAME + 1];
    int node;
};

struct foray__eval_tree {
    const char *text;
    const struct foray_eval_name *in;
    int n_in;
    struct foray__eval_node *nodes; /* arguments come before what has them */
    int n_nodes, n_allocated;
    struct foray__eval_value values[FORAY__EVAL_MAX_NAMES];
    int n_values;
    int last; /* node of the last statement */
    char last_name[FORAY__EVAL_MAX_NAME + 1];
    struct foray_error *err;
};

/* A sentence about the place `position` of the text; `code`. */
int foray__eval_wrong(struct foray__eval_tree *tree, size_t position, int code,
                      const char *fmt, ...) FORAY_PRINTF(4, 5);

/* A new node, zeroed; its number, or a negative code. */
int foray__eval_node_new(struct foray__eval_tree *tree, size_t position);

void foray__eval_tree_free(struct foray__eval_tree *tree);

#endif
