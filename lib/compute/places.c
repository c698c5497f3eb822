/* Where the least and the greatest element is. */
#include <foray/reduce.h>

#include <string.h>

#include "base/error.h"
#include "compute/elements.h"
#include "compute/whole_array.h"

/* What tasks are told: slices know neither the whole array nor which end of the
 * order is wanted. */
struct wanted {
    enum foray_dtype number;
    bool greatest;
    int axis, ndim; /* that is cut */
    size_t shape[FORAY_MAX_NDIM];
};

/* The best so far. */
struct place {
    union {
        int64_t i;
        uint64_t u;
        double f;
    } value;
    size_t index;
    bool is_found, is_nan;
};

/* Elements of a slice on their way by. */
struct search {
    struct place best; /* its index is within the slice */
    size_t n_seen;
    bool greatest;
};

/* The first NaN is before all numbers. */
#define DEFINE_VISIT(name, type, field)                                        \
    static void name(void *arg, const void *block, size_t n)                   \
    {                                                                          \
        struct search *search = arg;                                           \
        struct place *best = &search->best;                                    \
        const type *x = block;                                                 \
                                                                               \
        for (size_t i = 0; i < n && !best->is_nan; i++) {                      \
            bool is_nan = x[i] != x[i];                                        \
                                                                               \
            if (best->is_found && !is_nan &&                                   \
                !(search->greatest ? x[i] > best->value.field                  \
                                   : x[i] < best->value.field))                \
                continue;                                                      \
            best->value.field = x[i];                                          \
            best->index = search->n_seen + i;                                  \
            best->is_found = true;                                             \
            best->is_nan = is_nan;                                             \
        }                                                                      \
        search->n_seen += n;                                                   \
    }

DEFINE_VISIT(visit_signed, int64_t, i)
DEFINE_VISIT(visit_unsigned, uint64_t, u)
DEFINE_VISIT(visit_float, double, f)

/* From a number in C order of a slice to that of the array. */
static size_t index_of(const struct wanted *wanted, size_t index,
                       struct foray_slice slice)
{
    size_t behind = 1, length = slice.stop - slice.start, before;

    for (int k = wanted->axis + 1; k < wanted->ndim; k++)
        behind *= wanted->shape[k];
    before = index / (length * behind);
    index %= length * behind;
    return before * wanted->shape[wanted->axis] * behind +
           slice.start * behind + index;
}

static int find_in_slice(struct foray_task *task)
{
    const struct wanted *wanted = foray_task_params(task);
    struct search search = {.greatest = wanted->greatest};
    struct place *place = foray_task_partial(task);
    struct foray_error err;

    if (foray__elements_each(foray_task_in(task, 0), wanted->number,
                             wanted->number == FORAY_F64   ? visit_float
                             : wanted->number == FORAY_I64 ? visit_signed
                                                           : visit_unsigned,
                             &search, &err))
        return foray_task_raise(task, &err);
    *place = search.best;
    if (place->is_found)
        place->index = index_of(wanted, place->index, foray_task_slice(task));
    return 0;
}

/* Whether b is to be preferred to a: both are found. */
static bool is_better(const struct place *b, const struct place *a,
                      const struct wanted *wanted)
{
    const struct place *low = wanted->greatest ? a : b;
    const struct place *high = wanted->greatest ? b : a;
    bool is_less = wanted->number == FORAY_F64   ? low->value.f < high->value.f
                   : wanted->number == FORAY_I64 ? low->value.i < high->value.i
                                                 : low->value.u < high->value.u;
    bool is_more = wanted->number == FORAY_F64   ? low->value.f > high->value.f
                   : wanted->number == FORAY_I64 ? low->value.i > high->value.i
                                                 : low->value.u > high->value.u;

    if (a->is_nan || b->is_nan)
        return b->is_nan && (!a->is_nan || b->index < a->index);
    return is_less || (!is_more && b->index < a->index);
}

static void combine(void *into, const void *from, const void *params)
{
    const struct place *right = from;
    struct place *left = into;

    if (right->is_found && (!left->is_found || is_better(right, left, params)))
        *left = *right;
}

static int find_place(size_t *out, struct foray_pool *pool,
                      const struct foray_array *array, bool greatest,
                      struct foray_error *err)
{
    const char *what = greatest ? "argmax" : "argmin";
    struct wanted wanted = {.greatest = greatest};
    struct foray_array view = *array;
    struct place place;
    struct foray_reduce reduce = {.fn = find_in_slice,
                                  .in = {&view},
                                  .size = sizeof place,
                                  .combine = combine,
                                  .params = &wanted,
                                  .params_size = sizeof wanted,
                                  .on_error = FORAY_STOP};

    FORAY_TRY(foray__array_number(&wanted.number, array, what, err));
    if (!foray_array_nitems(array))
        return foray__fail(err, FORAY_ESHAPE,
                           "%s: the array is empty and has none", what);
    if (!view.ndim) {
        *out = 0;
        return 0;
    }
    wanted.ndim = view.ndim;
    memcpy(wanted.shape, view.shape, sizeof wanted.shape);
    reduce.axis = wanted.axis = foray__longest_axis(&view);
    FORAY_TRY(foray_reduce(pool, &reduce, &place, NULL, err));
    *out = place.index;
    return 0;
}

int foray_array_argmin(size_t *out, struct foray_pool *pool,
                       const struct foray_array *array, struct foray_error *err)
{
    return find_place(out, pool, array, false, err);
}

int foray_array_argmax(size_t *out, struct foray_pool *pool,
                       const struct foray_array *array, struct foray_error *err)
{
    return find_place(out, pool, array, true, err);
}
