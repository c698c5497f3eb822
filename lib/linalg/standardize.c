/* Columns of mean 0 and standard deviation 1. */
#include <foray/linalg.h>

#include <stdbool.h>
#include <stdlib.h>

#include <foray/map.h>
#include <foray/stats.h>

#include "base/error.h"
#include "linalg/matrices.h"

/* Row 0 of `scale`: means; row 1: what a distance from them is divided by. */
static int scale_row(const struct foray_array *y, const struct foray_array *x,
                     const struct foray_array *scale, double *row, size_t i,
                     struct foray_error *err)
{
    struct foray_array in, out, line;

    FORAY_TRY(foray_array_index(&in, x, 0, i, err));
    FORAY_TRY(foray_array_index(&out, y, 0, i, err));
    FORAY_TRY(foray_array_wrap(&line, row, FORAY_F64, 1, x->shape + 1, err));
    FORAY_TRY(foray_array_copy(&line, &in, err));
    for (size_t j = 0; j < x->shape[1]; j++)
        row[j] = (row[j] - FORAY_AT(scale, double, 0, j)) /
                 FORAY_AT(scale, double, 1, j);
    return foray_array_copy(&out, &line, err);
}

static int scale_rows(struct foray_task *task, const struct foray_array *y,
                      const struct foray_array *x)
{
    double *row = malloc((x->shape[1] + 1) * sizeof *row);
    struct foray_error err;
    int code = 0;

    if (!row)
        return foray_task_fail(task, "no memory for a row");
    for (size_t i = 0; i < x->shape[0] && !code; i++)
        code = scale_row(y, x, foray_task_whole(task, 0), row, i, &err);
    free(row);
    return code ? foray_task_raise(task, &err) : 0;
}

static int scale_apart(struct foray_task *task)
{
    return scale_rows(task, foray_task_out(task, 0), foray_task_in(task, 0));
}

static int scale_in_place(struct foray_task *task)
{
    const struct foray_array *x = foray_task_inout(task, 0);

    return scale_rows(task, x, x);
}

static int find_scale(double *scale, struct foray_pool *pool,
                      const struct foray_array *x, struct foray_error *err)
{
    size_t n_cols = x->shape[1];
    struct foray_stats *stats = calloc(n_cols + 1, sizeof *stats);
    int code;

    if (!stats)
        return foray__fail(err, FORAY_ENOMEM,
                           "no memory for the statistics of %zu columns",
                           n_cols);
    code = foray_array_stats_along(stats, pool, x, 0, err);
    for (size_t j = 0; !code && j < n_cols; j++) {
        scale[j] = stats[j].mean;
        scale[n_cols + j] = stats[j].std > 0 ? stats[j].std : 1;
    }
    free(stats);
    return code;
}

static bool is_same_view(const struct foray_array *x,
                         const struct foray_array *y)
{
    return x->data == y->data && x->strides[0] == y->strides[0] &&
           x->strides[1] == y->strides[1] && x->swapped == y->swapped;
}

static int run(struct foray_pool *pool, const struct foray_array *x,
               const struct foray_array *y, const struct foray_array *scale,
               struct foray_error *err)
{
    struct foray_map apart = {.fn = scale_apart,
                              .in = {x},
                              .out = {y},
                              .whole = {scale},
                              .on_error = FORAY_STOP};
    struct foray_map in_place = {.fn = scale_in_place,
                                 .inout = {y},
                                 .whole = {scale},
                                 .on_error = FORAY_STOP};

    return foray_map(pool, is_same_view(x, y) ? &in_place : &apart, NULL, err);
}

int foray_standardize(struct foray_pool *pool, const struct foray_array *x,
                      const struct foray_array *y, struct foray_error *err)
{
    const struct foray_array *apart = NULL;
    size_t shape[2] = {2, 0};
    struct foray_array scale;
    double *numbers;
    int code;

    FORAY_TRY(foray__check_matrix(x, "the matrix", err));
    if (y->ndim != 2 || !is_same_view(x, y))
        apart = x;
    FORAY_TRY(foray__check_result(y, "the standardized matrix", x->dtype,
                                  x->shape[0], x->shape[1], &apart, 1, err));
    shape[1] = x->shape[1];
    numbers = calloc(2 * x->shape[1] + 1, sizeof *numbers);
    if (!numbers)
        return foray__fail(err, FORAY_ENOMEM, "no memory for %zu columns",
                           x->shape[1]);
    code = foray_array_wrap(&scale, numbers, FORAY_F64, 2, shape, err);
    if (!code)
        code = find_scale(numbers, pool, x, err);
    if (!code)
        code = run(pool, x, y, &scale, err);
    free(numbers);
    return code;
}
