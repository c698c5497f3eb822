#include <foray/array.h>

#include <stdint.h>
#include <string.h>

#include "array/text.h"
#include "base/error.h"
#include "base/size.h"

int foray__check_ndim(int ndim, struct foray_error *err)
{
    if (ndim < 0 || ndim > FORAY_MAX_NDIM)
        return foray__fail(err, FORAY_EINVAL,
                           "an array has 0 to %d axes, not %d", FORAY_MAX_NDIM,
                           ndim);
    return 0;
}

int foray_array_wrap(struct foray_array *out, void *data,
                     enum foray_dtype dtype, int ndim, const size_t *shape,
                     struct foray_error *err)
{
    size_t itemsize = foray_dtype_size(dtype), nbytes;

    if (!itemsize)
        return foray__fail(err, FORAY_EINVAL,
                           "an opaque array cannot be wrapped: its items have "
                           "no known size");
    FORAY_TRY(foray__check_ndim(ndim, err));
    if (!foray__shape_nbytes(&nbytes, itemsize, ndim, shape))
        return foray__fail(err, FORAY_ERANGE,
                           "an array of shape %s of %s is larger than memory",
                           foray__shape_text_of(ndim, shape).text,
                           foray_dtype_name(dtype));
    memset(out, 0, sizeof *out);
    out->data = data;
    out->dtype = dtype;
    out->mode = FORAY_READ_WRITE;
    out->ndim = ndim;
    out->itemsize = itemsize;
    for (int k = 0; k < ndim; k++)
        out->shape[k] = shape[k];
    foray__array_set_strides(out, FORAY_C_ORDER);
    return 0;
}

void foray__array_set_strides(struct foray_array *array, enum foray_order order)
{
    size_t stride = array->itemsize;

    for (int i = 0; i < array->ndim; i++) {
        int k = order == FORAY_F_ORDER ? i : array->ndim - 1 - i;

        array->strides[k] = (ptrdiff_t)stride;
        /* As NumPy: an axis of length 0 does not take part. */
        stride *= array->shape[k] ? array->shape[k] : 1;
    }
}

size_t foray_array_nitems(const struct foray_array *array)
{
    size_t n = 1;

    for (int k = 0; k < array->ndim; k++)
        n *= array->shape[k];
    return n;
}

size_t foray_array_nbytes(const struct foray_array *array)
{
    return foray_array_nitems(array) * array->itemsize;
}

static bool is_packed(const struct foray_array *array, bool fortran)
{
    size_t expected = array->itemsize;

    for (int i = 0; i < array->ndim; i++) {
        int k = fortran ? i : array->ndim - 1 - i;

        if (array->shape[k] != 1 && array->strides[k] != (ptrdiff_t)expected)
            return false;
        expected *= array->shape[k];
    }
    return true;
}

bool foray_array_is_contiguous(const struct foray_array *array,
                               enum foray_order order)
{
    if (foray_array_nitems(array) == 0)
        return true;
    return (order != FORAY_F_ORDER && is_packed(array, false)) ||
           (order != FORAY_C_ORDER && is_packed(array, true));
}

void *foray_array_address(const struct foray_array *array, const size_t *index)
{
    char *address = array->data;

    for (int k = 0; k < array->ndim; k++) {
        if (index[k] >= array->shape[k])
            return NULL;
        address += (ptrdiff_t)index[k] * array->strides[k];
    }
    return address;
}

static int check_axis(const struct foray_array *array, int axis,
                      struct foray_error *err)
{
    if (axis < 0 || axis >= array->ndim)
        return foray__fail(err, FORAY_EINVAL,
                           "there is no axis %d in an array of %d axes", axis,
                           array->ndim);
    return 0;
}

/* One end of start:stop as Python clips it. */
static ptrdiff_t clip(ptrdiff_t end, ptrdiff_t n, bool backwards)
{
    ptrdiff_t low = backwards ? -1 : 0, high = backwards ? n - 1 : n;

    if (end < 0)
        end += n; /* cannot overflow: n is not negative */
    if (end < low)
        return low;
    return end > high ? high : end;
}

int foray_array_slice(struct foray_array *out, const struct foray_array *base,
                      int axis, ptrdiff_t start, ptrdiff_t stop, ptrdiff_t step,
                      struct foray_error *err)
{
    bool backwards = step < 0;
    size_t length = 0;
    ptrdiff_t n, from;

    FORAY_TRY(check_axis(base, axis, err));
    if (step == 0)
        return foray__fail(err, FORAY_EINVAL,
                           "the step of a slice is 0: use 1 or -1 to take "
                           "every element");
    n = (ptrdiff_t)base->shape[axis];
    start = clip(start, n, backwards);
    if (stop == FORAY_TO_END)
        stop = backwards ? -1 : n;
    else
        stop = clip(stop, n, backwards);
    if (backwards && start > stop)
        length = ((size_t)(start - stop) - 1) / (0 - (size_t)step) + 1;
    else if (!backwards && start < stop)
        length = ((size_t)(stop - start) - 1) / (size_t)step + 1;
    from = length ? start * base->strides[axis] : 0;
    if (out != base)
        *out = *base;
    out->shape[axis] = length;
    if (foray_array_nitems(out)) /* the address of no element means nothing */
        out->data = (char *)out->data + from;
    /* With one element the step is never taken, and may be too long to
     * multiply. */
    if (length > 1)
        out->strides[axis] *= step;
    return 0;
}

int foray_array_index(struct foray_array *out, const struct foray_array *base,
                      int axis, size_t i, struct foray_error *err)
{
    FORAY_TRY(check_axis(base, axis, err));
    if (i >= base->shape[axis])
        return foray__fail(err, FORAY_ERANGE,
                           "index %zu is out of range: axis %d has %zu "
                           "elements",
                           i, axis, base->shape[axis]);
    if (out != base)
        *out = *base;
    if (foray_array_nitems(out))
        out->data = (char *)out->data + (ptrdiff_t)i * out->strides[axis];
    out->ndim--;
    for (int k = axis; k < out->ndim; k++) {
        out->shape[k] = out->shape[k + 1];
        out->strides[k] = out->strides[k + 1];
    }
    return 0;
}

int foray_array_transpose(struct foray_array *out,
                          const struct foray_array *base, const int *axes,
                          struct foray_error *err)
{
    struct foray_array result = *base;
    bool used[FORAY_MAX_NDIM] = {false};

    for (int k = 0; k < base->ndim; k++) {
        int from = axes ? axes[k] : base->ndim - 1 - k;

        if (from < 0 || from >= base->ndim || used[from])
            return foray__fail(err, FORAY_EINVAL,
                               "the axes of a transpose are no permutation of "
                               "0 to %d",
                               base->ndim - 1);
        used[from] = true;
        result.shape[k] = base->shape[from];
        result.strides[k] = base->strides[from];
    }
    *out = result;
    return 0;
}

/* Whether every element lies where the machine's type may be loaded from: a
 * .npy file whose header is not padded can make it false. */
static bool is_aligned(const struct foray_array *array)
{
    size_t align = array->itemsize;

    if (array->dtype == FORAY_C64 || array->dtype == FORAY_C128)
        align /= 2;
    if (array->dtype == FORAY_OPAQUE || !foray_array_nitems(array))
        return true;
    if ((uintptr_t)array->data % align)
        return false;
    for (int k = 0; k < array->ndim; k++)
        if (array->shape[k] > 1 && array->strides[k] % (ptrdiff_t)align)
            return false;
    return true;
}

int foray_array_require(const struct foray_array *array, enum foray_dtype dtype,
                        int ndim, enum foray_order order,
                        struct foray_error *err)
{
    static const char *const orders[] = {"any", "C", "Fortran"};
    struct foray__text shape = foray__shape_text(array);

    if (array->dtype != dtype || array->swapped)
        return foray__fail(err, FORAY_EDTYPE,
                           "the array %s has elements of type %s%s, %s is "
                           "needed: copy it into an array of that type",
                           shape.text, foray_dtype_name(array->dtype),
                           array->swapped ? " in foreign byte order" : "",
                           foray_dtype_name(dtype));
    if (ndim >= 0 && array->ndim != ndim)
        return foray__fail(err, FORAY_ESHAPE,
                           "the array %s has %d axes, %d are needed",
                           shape.text, array->ndim, ndim);
    if (order != FORAY_ANY_ORDER && !foray_array_is_contiguous(array, order))
        return foray__fail(err, FORAY_ESHAPE,
                           "the array %s is not contiguous in %s order: copy "
                           "it into a new array",
                           shape.text, orders[order]);
    if (!is_aligned(array))
        return foray__fail(err, FORAY_ESHAPE,
                           "the %s of the array %s lie at addresses they "
                           "cannot be loaded from (a file whose header is not "
                           "padded?): load it instead, or copy it",
                           foray_dtype_name(dtype), shape.text);
    return 0;
}
