/* The least and the greatest element. */
#include <foray/reduce.h>

#include <math.h>

#include "base/error.h"
#include "compute/elements.h"
#include "compute/whole_array.h"

struct extremes {
    double least, greatest;
    bool nan; /* an element is NaN */
};

/* Comparisons with NaN are false: it changes neither. */
static void widen(struct extremes *extremes, double least, double greatest)
{
    if (least < extremes->least)
        extremes->least = least;
    if (greatest > extremes->greatest)
        extremes->greatest = greatest;
}

enum { LANES = 8 };

static void visit(void *arg, const void *block, size_t n)
{
    struct extremes *extremes = arg;
    const double *x = block;
    double least[LANES], greatest[LANES];
    int nans = 0;
    size_t i = 0;

    for (int k = 0; k < LANES; k++) {
        least[k] = INFINITY;
        greatest[k] = -INFINITY;
    }
    for (; n - i >= LANES; i += LANES)
        for (int k = 0; k < LANES; k++) {
            double y = x[i + (size_t)k];

            least[k] = y < least[k] ? y : least[k];
            greatest[k] = y > greatest[k] ? y : greatest[k];
            nans |= y != y;
        }
    for (; i < n; i++) {
        widen(extremes, x[i], x[i]);
        nans |= x[i] != x[i];
    }
    for (int k = 0; k < LANES; k++)
        widen(extremes, least[k], greatest[k]);
    extremes->nan |= nans != 0;
}

static int find_in_slice(struct foray_task *task)
{
    struct foray_error err;

    if (foray__elements_each(foray_task_in(task, 0), FORAY_F64, visit,
                             foray_task_partial(task), &err))
        return foray_task_raise(task, &err);
    return 0;
}

static void combine(void *into, const void *from, const void *params)
{
    const struct extremes *right = from;
    struct extremes *left = into;

    (void)params;
    widen(left, right->least, right->greatest);
    left->nan |= right->nan;
}

/* `what`: for messages. */
static int find_extremes(struct extremes *out, struct foray_pool *pool,
                         const struct foray_array *array, const char *what,
                         struct foray_error *err)
{
    static const struct extremes none = {INFINITY, -INFINITY, false};
    struct foray_reduce reduce = {.fn = find_in_slice,
                                  .size = sizeof *out,
                                  .combine = combine,
                                  .initial = &none};
    enum foray_dtype number;

    FORAY_TRY(foray__array_number(&number, array, what, err));
    if (!foray_array_nitems(array))
        return foray__fail(err, FORAY_ESHAPE,
                           "%s: the array is empty and has none", what);
    FORAY_TRY(foray__array_reduce(pool, array, number, &reduce, out, err));
    if (out->nan)
        out->least = out->greatest = (double)NAN;
    return 0;
}

int foray_array_min(double *out, struct foray_pool *pool,
                    const struct foray_array *array, struct foray_error *err)
{
    struct extremes extremes;

    FORAY_TRY(find_extremes(&extremes, pool, array, "min", err));
    *out = extremes.least;
    return 0;
}

int foray_array_max(double *out, struct foray_pool *pool,
                    const struct foray_array *array, struct foray_error *err)
{
    struct extremes extremes;

    FORAY_TRY(find_extremes(&extremes, pool, array, "max", err));
    *out = extremes.greatest;
    return 0;
}
