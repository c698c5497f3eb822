#include "convert/copy.h"

#include <foray/map.h>
#include <foray/task.h>

static int copy_slice(struct foray_task *task)
{
    struct foray_error err;

    if (foray_array_copy(foray_task_out(task, 0), foray_task_in(task, 0), &err))
        return foray_task_raise(task, &err);
    return 0;
}

/* Slices along the axis whose steps are the longest lie in one piece. */
static int outer_axis(const struct foray_array *array)
{
    int outer = 0;

    for (int k = 1; k < array->ndim; k++)
        if (array->strides[k] > array->strides[outer])
            outer = k;
    return outer;
}

int convert_copy(const struct foray_array *place,
                 const struct foray_array *input, struct foray_pool *pool,
                 struct foray_error *err)
{
    struct foray_map map = {.fn = copy_slice,
                            .in = {input},
                            .out = {place},
                            .axis = outer_axis(place),
                            .on_error = FORAY_STOP};

    if (!place->ndim || !pool)
        return foray_array_copy(place, input, err);
    return foray_map(pool, &map, NULL, err);
}

int convert_copy_rows(const struct foray_array *whole, size_t row,
                      const struct foray_array *input, struct foray_pool *pool,
                      struct foray_error *err)
{
    struct foray_array place = *whole;

    if (place.ndim) {
        place.data = foray_row(&place, row);
        place.shape[0] = input->shape[0];
    }
    return convert_copy(&place, input, pool, err);
}
