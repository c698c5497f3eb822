/* Which type holds the values of two others: NumPy's promotion. */
#ifndef FORAY_COMPUTE_EVAL_PROMOTE_H
#define FORAY_COMPUTE_EVAL_PROMOTE_H

#include <stdbool.h>

#include <foray/dtype.h>

#include "compute/eval_tree.h"

enum foray__eval_class {
    FORAY__EVAL_OF_BOOL,
    FORAY__EVAL_OF_INTEGERS,
    FORAY__EVAL_OF_REALS,
    FORAY__EVAL_OF_COMPLEX
};

enum foray__eval_class foray__eval_class_of(enum foray_dtype dtype);
bool foray__eval_is_signed(enum foray_dtype dtype); /* of integers */

enum foray_dtype foray__eval_promote(enum foray_dtype a, enum foray_dtype b);

/* What a weak value makes of the type it meets. */
enum foray_dtype foray__eval_promote_weak(enum foray_dtype dtype,
                                          enum foray__eval_weak weak);

/* The smallest float that holds the values. */
enum foray_dtype foray__eval_float_of(enum foray_dtype dtype);

/* The float of which a complex type has two, or the type itself. */
enum foray_dtype foray__eval_part_of(enum foray_dtype dtype);

/* The type of a weak value that meets none. */
enum foray_dtype foray__eval_default(const struct foray__eval_node *constant);

/* Whether a whole number is one of the type's; floats have all. */
bool foray__eval_holds(enum foray_dtype dtype, foray__wide whole);

#endif
