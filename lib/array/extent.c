#include "array/extent.h"

struct foray__extent foray__extent_of(const struct foray_array *array, int axis)
{
    uintptr_t data = (uintptr_t)array->data;
    struct foray__extent extent = {data, data + array->itemsize};

    for (int k = 0; k < array->ndim; k++) {
        ptrdiff_t reach;

        if (array->shape[k] == 0)
            return (struct foray__extent){data, data};
        if (k == axis)
            continue;
        reach = (ptrdiff_t)(array->shape[k] - 1) * array->strides[k];
        if (reach < 0)
            extent.low -= (uintptr_t)-reach;
        else
            extent.high += (uintptr_t)reach;
    }
    return extent;
}

bool foray_array_overlaps(const struct foray_array *a,
                          const struct foray_array *b)
{
    struct foray__extent one = foray__extent_of(a, -1);
    struct foray__extent other = foray__extent_of(b, -1);

    return one.low < other.high && other.low < one.high;
}
