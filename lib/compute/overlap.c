#include "compute/overlap.h"

#include <stdint.h>

#include "array/extent.h"

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

static bool apart(struct foray__extent a, struct foray__extent b)
{
    return a.high <= b.low || b.high <= a.low;
}

bool foray__arrays_overlap(const struct foray_array *a,
                           const struct foray_array *b, int axis)
{
    struct foray__extent row_a = foray__extent_of(a, axis);
    struct foray__extent row_b = foray__extent_of(b, axis);
    uintptr_t low, high;

    if (!foray_array_nitems(a) || !foray_array_nitems(b))
        return false;
    if (apart(foray__extent_of(a, -1), foray__extent_of(b, -1)))
        return false;
    /* Columns of one table: the rows go in step, and a pair of rows with the
     * same number lies apart and within one step. */
    if (a->strides[axis] != b->strides[axis] || !apart(row_a, row_b))
        return true;
    low = row_a.low < row_b.low ? row_a.low : row_b.low;
    high = row_a.high > row_b.high ? row_a.high : row_b.high;
    return high - low > (uintptr_t)distance(a->strides[axis]);
}
