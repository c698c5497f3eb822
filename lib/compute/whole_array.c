#include "compute/whole_array.h"

#include "base/error.h"

int foray__array_number(enum foray_dtype *out, const struct foray_array *array,
                        const char *what, struct foray_error *err)
{
    switch (array->dtype) {
    case FORAY_BOOL:
    case FORAY_I8:
    case FORAY_I16:
    case FORAY_I32:
    case FORAY_I64:
    case FORAY_U8:
    case FORAY_U16:
    case FORAY_U32:
        *out = FORAY_I64;
        return 0;
    case FORAY_U64:
        *out = FORAY_U64;
        return 0;
    case FORAY_F16:
    case FORAY_F32:
    case FORAY_F64:
        *out = FORAY_F64;
        return 0;
    default:
        return foray__fail(err, FORAY_EDTYPE,
                           "%s: the elements are of type %s: real numbers or "
                           "bool are needed",
                           what, foray_dtype_name(array->dtype));
    }
}

/* The elements of a contiguous array in one axis, whatever its order. */
static void flatten(struct foray_array *array)
{
    size_t n = foray_array_nitems(array);

    array->ndim = 1;
    array->shape[0] = n;
    array->strides[0] = (ptrdiff_t)array->itemsize;
}

int foray__longest_axis(const struct foray_array *array)
{
    int longest = 0;

    for (int k = 1; k < array->ndim; k++)
        if (array->shape[k] > array->shape[longest])
            longest = k;
    return longest;
}

int foray__array_reduce(struct foray_pool *pool,
                        const struct foray_array *array,
                        enum foray_dtype number, struct foray_reduce *reduce,
                        void *result, struct foray_error *err)
{
    struct foray_array view = *array;

    if (foray_array_is_contiguous(&view, FORAY_ANY_ORDER))
        flatten(&view);
    reduce->in[0] = &view;
    reduce->axis = foray__longest_axis(&view);
    reduce->params = &number;
    reduce->params_size = sizeof number;
    reduce->on_error = FORAY_STOP;
    return foray_reduce(pool, reduce, result, NULL, err);
}
