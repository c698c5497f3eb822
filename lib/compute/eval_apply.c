#include "compute/eval_apply.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "compute/eval_fold.h"
#include "compute/eval_promote.h"

enum foray_dtype foray__eval_dtype_of(const struct foray__eval_node *node)
{
    return node->weak ? foray__eval_default(node) : node->dtype;
}

const char *foray__eval_code_of(const struct foray__eval_function *function,
                                enum foray_dtype operand)
{
    if (operand == FORAY_OPAQUE)
        return function->integer;
    switch (foray__eval_class_of(operand)) {
    case FORAY__EVAL_OF_BOOL:
        return function->boolean;
    case FORAY__EVAL_OF_INTEGERS:
        return function->integer;
    case FORAY__EVAL_OF_REALS:
        return function->real;
    default:
        return function->complex;
    }
}

/* The one type of arguments first .. n-1. */
static enum foray_dtype common_type(const struct foray__eval_tree *tree,
                                    const int *args, int first, int n)
{
    enum foray_dtype dtype = FORAY_BOOL;
    bool found = false;

    for (int k = first; k < n; k++) {
        const struct foray__eval_node *node = &tree->nodes[args[k]];

        if (!node->weak)
            dtype = foray__eval_promote(dtype, node->dtype);
        found |= !node->weak;
    }
    for (int k = first; k < n; k++) {
        const struct foray__eval_node *node = &tree->nodes[args[k]];

        if (node->weak)
            dtype = found
                        ? foray__eval_promote_weak(dtype, node->weak)
                        : foray__eval_promote(dtype, foray__eval_default(node));
    }
    return dtype;
}

/* Floats for arguments of which each becomes the smallest that holds it, weak
 * ones with what they meet. */
static enum foray_dtype common_float(const struct foray__eval_tree *tree,
                                     const int *args, int n)
{
    enum foray_dtype dtype = FORAY_BOOL;
    bool found = false, weak = false;

    for (int k = 0; k < n; k++) {
        const struct foray__eval_node *node = &tree->nodes[args[k]];

        if (node->weak) {
            weak = true;
            continue;
        }
        dtype = foray__eval_promote(dtype, foray__eval_float_of(node->dtype));
        found = true;
    }
    if (!found || weak)
        return foray__eval_float_of(common_type(tree, args, 0, n));
    return dtype;
}

/* A number that does not fit the type it is to take. */
static int check_range(struct foray__eval_tree *tree, int arg,
                       enum foray_dtype dtype)
{
    const struct foray__eval_node *node = &tree->nodes[arg];
    char digits[24];

    if (node->weak != FORAY__EVAL_INT ||
        foray__eval_holds(dtype, node->constant.whole))
        return 0;
    if (node->constant.whole > INT64_MAX)
        snprintf(digits, sizeof digits, "%llu",
                 (unsigned long long)node->constant.whole);
    else
        snprintf(digits, sizeof digits, "%lld",
                 (long long)node->constant.whole);
    return foray__eval_wrong(tree, node->position, FORAY_ERANGE,
                             "the number %s does not fit into %s, the type of "
                             "what it meets",
                             digits, foray_dtype_name(dtype));
}

/* What integers are compared in: their common type, or 128 bits if that has
 * not all their values. */
static enum foray_dtype compared_type(const struct foray__eval_tree *tree,
                                      const int *args, enum foray_dtype common)
{
    for (int k = 0; k < 2; k++) {
        const struct foray__eval_node *node = &tree->nodes[args[k]];

        if (foray__eval_class_of(foray__eval_dtype_of(node)) >
            FORAY__EVAL_OF_INTEGERS)
            return common;
        if (node->weak == FORAY__EVAL_INT &&
            !foray__eval_holds(common, node->constant.whole))
            return FORAY_OPAQUE;
    }
    return foray__eval_class_of(common) > FORAY__EVAL_OF_INTEGERS ? FORAY_OPAQUE
                                                                  : common;
}

/* Fill `operand` and `dtype`. */
static void find_types(struct foray__eval_tree *tree,
                       struct foray__eval_node *node)
{
    const struct foray__eval_function *function = node->function;
    int first = function->rule == FORAY__EVAL_WHERE;
    enum foray_dtype common =
        common_type(tree, node->args, first, function->n_args);
    enum foray__eval_class found = foray__eval_class_of(common);

    switch (function->rule) {
    case FORAY__EVAL_NO_BOOL:
        if (found == FORAY__EVAL_OF_BOOL)
            common = FORAY_I8;
        break;
    case FORAY__EVAL_DIVIDE:
        if (found < FORAY__EVAL_OF_REALS)
            common = FORAY_F64;
        break;
    case FORAY__EVAL_REAL:
        common = common_float(tree, node->args, function->n_args);
        break;
    case FORAY__EVAL_COMPARE:
        common = compared_type(tree, node->args, common);
        break;
    case FORAY__EVAL_LOGIC:
        common = FORAY_BOOL;
        break;
    default:
        break;
    }
    node->operand = node->dtype = common;
    if (function->rule == FORAY__EVAL_COMPARE ||
        function->rule == FORAY__EVAL_TEST)
        node->dtype = FORAY_BOOL;
    else if (function->rule == FORAY__EVAL_PART)
        node->dtype = foray__eval_part_of(common);
    else if (function->rule == FORAY__EVAL_CAST)
        node->dtype = function->dtype;
}

static int no_operation(struct foray__eval_tree *tree,
                        const struct foray__eval_node *node)
{
    const struct foray__eval_function *function = node->function;
    const char *hint = "";

    if (node->operand == FORAY_BOOL)
        hint = !strcmp(function->name, "subtract") ? ": ^ is where they differ"
               : !strcmp(function->name, "negative") ? ": ~ is logical not"
                                                     : "";
    return foray__eval_wrong(
        tree, node->position, FORAY_EDTYPE, "there is no %s of %s%s",
        function->sign && function->n_args > 1 ? function->sign
                                               : function->name,
        foray_dtype_name(node->operand), hint);
}

static int check_types(struct foray__eval_tree *tree,
                       const struct foray__eval_node *node)
{
    const struct foray__eval_function *function = node->function;

    if (!foray__eval_code_of(function, node->operand))
        return no_operation(tree, node);
    if (function->rule == FORAY__EVAL_COMPARE ||
        function->rule == FORAY__EVAL_LOGIC)
        return 0;
    if (function->rule == FORAY__EVAL_CAST)
        return check_range(tree, node->args[0], function->dtype);
    for (int k = function->rule == FORAY__EVAL_WHERE; k < function->n_args; k++)
        FORAY_TRY(check_range(tree, node->args[k], node->operand));
    return 0;
}

static int mismatch(struct foray__eval_tree *tree, size_t position,
                    const struct foray__eval_node *a,
                    const struct foray__eval_node *b)
{
    const struct foray__eval_node *nodes[2] = {a, b};
    char shapes[2][160];

    for (int i = 0; i < 2; i++) {
        int n = snprintf(shapes[i], sizeof shapes[i], "(");

        for (int k = 0; k < nodes[i]->ndim && n < 120; k++)
            n += snprintf(shapes[i] + n, sizeof shapes[i] - (size_t)n,
                          k ? ", %zu" : "%zu", nodes[i]->shape[k]);
        snprintf(shapes[i] + n, sizeof shapes[i] - (size_t)n,
                 nodes[i]->ndim == 1 ? ",)" : ")");
    }
    return foray__eval_wrong(tree, position, FORAY_ESHAPE,
                             "shapes %s and %s do not go together", shapes[0],
                             shapes[1]);
}

/* Make the shape of `node`, so far that of some arguments, that of them and
 * `arg`. */
static int broadcast(struct foray__eval_tree *tree,
                     struct foray__eval_node *node,
                     const struct foray__eval_node *arg)
{
    int ndim = node->ndim > arg->ndim ? node->ndim : arg->ndim;
    size_t shape[FORAY_MAX_NDIM] = {0};

    for (int k = 0; k < ndim; k++) { /* from the last axis on */
        size_t a = k < node->ndim ? node->shape[node->ndim - 1 - k] : 1;
        size_t b = k < arg->ndim ? arg->shape[arg->ndim - 1 - k] : 1;

        if (a != b && a != 1 && b != 1)
            return mismatch(tree, node->position, node, arg);
        shape[ndim - 1 - k] = a == 1 ? b : a;
    }
    node->ndim = ndim;
    memcpy(node->shape, shape, (size_t)ndim * sizeof *shape);
    return 0;
}

/* What x**number is for some numbers; NULL: a power. As NumPy has it, and so
 * exact where pow() need not be. */
static const struct foray__eval_function *
simpler_power(const struct foray__eval_tree *tree, const int *args)
{
    const struct foray__eval_node *x = &tree->nodes[args[0]];
    const struct foray__eval_node *exponent = &tree->nodes[args[1]];
    double value = exponent->weak == FORAY__EVAL_INT
                       ? (double)exponent->constant.whole
                       : exponent->constant.real;
    bool inexact =
        !x->weak && foray__eval_class_of(x->dtype) >= FORAY__EVAL_OF_REALS;

    if (x->weak || !exponent->in_text || exponent->weak < FORAY__EVAL_INT ||
        exponent->weak > FORAY__EVAL_FLOAT)
        return NULL;
    if (value == 2 && (inexact || (exponent->weak == FORAY__EVAL_INT &&
                                   x->dtype != FORAY_BOOL)))
        return foray__eval_function_get("square");
    if (!inexact)
        return NULL;
    return value == 0.5  ? foray__eval_function_get("sqrt")
           : value == 1  ? foray__eval_function_get("positive")
           : value == -1 ? foray__eval_function_get("reciprocal")
                         : NULL;
}

static int check_exponent(struct foray__eval_tree *tree,
                          const struct foray__eval_node *node)
{
    const struct foray__eval_node *exponent = &tree->nodes[node->args[1]];

    if (strcmp(node->function->name, "power") != 0 ||
        foray__eval_class_of(node->operand) != FORAY__EVAL_OF_INTEGERS ||
        exponent->weak != FORAY__EVAL_INT || exponent->constant.whole >= 0)
        return 0;
    return foray__eval_wrong(tree, node->position, FORAY_ERANGE,
                             "integers have no negative powers among "
                             "integers: make one side a float");
}

static int fill(struct foray__eval_tree *tree, struct foray__eval_node *node)
{
    find_types(tree, node);
    FORAY_TRY(check_exponent(tree, node));
    FORAY_TRY(check_types(tree, node));
    for (int k = 0; k < node->function->n_args; k++)
        FORAY_TRY(broadcast(tree, node, &tree->nodes[node->args[k]]));
    return 0;
}

int foray__eval_apply(struct foray__eval_tree *tree,
                      const struct foray__eval_function *function,
                      const int args[FORAY__EVAL_MAX_ARGS], size_t position)
{
    const struct foray__eval_function *simpler = NULL;
    int made = foray__eval_node_new(tree, position), code;
    bool constants = foray__eval_folds(function);

    if (made < 0)
        return made;
    for (int k = 0; k < function->n_args; k++)
        constants &= tree->nodes[args[k]].weak != FORAY__EVAL_STRONG;
    if (constants) {
        code = foray__eval_fold(tree, function, made, args);
        return code ? code : made;
    }
    if (!strcmp(function->name, "power"))
        simpler = simpler_power(tree, args);
    tree->nodes[made].kind = FORAY__EVAL_APPLY;
    tree->nodes[made].function = simpler ? simpler : function;
    memcpy(tree->nodes[made].args, args, sizeof tree->nodes[made].args);
    code = fill(tree, &tree->nodes[made]);
    return code ? code : made;
}
