/* Sums and means. */
#include <foray/reduce.h>

#include <math.h>

#include "base/error.h"
#include "compute/elements.h"
#include "compute/total.h"
#include "compute/whole_array.h"

static int sum_slice(struct foray_task *task)
{
    enum foray_dtype number =
        *(const enum foray_dtype *)foray_task_params(task);
    struct foray__total *total = foray_task_partial(task);
    struct foray_error err;

    if (foray__elements_each(foray_task_in(task, 0), number,
                             number == FORAY_F64   ? foray__total_add_floats
                             : number == FORAY_I64 ? foray__total_add_signed
                                                   : foray__total_add_unsigned,
                             total, &err))
        return foray_task_raise(task, &err);
    return 0;
}

static void combine(void *into, const void *from, const void *params)
{
    (void)params;
    foray__total_combine(into, from);
}

static int find_total(struct foray__total *out, struct foray_pool *pool,
                      const struct foray_array *array, enum foray_dtype number,
                      struct foray_error *err)
{
    struct foray_reduce reduce = {
        .fn = sum_slice, .size = sizeof *out, .combine = combine};

    return foray__array_reduce(pool, array, number, &reduce, out, err);
}

int foray_array_sum(double *out, struct foray_pool *pool,
                    const struct foray_array *array, struct foray_error *err)
{
    enum foray_dtype number;
    struct foray__total total;

    FORAY_TRY(foray__array_number(&number, array, "sum", err));
    FORAY_TRY(find_total(&total, pool, array, number, err));
    *out = foray__total_value(&total, number);
    return 0;
}

int foray_array_mean(double *out, struct foray_pool *pool,
                     const struct foray_array *array, struct foray_error *err)
{
    size_t n = foray_array_nitems(array);
    double sum;

    FORAY_TRY(foray_array_sum(&sum, pool, array, err));
    *out = n ? sum / (double)n : (double)NAN;
    return 0;
}

/* An exact sum between two bounds. */
static int find_integer(foray__wide *out, struct foray_pool *pool,
                        const struct foray_array *array, foray__wide least,
                        foray__wide most, const char *type,
                        struct foray_error *err)
{
    enum foray_dtype number;
    struct foray__total total;

    FORAY_TRY(foray__array_number(&number, array, "sum", err));
    if (number == FORAY_F64)
        return foray__fail(err, FORAY_EDTYPE,
                           "sum: the elements are of type %s and have no sum "
                           "of type %s: use foray_array_sum",
                           foray_dtype_name(array->dtype), type);
    FORAY_TRY(find_total(&total, pool, array, number, err));
    if (total.whole < least || total.whole > most)
        return foray__fail(err, FORAY_ERANGE,
                           "sum: it is about %g and does not fit into %s: use "
                           "foray_array_sum",
                           (double)total.whole, type);
    *out = total.whole;
    return 0;
}

int foray_array_sum_i64(int64_t *out, struct foray_pool *pool,
                        const struct foray_array *array,
                        struct foray_error *err)
{
    foray__wide sum;

    FORAY_TRY(
        find_integer(&sum, pool, array, INT64_MIN, INT64_MAX, "i64", err));
    *out = (int64_t)sum;
    return 0;
}

int foray_array_sum_u64(uint64_t *out, struct foray_pool *pool,
                        const struct foray_array *array,
                        struct foray_error *err)
{
    foray__wide sum;

    FORAY_TRY(find_integer(&sum, pool, array, 0, UINT64_MAX, "u64", err));
    *out = (uint64_t)sum;
    return 0;
}
