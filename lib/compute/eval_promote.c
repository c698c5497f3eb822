#include "compute/eval_promote.h"

enum foray__eval_class foray__eval_class_of(enum foray_dtype dtype)
{
    switch (dtype) {
    case FORAY_BOOL:
        return FORAY__EVAL_OF_BOOL;
    case FORAY_F16:
    case FORAY_F32:
    case FORAY_F64:
        return FORAY__EVAL_OF_REALS;
    case FORAY_C64:
    case FORAY_C128:
        return FORAY__EVAL_OF_COMPLEX;
    default:
        return FORAY__EVAL_OF_INTEGERS;
    }
}

bool foray__eval_is_signed(enum foray_dtype dtype)
{
    return dtype == FORAY_I8 || dtype == FORAY_I16 || dtype == FORAY_I32 ||
           dtype == FORAY_I64;
}

enum foray_dtype foray__eval_float_of(enum foray_dtype dtype)
{
    if (foray__eval_class_of(dtype) > FORAY__EVAL_OF_INTEGERS)
        return dtype;
    switch (foray_dtype_size(dtype)) {
    case 1:
        return FORAY_F16;
    case 2:
        return FORAY_F32;
    default:
        return FORAY_F64;
    }
}

enum foray_dtype foray__eval_part_of(enum foray_dtype dtype)
{
    return dtype == FORAY_C64    ? FORAY_F32
           : dtype == FORAY_C128 ? FORAY_F64
                                 : dtype;
}

static enum foray_dtype signed_of(size_t size)
{
    switch (size) {
    case 2:
        return FORAY_I16;
    case 4:
        return FORAY_I32;
    case 8:
        return FORAY_I64;
    default:
        return FORAY_F64;
    }
}

static enum foray_dtype larger(enum foray_dtype a, enum foray_dtype b)
{
    return foray_dtype_size(a) >= foray_dtype_size(b) ? a : b;
}

static enum foray_dtype promote_integers(enum foray_dtype a, enum foray_dtype b)
{
    enum foray_dtype with_sign = a, without = b;

    if (foray__eval_is_signed(a) == foray__eval_is_signed(b))
        return larger(a, b);
    if (!foray__eval_is_signed(a)) {
        with_sign = b;
        without = a;
    }
    if (foray_dtype_size(with_sign) > foray_dtype_size(without))
        return with_sign;
    return signed_of(2 * foray_dtype_size(without));
}

static enum foray_dtype complex_of(enum foray_dtype part)
{
    return part == FORAY_F64 ? FORAY_C128 : FORAY_C64;
}

enum foray_dtype foray__eval_promote(enum foray_dtype a, enum foray_dtype b)
{
    enum foray__eval_class first = foray__eval_class_of(a);
    enum foray__eval_class second = foray__eval_class_of(b);

    if (a == b || second == FORAY__EVAL_OF_BOOL)
        return a;
    if (first == FORAY__EVAL_OF_BOOL)
        return b;
    if (first == FORAY__EVAL_OF_INTEGERS && second == FORAY__EVAL_OF_INTEGERS)
        return promote_integers(a, b);
    a = foray__eval_float_of(a);
    b = foray__eval_float_of(b);
    if (first == FORAY__EVAL_OF_COMPLEX || second == FORAY__EVAL_OF_COMPLEX)
        return complex_of(
            larger(foray__eval_part_of(a), foray__eval_part_of(b)));
    return larger(a, b);
}

enum foray_dtype foray__eval_promote_weak(enum foray_dtype dtype,
                                          enum foray__eval_weak weak)
{
    enum foray__eval_class found = foray__eval_class_of(dtype);

    if (weak == FORAY__EVAL_INT && found == FORAY__EVAL_OF_BOOL)
        return FORAY_I64;
    if (weak == FORAY__EVAL_FLOAT && found < FORAY__EVAL_OF_REALS)
        return FORAY_F64;
    if (weak == FORAY__EVAL_COMPLEX && found < FORAY__EVAL_OF_REALS)
        return FORAY_C128;
    if (weak == FORAY__EVAL_COMPLEX && found == FORAY__EVAL_OF_REALS)
        return complex_of(dtype);
    return dtype;
}

enum foray_dtype foray__eval_default(const struct foray__eval_node *constant)
{
    switch (constant->weak) {
    case FORAY__EVAL_BOOL:
        return FORAY_BOOL;
    case FORAY__EVAL_INT:
        return constant->constant.whole > INT64_MAX ? FORAY_U64 : FORAY_I64;
    case FORAY__EVAL_COMPLEX:
        return FORAY_C128;
    default:
        return FORAY_F64;
    }
}

bool foray__eval_holds(enum foray_dtype dtype, foray__wide whole)
{
    size_t bits = 8 * foray_dtype_size(dtype);
    foray__wide one = 1;

    if (foray__eval_class_of(dtype) != FORAY__EVAL_OF_INTEGERS)
        return true;
    if (foray__eval_is_signed(dtype))
        return whole >= -(one << (bits - 1)) && whole < one << (bits - 1);
    return whole >= 0 && whole < one << bits;
}
