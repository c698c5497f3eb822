#include "compute/eval_fold.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/expression.h"
#include "compute/eval_promote.h"

/* Operators by what they do. */
static const char *const signs[] = {"+",  "-",  "*",  "/",  "//", "%",
                                    "**", "<<", ">>", "&",  "|",  "^",
                                    "==", "!=", "<",  "<=", ">",  ">="};

enum sign {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    FLOOR_DIVIDE,
    REMAINDER,
    POWER,
    LEFT_SHIFT,
    RIGHT_SHIFT,
    AND,
    OR,
    XOR,
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_EQUAL,
    GREATER,
    GREATER_EQUAL,
    N_SIGNS
};

static int find_sign(const struct foray__eval_function *function)
{
    for (int k = 0; k < N_SIGNS && function->sign; k++)
        if (!strcmp(function->sign, signs[k]))
            return k;
    return N_SIGNS;
}

static bool is_named(const struct foray__eval_function *function,
                     const char *name)
{
    return !strcmp(function->name, name);
}

bool foray__eval_folds(const struct foray__eval_function *function)
{
    return find_sign(function) < N_SIGNS || is_named(function, "invert") ||
           is_named(function, "negative") || is_named(function, "positive");
}

struct fold {
    struct foray__eval_tree *tree;
    struct foray__eval_node *into;
    const struct foray__eval_function *function;
    struct foray__eval_constant a, b;
};

static int wrong(struct fold *fold, int code, const char *what)
{
    return foray__eval_wrong(fold->tree, fold->into->position, code, "%s",
                             what);
}

static int no_such(struct fold *fold)
{
    return wrong(fold, FORAY_EINVAL,
                 "there is no such operation of these numbers");
}

static int give_whole(struct fold *fold, foray__wide whole)
{
    if (whole < INT64_MIN || whole > (foray__wide)UINT64_MAX)
        return wrong(fold, FORAY_ERANGE,
                     "the number does not fit into 64 bits: write it with a "
                     "point, as a float");
    fold->into->weak = FORAY__EVAL_INT;
    fold->into->constant.whole = whole;
    return 0;
}

static int give_real(struct fold *fold, double value)
{
    fold->into->weak = FORAY__EVAL_FLOAT;
    fold->into->constant.real = value;
    return 0;
}

static int give_bool(struct fold *fold, bool value)
{
    fold->into->weak = FORAY__EVAL_BOOL;
    fold->into->constant.whole = value;
    return 0;
}

/* Sides below 2^64: what overflows is beyond 64 bits in any case. */
static int multiply_wholes(struct fold *fold, foray__wide a, foray__wide b)
{
    foray__wide product;

    if (__builtin_mul_overflow(a, b, &product))
        product = INT64_MIN - (foray__wide)1;
    return give_whole(fold, product);
}

static foray__wide floor_quotient(foray__wide a, foray__wide b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int power_of_wholes(struct fold *fold, foray__wide a, foray__wide b)
{
    if (b < 0 && !a)
        return wrong(fold, FORAY_EINVAL, "a division by zero");
    if (b < 0)
        return give_real(fold, pow((double)a, (double)b));
    FORAY_TRY(give_whole(fold, 1));
    if (a == 1 || (a == -1 && b % 2 == 0) || !b)
        return 0;
    if (!a || a == -1)
        return give_whole(fold, a);
    while (b-- > 0)
        FORAY_TRY(multiply_wholes(fold, fold->into->constant.whole, a));
    return 0;
}

static int shift_whole(struct fold *fold, foray__wide a, foray__wide b)
{
    if (b < 0)
        return wrong(fold, FORAY_EINVAL, "a shift by a negative number");
    if (find_sign(fold->function) == RIGHT_SHIFT)
        return give_whole(fold, b > 64 ? -(a < 0) : a >> b);
    if (a && b > 64)
        b = 64;
    return multiply_wholes(fold, a, (foray__wide)1 << (a ? b : 0));
}

static int fold_wholes(struct fold *fold, enum sign sign)
{
    foray__wide a = fold->a.whole, b = fold->b.whole;

    if (!b && sign >= DIVIDE && sign <= REMAINDER)
        return wrong(fold, FORAY_EINVAL, "a division by zero");
    switch (sign) {
    case ADD:
        return give_whole(fold, a + b);
    case SUBTRACT:
        return give_whole(fold, a - b);
    case MULTIPLY:
        return multiply_wholes(fold, a, b);
    case DIVIDE:
        return give_real(fold, (double)a / (double)b);
    case FLOOR_DIVIDE:
        return give_whole(fold, floor_quotient(a, b));
    case REMAINDER:
        return give_whole(fold, a - b * floor_quotient(a, b));
    case POWER:
        return power_of_wholes(fold, a, b);
    case LEFT_SHIFT:
    case RIGHT_SHIFT:
        return shift_whole(fold, a, b);
    case AND:
        return give_whole(fold, a & b);
    case OR:
        return give_whole(fold, a | b);
    case XOR:
        return give_whole(fold, a ^ b);
    default:
        return no_such(fold);
    }
}

/* A power of a negative number that is no real one. */
static int give_root(struct fold *fold, double a, double b)
{
    double length = pow(-a, b), angle = atan2(0, a) * b;

    fold->into->weak = FORAY__EVAL_COMPLEX;
    fold->into->constant.real = length * cos(angle);
    fold->into->constant.imaginary = length * sin(angle);
    return 0;
}

static int fold_reals(struct fold *fold, enum sign sign)
{
    double a = fold->a.real, b = fold->b.real;

    if (b == 0 && sign >= DIVIDE && sign <= REMAINDER)
        return wrong(fold, FORAY_EINVAL, "a division by zero");
    switch (sign) {
    case ADD:
        return give_real(fold, a + b);
    case SUBTRACT:
        return give_real(fold, a - b);
    case MULTIPLY:
        return give_real(fold, a * b);
    case DIVIDE:
        return give_real(fold, a / b);
    case FLOOR_DIVIDE:
        return give_real(fold, foray__floor_quotient(a, b));
    case REMAINDER:
        return give_real(fold, foray__remainder(a, b));
    case POWER:
        if (a == 0 && b < 0)
            return wrong(fold, FORAY_EINVAL, "a division by zero");
        if (a < 0 && b != floor(b))
            return give_root(fold, a, b);
        return give_real(fold, pow(a, b));
    default:
        return no_such(fold);
    }
}

static int fold_complex(struct fold *fold, enum sign sign)
{
    struct foray__eval_constant *into = &fold->into->constant, a = fold->a,
                                b = fold->b;
    double norm = b.real * b.real + b.imaginary * b.imaginary;

    fold->into->weak = FORAY__EVAL_COMPLEX;
    switch (sign) {
    case ADD:
        into->real = a.real + b.real;
        into->imaginary = a.imaginary + b.imaginary;
        return 0;
    case SUBTRACT:
        into->real = a.real - b.real;
        into->imaginary = a.imaginary - b.imaginary;
        return 0;
    case MULTIPLY:
        into->real = a.real * b.real - a.imaginary * b.imaginary;
        into->imaginary = a.real * b.imaginary + a.imaginary * b.real;
        return 0;
    case DIVIDE:
        if (norm == 0)
            return wrong(fold, FORAY_EINVAL, "a division by zero");
        into->real = (a.real * b.real + a.imaginary * b.imaginary) / norm;
        into->imaginary = (a.imaginary * b.real - a.real * b.imaginary) / norm;
        return 0;
    case EQUAL:
        return give_bool(fold, a.real == b.real && a.imaginary == b.imaginary);
    case NOT_EQUAL:
        return give_bool(fold, a.real != b.real || a.imaginary != b.imaginary);
    default:
        return no_such(fold);
    }
}

#define COMPARE(fold, sign, a, b)                                              \
    give_bool(fold, (sign) == EQUAL        ? (a) == (b)                        \
                    : (sign) == NOT_EQUAL  ? (a) != (b)                        \
                    : (sign) == LESS       ? (a) < (b)                         \
                    : (sign) == LESS_EQUAL ? (a) <= (b)                        \
                    : (sign) == GREATER    ? (a) > (b)                         \
                                           : (a) >= (b))

/* A number as one of the kinds above its own, too. */
static struct foray__eval_constant widen(const struct foray__eval_node *node)
{
    struct foray__eval_constant constant = node->constant;

    if (node->weak <= FORAY__EVAL_INT)
        constant.real = (double)constant.whole;
    if (node->weak != FORAY__EVAL_COMPLEX)
        constant.imaginary = 0;
    return constant;
}

static int fold_one(struct fold *fold, enum foray__eval_weak weak)
{
    if (is_named(fold->function, "invert"))
        return weak <= FORAY__EVAL_INT ? give_whole(fold, ~fold->a.whole)
                                       : no_such(fold);
    if (is_named(fold->function, "negative")) {
        if (weak <= FORAY__EVAL_INT)
            return give_whole(fold, -fold->a.whole);
        fold->a.real = -fold->a.real;
        fold->a.imaginary = -fold->a.imaginary;
    }
    fold->into->weak = weak == FORAY__EVAL_BOOL ? FORAY__EVAL_INT : weak;
    fold->into->constant = fold->a;
    return 0;
}

static int fold_two(struct fold *fold, enum sign sign,
                    enum foray__eval_weak weak)
{
    bool bits = sign == AND || sign == OR || sign == XOR;

    if (weak == FORAY__EVAL_COMPLEX)
        return fold_complex(fold, sign);
    if (sign >= EQUAL && weak == FORAY__EVAL_FLOAT)
        return COMPARE(fold, sign, fold->a.real, fold->b.real);
    if (sign >= EQUAL)
        return COMPARE(fold, sign, fold->a.whole, fold->b.whole);
    if (weak == FORAY__EVAL_FLOAT)
        return fold_reals(fold, sign);
    FORAY_TRY(fold_wholes(fold, sign));
    if (bits && weak == FORAY__EVAL_BOOL)
        fold->into->weak = FORAY__EVAL_BOOL;
    return 0;
}

int foray__eval_fold(struct foray__eval_tree *tree,
                     const struct foray__eval_function *function, int into,
                     const int *args)
{
    const struct foray__eval_node *a = &tree->nodes[args[0]];
    const struct foray__eval_node *b = &tree->nodes[args[1]];
    struct fold fold = {
        .tree = tree, .into = &tree->nodes[into], .function = function};

    fold.into->kind = FORAY__EVAL_CONSTANT;
    fold.into->in_text = a->in_text;
    fold.a = widen(a);
    if (function->n_args == 1)
        return fold_one(&fold, a->weak);
    fold.b = widen(b);
    fold.into->in_text &= b->in_text;
    return fold_two(&fold, (enum sign)find_sign(function),
                    a->weak > b->weak ? a->weak : b->weak);
}
