#include "engine/number.h"

/* The first doubles that no signed, and no unsigned, integer holds. */
static const double two_63 = 9223372036854775808.0;
static const double two_64 = 18446744073709551616.0;

bool foray__value_i64(int64_t *out, struct foray_value value)
{
    if (value.kind == FORAY_KIND_BOOL)
        *out = value.as.b;
    else if (value.kind == FORAY_KIND_I64)
        *out = value.as.i;
    else if (value.kind == FORAY_KIND_U64 && value.as.u <= INT64_MAX)
        *out = (int64_t)value.as.u;
    else if (value.kind == FORAY_KIND_F64 && value.as.f >= -two_63 &&
             value.as.f < two_63 && (double)(int64_t)value.as.f == value.as.f)
        *out = (int64_t)value.as.f;
    else
        return false;
    return true;
}

bool foray__value_u64(uint64_t *out, struct foray_value value)
{
    int64_t number;

    if (value.kind == FORAY_KIND_U64)
        *out = value.as.u;
    else if (value.kind == FORAY_KIND_F64 && value.as.f >= two_63 &&
             value.as.f < two_64)
        *out = (uint64_t)value.as.f;
    else if (foray__value_i64(&number, value) && number >= 0)
        *out = (uint64_t)number;
    else
        return false;
    return true;
}

bool foray__value_f64(double *out, struct foray_value value)
{
    int64_t number;

    if (value.kind == FORAY_KIND_F64)
        *out = value.as.f;
    else if (value.kind == FORAY_KIND_U64 && value.as.u > INT64_MAX)
        *out = (double)value.as.u;
    else if (foray__value_i64(&number, value))
        *out = (double)number;
    else
        return false;
    /* 2^53 + 1 has no double of its own. */
    return value.kind != FORAY_KIND_U64 && value.kind != FORAY_KIND_I64 ? true
           : value.kind == FORAY_KIND_I64
               ? *out < two_63 && (int64_t)*out == value.as.i
               : *out < two_64 && (uint64_t)*out == value.as.u;
}
