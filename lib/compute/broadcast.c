#include "compute/broadcast.h"

#include <string.h>

#include "base/error.h"

void foray__broadcast(struct foray_array *out, const struct foray_array *array,
                      int ndim, const size_t *shape)
{
    int lacking = ndim - array->ndim;
    struct foray_array view = *array;

    view.ndim = ndim;
    for (int axis = 0; axis < ndim; axis++) {
        bool is_one = axis < lacking || array->shape[axis - lacking] == 1;

        view.shape[axis] = shape[axis];
        view.strides[axis] = axis < lacking || (is_one && shape[axis] != 1)
                                 ? 0
                                 : array->strides[axis - lacking];
    }
    *out = view;
}

/* The shape of all, as far as it is known: 1 where nothing says more. */
struct shape {
    int ndim;
    size_t lengths[FORAY_MAX_NDIM];
    int from[FORAY_MAX_NDIM]; /* the array that says so */
};

static int most_axes(const struct foray__arguments *arguments)
{
    int ndim = 0;

    for (int k = 0; k < arguments->first[FORAY__WHOLE]; k++)
        if (arguments->arrays[k]->ndim > ndim)
            ndim = arguments->arrays[k]->ndim;
    return ndim;
}

static bool is_cut(const struct foray_blocks *blocks, int axis)
{
    for (int c = 0; c < blocks->n_axes; c++)
        if (blocks->axes[c] == axis)
            return true;
    return false;
}

/* Arrays that are written say how long the axes are that are cut. */
static void add_written(struct shape *shape,
                        const struct foray__arguments *arguments, int k,
                        const struct foray_blocks *blocks)
{
    const struct foray_array *array = arguments->arrays[k];

    for (int axis = 0; axis < array->ndim; axis++)
        if (shape->lengths[axis] == 1 &&
            (is_cut(blocks, axis) || array->ndim == shape->ndim)) {
            shape->lengths[axis] = array->shape[axis];
            shape->from[axis] = k;
        }
}

static int add_in(struct shape *shape, const struct foray__arguments *arguments,
                  int k, struct foray_error *err)
{
    const struct foray_array *array = arguments->arrays[k];
    int lacking = shape->ndim - array->ndim;

    for (int axis = lacking; axis < shape->ndim; axis++) {
        size_t length = array->shape[axis - lacking];

        if (length == 1 || length == shape->lengths[axis])
            continue;
        if (shape->lengths[axis] != 1)
            return foray__fail(
                err, FORAY_ESHAPE,
                "%s cannot be broadcast: it is %zu long along axis %d, %s is "
                "%zu",
                foray__label_of(arguments, k).text, length, axis - lacking,
                foray__label_of(arguments, shape->from[axis]).text,
                shape->lengths[axis]);
        shape->lengths[axis] = length;
        shape->from[axis] = k;
    }
    return 0;
}

int foray__broadcast_in(struct foray__arguments *arguments,
                        const struct foray_blocks *blocks,
                        struct foray_error *err)
{
    struct shape shape = {.ndim = most_axes(arguments)};
    int n = arguments->first[FORAY__INOUT];

    for (int axis = 0; axis < shape.ndim; axis++)
        shape.lengths[axis] = 1;
    for (int k = 0; k < n; k++)
        FORAY_TRY(add_in(&shape, arguments, k, err));
    for (int k = n; k < arguments->first[FORAY__WHOLE]; k++)
        add_written(&shape, arguments, k, blocks);
    for (int k = 0; k < n; k++) {
        const struct foray_array *array = arguments->arrays[k];

        if (array->ndim == shape.ndim &&
            !memcmp(array->shape, shape.lengths,
                    (size_t)shape.ndim * sizeof shape.lengths[0]))
            continue;
        foray__broadcast(&arguments->repeated[k], array, shape.ndim,
                         shape.lengths);
        arguments->cut[k] = &arguments->repeated[k];
    }
    return 0;
}
