#include "compute/overlap.h"

#include <stdint.h>

/* Bytes that the elements of an array reach from its first: [low, high). */
struct reach {
    intptr_t low, high;
};

/* Of one row if `axis` >= 0, of everything if it is -1. */
static struct reach reach_of(const struct foray_array *array, int axis)
{
    struct reach reach = {0, (intptr_t)array->itemsize};

    for (int k = 0; k < array->ndim; k++) {
        intptr_t step;

        if (k == axis || array->shape[k] == 0)
            continue;
        step = (intptr_t)(array->shape[k] - 1) * array->strides[k];
        if (step < 0)
            reach.low += step;
        else
            reach.high += step;
    }
    return reach;
}

static intptr_t distance(ptrdiff_t stride)
{
    return stride < 0 ? -(intptr_t)stride : (intptr_t)stride;
}

/* Whether the rows are interleaved with what lies between: columns of one
 * array cut along axis 1, say. Then each row is a comb; two rows touch
 * different bytes if the cut axis's stride fits between the comb's teeth. */
static bool comb_fits(const struct foray_array *array, int axis)
{
    intptr_t inside = (intptr_t)array->itemsize;
    intptr_t cut = distance(array->strides[axis]);
    intptr_t span;

    if (array->shape[axis] < 2)
        return true;
    /* Axes whose steps are shorter than the cut's must fit into one step of
     * it, longer ones must step over the whole cut axis. */
    for (int k = 0; k < array->ndim; k++)
        if (k != axis && array->shape[k] > 1 &&
            distance(array->strides[k]) < cut)
            inside +=
                (intptr_t)(array->shape[k] - 1) * distance(array->strides[k]);
    if (inside > cut)
        return false;
    span = inside + (intptr_t)(array->shape[axis] - 1) * cut;
    for (int k = 0; k < array->ndim; k++)
        if (k != axis && array->shape[k] > 1 &&
            distance(array->strides[k]) >= cut &&
            distance(array->strides[k]) < span)
            return false;
    return true;
}

bool foray__rows_overlap(const struct foray_array *array, int axis)
{
    return foray_array_nitems(array) != 0 && !comb_fits(array, axis);
}

bool foray__arrays_overlap(const struct foray_array *a,
                           const struct foray_array *b, int axis)
{
    struct reach all_a = reach_of(a, -1), all_b = reach_of(b, -1);
    struct reach row_a = reach_of(a, axis), row_b = reach_of(b, axis);
    intptr_t at_a = (intptr_t)a->data, at_b = (intptr_t)b->data;
    intptr_t stride = distance(a->strides[axis]);
    intptr_t low, high;

    if (!foray_array_nitems(a) || !foray_array_nitems(b))
        return false;
    if (at_a + all_a.high <= at_b + all_b.low ||
        at_b + all_b.high <= at_a + all_a.low)
        return false;
    /* Columns of one table: the rows go in step, and a pair of rows with the
     * same number lies apart and within one step. */
    if (a->strides[axis] != b->strides[axis])
        return true;
    if (at_a + row_a.high > at_b + row_b.low &&
        at_b + row_b.high > at_a + row_a.low)
        return true;
    low = at_a + row_a.low < at_b + row_b.low ? at_a + row_a.low
                                              : at_b + row_b.low;
    high = at_a + row_a.high > at_b + row_b.high ? at_a + row_a.high
                                                 : at_b + row_b.high;
    return high - low > stride;
}
