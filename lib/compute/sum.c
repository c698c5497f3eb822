/* Sums and means. Integers are added in 128 bits, where no array is long
 * enough to overflow. Floats are added in f64, and what each addition rounded
 * away is added up beside. */
#include <foray/reduce.h>

#include <math.h>

#include "base/error.h"
#include "compute/elements.h"
#include "compute/whole_array.h"

__extension__ typedef __int128 wide;

/* Sums that go on side by side, so that they become vectors. */
enum { LANES = 8 };

/* Of floats `whole` is 0, of integers the others. */
struct total {
    wide whole;
    double sum, lost;
};

/* Add `x` to `sum`; what was rounded away goes to `lost` (Knuth, TAOCP 4.2.2,
 * theorem B; exact, whichever of the two is larger). */
static inline void add_float(double *sum, double *lost, double x)
{
    double next = *sum + x;
    double part = next - *sum;

    *lost += (*sum - (next - part)) + (x - part);
    *sum = next;
}

static void add_floats(void *arg, const void *block, size_t n)
{
    double sum[LANES] = {0}, lost[LANES] = {0};
    const double *x = block;
    struct total *total = arg;
    size_t i = 0;

    for (; n - i >= LANES; i += LANES)
        for (int k = 0; k < LANES; k++)
            add_float(&sum[k], &lost[k], x[i + (size_t)k]);
    for (int k = 0; i < n; i++, k++)
        add_float(&sum[k], &lost[k], x[i]);
    for (int k = 0; k < LANES; k++) {
        add_float(&total->sum, &total->lost, sum[k]);
        total->lost += lost[k];
    }
}

static void add_signed(void *arg, const void *block, size_t n)
{
    const int64_t *x = block;
    struct total *total = arg;

    for (size_t i = 0; i < n; i++)
        total->whole += x[i];
}

static void add_unsigned(void *arg, const void *block, size_t n)
{
    const uint64_t *x = block;
    struct total *total = arg;

    for (size_t i = 0; i < n; i++)
        total->whole += x[i];
}

static int sum_slice(struct foray_task *task)
{
    enum foray_dtype number =
        *(const enum foray_dtype *)foray_task_params(task);
    struct total *total = foray_task_partial(task);
    struct foray_error err;

    if (foray__elements_each(foray_task_in(task, 0), number,
                             number == FORAY_F64   ? add_floats
                             : number == FORAY_I64 ? add_signed
                                                   : add_unsigned,
                             total, &err))
        return foray_task_raise(task, &err);
    return 0;
}

static void combine(void *into, const void *from, const void *params)
{
    const struct total *right = from;
    struct total *left = into;

    (void)params;
    left->whole += right->whole;
    add_float(&left->sum, &left->lost, right->sum);
    left->lost += right->lost;
}

static int find_total(struct total *out, struct foray_pool *pool,
                      const struct foray_array *array, enum foray_dtype number,
                      struct foray_error *err)
{
    struct foray_reduce reduce = {
        .fn = sum_slice, .size = sizeof *out, .combine = combine};

    return foray__array_reduce(pool, array, number, &reduce, out, err);
}

/* What was lost is no number once the sum is infinite or NaN. */
static double value_of(const struct total *total, enum foray_dtype number)
{
    double value = total->sum + total->lost;

    if (number != FORAY_F64)
        return (double)total->whole;
    return isfinite(value) ? value : total->sum;
}

int foray_array_sum(double *out, struct foray_pool *pool,
                    const struct foray_array *array, struct foray_error *err)
{
    enum foray_dtype number;
    struct total total;

    FORAY_TRY(foray__array_number(&number, array, "sum", err));
    FORAY_TRY(find_total(&total, pool, array, number, err));
    *out = value_of(&total, number);
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
static int find_integer(wide *out, struct foray_pool *pool,
                        const struct foray_array *array, wide least, wide most,
                        const char *type, struct foray_error *err)
{
    enum foray_dtype number;
    struct total total;

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
    wide sum;

    FORAY_TRY(
        find_integer(&sum, pool, array, INT64_MIN, INT64_MAX, "i64", err));
    *out = (int64_t)sum;
    return 0;
}

int foray_array_sum_u64(uint64_t *out, struct foray_pool *pool,
                        const struct foray_array *array,
                        struct foray_error *err)
{
    wide sum;

    FORAY_TRY(find_integer(&sum, pool, array, 0, UINT64_MAX, "u64", err));
    *out = (uint64_t)sum;
    return 0;
}
