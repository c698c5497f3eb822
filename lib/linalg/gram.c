/* Gram matrices: a task for each tile on the diagonal or above it, which is
 * stored on both sides. */
#include <foray/linalg.h>

#include <foray/map.h>

#include "base/error.h"
#include "linalg/gemm.h"
#include "linalg/matrices.h"
#include "linalg/tiles.h"

/* Row and column of the index-th tile: the rows lie one behind the other, each
 * from its diagonal on. */
static void locate(size_t *row, size_t *column, size_t index, size_t n)
{
    size_t i = 0;

    while (index >= n - i)
        index -= n - i++;
    *row = i;
    *column = i + index;
}

/* Below the diagonal what is above it: the kernels of BLAS need not give the
 * same bits on both sides. */
static int mirror(const struct foray_array *tile, struct foray_error *err)
{
    for (size_t i = 1; i < tile->shape[0]; i++) {
        struct foray_array below = foray__block(tile, i, 1, 0, i);
        struct foray_array above = foray__block(tile, 0, i, i, 1);

        above = foray__transposed(&above);
        FORAY_TRY(foray_array_copy(&below, &above, err));
    }
    return 0;
}

static int multiply(const struct foray_array *x, const struct foray_array *g,
                    size_t i, size_t j, size_t side, struct foray_error *err)
{
    struct foray_array above = foray__block(g, i, side, j, side);
    struct foray_array below = foray__block(g, j, side, i, side);
    struct foray_array left = foray__block(x, i, side, 0, SIZE_MAX);
    struct foray_array right = foray__block(x, j, side, 0, SIZE_MAX);
    struct foray__gemm gemm = {0};
    int code;

    right = foray__transposed(&right);
    code = foray__gemm(&gemm, &above, &left, &right, err);
    foray__gemm_free(&gemm);
    if (code)
        return code;
    if (i == j)
        return mirror(&above, err);
    below = foray__transposed(&below);
    return foray_array_copy(&below, &above, err);
}

static int multiply_tile(struct foray_task *task)
{
    const struct foray__tiles *tiles = foray_task_params(task);
    struct foray_error err;
    size_t row, column;
    int code;

    locate(&row, &column, foray_task_index(task), tiles->down);
    foray__one_thread_begin();
    code = multiply(foray_task_whole(task, 0), foray_task_whole(task, 1),
                    row * tiles->height, column * tiles->height, tiles->height,
                    &err);
    foray__one_thread_end();
    return code ? foray_task_raise(task, &err) : 0;
}

int foray_gram(struct foray_pool *pool, const struct foray_array *x,
               const struct foray_array *g, struct foray_error *err)
{
    struct foray__tiles tiles;
    struct foray_array used;
    struct foray_for run = {.fn = multiply_tile,
                            .whole = {x, &used},
                            .params = &tiles,
                            .params_size = sizeof tiles,
                            .on_error = FORAY_STOP};
    int code;

    FORAY_TRY(foray__check_matrix(x, "the matrix", err));
    FORAY_TRY(foray__check_result(g, "the Gram matrix", x->dtype, x->shape[0],
                                  x->shape[0], &x, 1, err));
    FORAY_TRY(foray__result_begin(&used, g, err));
    tiles = foray__tiles(x->shape[0], x->shape[0]);
    run.n = tiles.down * (tiles.down + 1) / 2;
    code = foray_for(pool, &run, NULL, err);
    return foray__result_end(&used, g, code, err);
}
