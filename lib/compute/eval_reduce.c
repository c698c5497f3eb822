#include "compute/eval_reduce.h"

#include <math.h>

#include "base/error.h"
#include "compute/eval_loop.h"
#include "compute/eval_promote.h"

static bool is_extreme(enum foray_eval_reduce reduce)
{
    return reduce == FORAY_EVAL_MIN || reduce == FORAY_EVAL_MAX;
}

/* Real and imaginary parts one behind the other. */
static void add_complex(struct foray__eval_partial *partial,
                        const double *block, size_t n)
{
    double parts[FORAY__EVAL_BLOCK_ITEMS] = {0};

    for (int part = 0; part < 2; part++) {
        for (size_t i = 0; i < n; i++)
            parts[i] = block[2 * i + (size_t)part];
        foray__total_add_floats(&partial->totals[part], parts, n);
    }
}

int foray__eval_partial_add(struct foray__eval_partial *partial,
                            enum foray_eval_reduce reduce,
                            enum foray_dtype number, void *block, size_t n,
                            struct foray_error *err)
{
    struct foray__measure measure;
    struct foray_array array;

    if (is_extreme(reduce)) {
        measure = foray__measure(number);
        FORAY_TRY(foray_array_wrap(&array, block, number, 1, &n, err));
        return foray__moments_add(&partial->moments, &array, &measure, err);
    }
    if (number == FORAY_C128)
        add_complex(partial, block, n);
    else if (number == FORAY_F64)
        foray__total_add_floats(partial->totals, block, n);
    else if (number == FORAY_I64)
        foray__total_add_signed(partial->totals, block, n);
    else
        foray__total_add_unsigned(partial->totals, block, n);
    return 0;
}

void foray__eval_partial_join(struct foray__eval_partial *left,
                              const struct foray__eval_partial *right)
{
    for (int k = 0; k < 2; k++) {
        left->counts[k] += right->counts[k];
        foray__total_combine(&left->totals[k], &right->totals[k]);
    }
    foray__moments_join(&left->moments, &right->moments);
}

enum foray_dtype foray__eval_result(enum foray_dtype dtype,
                                    enum foray_eval_reduce reduce)
{
    enum foray_dtype number = foray__eval_reduced(dtype);

    switch (reduce) {
    case FORAY_EVAL_SUM:
        return number;
    case FORAY_EVAL_MEAN:
        return number == FORAY_C128 ? FORAY_C128 : FORAY_F64;
    case FORAY_EVAL_MIN:
    case FORAY_EVAL_MAX:
        return number == FORAY_C128 ? FORAY_OPAQUE : dtype;
    default:
        return dtype;
    }
}

union result {
    int64_t i;
    uint64_t u;
    double f[2];
};

static void find_extreme(union result *out,
                         const struct foray__moments *moments,
                         enum foray_eval_reduce reduce, enum foray_dtype number)
{
    bool is_least = reduce == FORAY_EVAL_MIN;

    if (number != FORAY_F64)
        out->u = (uint64_t)(is_least ? moments->low : moments->high);
    else if (moments->nans)
        out->f[0] = (double)NAN;
    else
        out->f[0] = is_least ? moments->least : moments->greatest;
}

static void find_sum(union result *out, const struct foray__total *totals,
                     enum foray_dtype number)
{
    if (number == FORAY_I64 || number == FORAY_U64) {
        out->u = (uint64_t)totals->whole; /* wraps around */
        return;
    }
    out->f[0] = foray__total_value(&totals[0], FORAY_F64);
    out->f[1] = foray__total_value(&totals[1], FORAY_F64);
}

static void find_mean(union result *out, const struct foray__total *totals,
                      enum foray_dtype number, size_t n)
{
    for (int k = 0; k < 2; k++) {
        double sum = foray__total_value(
            &totals[k], number == FORAY_C128 ? FORAY_F64 : number);

        out->f[k] = n ? sum / (double)n : (double)NAN;
    }
}

int foray__eval_partial_store(const struct foray_array *out,
                              const struct foray__eval_partial *partial,
                              enum foray_eval_reduce reduce,
                              enum foray_dtype dtype, size_t n,
                              struct foray_error *err)
{
    enum foray_dtype number = foray__eval_reduced(dtype), type = number;
    union result result = {0};
    struct foray_array value;

    if (is_extreme(reduce))
        find_extreme(&result, &partial->moments, reduce, number);
    else if (reduce == FORAY_EVAL_SUM)
        find_sum(&result, partial->totals, number);
    else
        find_mean(&result, partial->totals, number, n);
    if (reduce == FORAY_EVAL_MEAN)
        type = foray__eval_result(dtype, reduce);
    FORAY_TRY(foray_array_wrap(&value, &result, type, 0, NULL, err));
    return foray_array_copy(out, &value, err);
}
