/* The operators and functions of expressions: how many arguments, what types,
 * and what they are in C. */
#ifndef FORAY_COMPUTE_EVAL_FUNCTION_H
#define FORAY_COMPUTE_EVAL_FUNCTION_H

#include <stddef.h>

#include <foray/dtype.h>

/* How the types of the arguments give those of operation and result. */
enum foray__eval_rule {
    FORAY__EVAL_SAME,    /* one type for all, and for the result */
    FORAY__EVAL_NO_BOOL, /* the same, of bools i8 */
    FORAY__EVAL_DIVIDE,  /* integers become f64 */
    FORAY__EVAL_REAL,    /* integers become the float that holds them */
    FORAY__EVAL_COMPARE, /* bool */
    FORAY__EVAL_TEST,    /* of one argument: bool */
    FORAY__EVAL_LOGIC,   /* of bools: bool */
    FORAY__EVAL_PART,    /* of complex numbers a float, else the same */
    FORAY__EVAL_WHERE,   /* a bool, and two of one type */
    FORAY__EVAL_CAST     /* `dtype` */
};

/* In the C of an operation $a, $b, $c are its arguments, $t is the name of
 * their type, $s the suffix of a function of math.h for it. NULL: there is no
 * such operation for these types. */
struct foray__eval_function {
    const char *name; /* NumPy's */
    const char *sign; /* the operator, or math.h's name; NULL: none */
    int n_args;
    enum foray__eval_rule rule;
    const char *boolean, *integer, *real, *complex;
    enum foray_dtype dtype; /* of casts */
};

/* The function of a name, `length` bytes long; NULL if there is none. */
const struct foray__eval_function *foray__eval_function_find(const char *name,
                                                             size_t length);

/* The same for a name that there is. */
const struct foray__eval_function *foray__eval_function_get(const char *name);

#endif
