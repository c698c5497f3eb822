/* Statistics of whole arrays, and along an axis.
 *
 * Along an axis each position of the others has moments of its own. If these
 * are few, tasks take slices of the axis and their moments are joined; if they
 * are many, tasks take slices of another axis and nothing is to be joined. */
#include <foray/stats.h>

#include <stdlib.h>
#include <string.h>

#include <foray/map.h>
#include <foray/reduce.h>
#include <foray/storage.h>

#include "base/error.h"
#include "compute/moments.h"
#include "compute/whole_array.h"
#include "engine/pool_once.h"

static int add_slice(struct foray_task *task)
{
    const enum foray_dtype *number = foray_task_params(task);
    struct foray__measure measure = foray__measure(*number);
    struct foray_error err;

    if (foray__moments_add(foray_task_partial(task), foray_task_in(task, 0),
                           &measure, &err))
        return foray_task_raise(task, &err);
    return 0;
}

static void join(void *into, const void *from, const void *params)
{
    (void)params;
    foray__moments_join(into, from);
}

int foray_array_stats(struct foray_stats *out, struct foray_pool *pool,
                      const struct foray_array *array, struct foray_error *err)
{
    struct foray_reduce reduce = {.fn = add_slice,
                                  .size = sizeof(struct foray__moments),
                                  .combine = join};
    enum foray_dtype number;
    struct foray__moments moments;

    FORAY_TRY(foray__array_number(&number, array, "stats", err));
    FORAY_TRY(foray__array_reduce(pool, array, number, &reduce, &moments, err));
    foray__moments_finish(out, &moments, number);
    return 0;
}

/* Rows of moments lie in arrays of bytes. */
_Static_assert(sizeof(struct foray__moments) % _Alignof(foray__wide) == 0,
               "moments lie one behind the other");

/* What tasks along an axis are told. */
struct along {
    enum foray_dtype number;
    int axis;      /* of the slice that they are given */
    size_t n_kept; /* positions of all other axes together */
};

/* Add a matrix to a row of moments, one for each of its columns: some rows at
 * a time, whose cache lines are near when the next column is read from them. */
static int add_columns(struct foray__moments *moments,
                       const struct foray_array *matrix,
                       const struct foray__measure *measure,
                       struct foray_error *err)
{
    enum { NEAR = 256 };
    size_t n = matrix->shape[0], m = matrix->shape[1];
    bool is_near = matrix->strides[0] == (ptrdiff_t)matrix->itemsize;
    size_t rows = is_near ? n : NEAR;

    for (size_t i = 0; i < n; i += rows)
        for (size_t j = 0; j < m; j++) {
            struct foray_array column = *matrix;

            column.data = foray_at2(matrix, i, j);
            column.shape[0] = n - i < rows ? n - i : rows;
            column.ndim = 1;
            FORAY_TRY(foray__moments_add(&moments[j], &column, measure, err));
        }
    return 0;
}

/* The same of any array whose axis 0 is the one that goes. */
static int add_along(struct foray__moments *moments,
                     const struct foray_array *array,
                     const struct foray__measure *measure,
                     struct foray_error *err)
{
    size_t n_kept = 1;

    if (array->ndim == 1)
        return foray__moments_add(moments, array, measure, err);
    if (array->ndim == 2)
        return add_columns(moments, array, measure, err);
    for (int k = 2; k < array->ndim; k++)
        n_kept *= array->shape[k];
    for (size_t i = 0; i < array->shape[1]; i++) {
        struct foray_array part;

        FORAY_TRY(foray_array_index(&part, array, 1, i, err));
        FORAY_TRY(add_along(moments + i * n_kept, &part, measure, err));
    }
    return 0;
}

/* The axis to the front, the others in their order behind it. */
static int to_front(struct foray_array *array, int axis,
                    struct foray_error *err)
{
    int axes[FORAY_MAX_NDIM];

    axes[0] = axis;
    for (int k = 1; k < array->ndim; k++)
        axes[k] = k <= axis ? k - 1 : k;
    return foray_array_transpose(array, array, axes, err);
}

static int add_slice_along(struct foray_task *task,
                           struct foray__moments *moments)
{
    const struct along *along = foray_task_params(task);
    struct foray_array slice = *foray_task_in(task, 0);
    struct foray__measure measure = foray__measure(along->number);
    struct foray_error err;

    if (to_front(&slice, along->axis, &err) ||
        add_along(moments, &slice, &measure, &err))
        return foray_task_raise(task, &err);
    return 0;
}

static int add_to_partial(struct foray_task *task)
{
    return add_slice_along(task, foray_task_partial(task));
}

static int add_to_rows(struct foray_task *task)
{
    struct foray__moments *moments = foray_task_out(task, 0)->data;
    size_t nbytes = foray_array_nbytes(foray_task_out(task, 0));

    memset(moments, 0, nbytes);
    return add_slice_along(task, moments);
}

static void join_all(void *into, const void *from, const void *params)
{
    const struct along *along = params;

    for (size_t i = 0; i < along->n_kept; i++)
        foray__moments_join((struct foray__moments *)into + i,
                            (const struct foray__moments *)from + i);
}

/* Slices of the axis itself: 64 of them at most, each with all moments. */
static int split_axis(struct foray__moments *moments, struct foray_pool *pool,
                      const struct foray_array *array, struct along *along,
                      struct foray_error *err)
{
    size_t n = array->shape[along->axis];
    struct foray_reduce reduce = {.fn = add_to_partial,
                                  .in = {array},
                                  .axis = along->axis,
                                  .chunk = n / 64 + (n % 64 != 0),
                                  .params = along,
                                  .params_size = sizeof *along,
                                  .size = along->n_kept * sizeof *moments,
                                  .combine = join_all,
                                  .on_error = FORAY_STOP};

    return foray_reduce(pool, &reduce, moments, NULL, err);
}

static int longest_other(const struct foray_array *array, int axis)
{
    int longest = axis ? 0 : 1;

    for (int k = 0; k < array->ndim; k++)
        if (k != axis && array->shape[k] > array->shape[longest])
            longest = k;
    return longest;
}

/* From the order in which the moments lie, the axis they were cut along first,
 * to that of the array. */
static void reorder(struct foray__moments *out,
                    const struct foray__moments *moments,
                    const struct foray_array *array, int axis, int cut)
{
    size_t before = 1, n = array->shape[cut], behind = 1;

    for (int k = 0; k < array->ndim; k++)
        if (k != axis && k != cut) {
            if (k < cut)
                before *= array->shape[k];
            else
                behind *= array->shape[k];
        }
    for (size_t i = 0; i < before; i++)
        for (size_t j = 0; j < n; j++)
            memcpy(out + (i * n + j) * behind,
                   moments + (j * before + i) * behind,
                   behind * sizeof *moments);
}

/* Slices of the longest other axis. */
static int split_other(struct foray__moments *moments, struct foray_pool *pool,
                       const struct foray_array *array, struct along *along,
                       struct foray_error *err)
{
    int cut = longest_other(array, along->axis);
    struct foray_array view = *array, rows = {0};
    size_t shape[2] = {array->shape[cut],
                       along->n_kept / array->shape[cut] * sizeof *moments};
    struct foray_map map = {.fn = add_to_rows,
                            .in = {&view},
                            .out = {&rows},
                            .params = along,
                            .params_size = sizeof *along,
                            .on_error = FORAY_STOP};
    int axis = along->axis, code;

    FORAY_TRY(foray_array_create(&rows, NULL, FORAY_U8, 2, shape, err));
    code = to_front(&view, cut, err);
    along->axis = axis < cut ? axis + 1 : axis;
    if (!code)
        code = foray_map(pool, &map, NULL, err);
    if (!code)
        reorder(moments, rows.data, array, axis, cut);
    foray_array_close(&rows, NULL);
    return code;
}

static int check_axis(int *axis, const struct foray_array *array,
                      struct foray_error *err)
{
    int given = *axis;

    if (given < 0)
        *axis += array->ndim;
    if (*axis < 0 || *axis >= array->ndim)
        return foray__fail(err, FORAY_EINVAL,
                           "there is no axis %d in an array of %d axes", given,
                           array->ndim);
    return 0;
}

static int collect(struct foray__moments *moments, struct foray_pool *pool,
                   const struct foray_array *array, struct along *along,
                   struct foray_error *err)
{
    enum { MAX_PARTIAL = 1 << 18 }; /* bytes */

    if (!foray_array_nitems(array))
        return 0;
    if (along->n_kept <= MAX_PARTIAL / sizeof *moments)
        return split_axis(moments, pool, array, along, err);
    return split_other(moments, pool, array, along, err);
}

int foray_array_stats_along(struct foray_stats *out, struct foray_pool *pool,
                            const struct foray_array *array, int axis,
                            struct foray_error *err)
{
    struct along along = {.n_kept = 1};
    struct foray__moments *moments;
    int code;

    FORAY_TRY(foray__array_number(&along.number, array, "stats", err));
    FORAY_TRY(check_axis(&axis, array, err));
    along.axis = axis;
    for (int k = 0; k < array->ndim; k++)
        if (k != axis)
            along.n_kept *= array->shape[k];
    moments = calloc(along.n_kept + 1, sizeof *moments);
    if (!moments)
        return foray__fail(err, FORAY_ENOMEM,
                           "no memory for the statistics of %zu positions",
                           along.n_kept);
    code = collect(moments, pool, array, &along, err);
    for (size_t i = 0; !code && i < along.n_kept; i++)
        foray__moments_finish(&out[i], &moments[i], along.number);
    free(moments);
    return code;
}
