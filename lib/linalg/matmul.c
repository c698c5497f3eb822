/* Products of matrices: a task for each tile of the result. */
#include <foray/linalg.h>

#include <foray/map.h>

#include "base/error.h"
#include "linalg/gemm.h"
#include "linalg/matrices.h"
#include "linalg/tiles.h"

/* Of a block (rows, cols, depth) the matrix without the axis that is only
 * repeated. */
static struct foray_array without(const struct foray_array *block, int axis)
{
    struct foray_array matrix = *block;

    matrix.ndim = 2;
    for (int k = axis; k < 2; k++) {
        matrix.shape[k] = block->shape[k + 1];
        matrix.strides[k] = block->strides[k + 1];
    }
    return matrix;
}

static int multiply_tile(struct foray_task *task)
{
    struct foray_array a = without(foray_task_in(task, 0), 1);
    struct foray_array b = without(foray_task_in(task, 1), 0);
    struct foray_array c = without(foray_task_out(task, 0), 2);
    struct foray__gemm gemm = {0};
    struct foray_error err;
    int code;

    b = foray__transposed(&b);
    foray__one_thread_begin();
    code = foray__gemm(&gemm, &c, &a, &b, &err);
    foray__one_thread_end();
    foray__gemm_free(&gemm);
    return code ? foray_task_raise(task, &err) : 0;
}

/* The matrix with an axis of length 1 more. */
static struct foray_array with_axis(const struct foray_array *matrix, int axis)
{
    struct foray_array array = *matrix;

    array.ndim = 3;
    for (int k = 2; k > axis; k--) {
        array.shape[k] = array.shape[k - 1];
        array.strides[k] = array.strides[k - 1];
    }
    array.shape[axis] = 1;
    array.strides[axis] = (ptrdiff_t)array.itemsize;
    return array;
}

static int check(const struct foray_array *a, const struct foray_array *b,
                 const struct foray_array *c, struct foray_error *err)
{
    FORAY_TRY(foray__check_matrix(a, "the left matrix", err));
    FORAY_TRY(foray__check_matrix(b, "the right matrix", err));
    if (a->shape[1] != b->shape[0])
        return foray__fail(err, FORAY_ESHAPE,
                           "matrices of (%zu, %zu) and (%zu, %zu) have no "
                           "product: the inner lengths differ",
                           a->shape[0], a->shape[1], b->shape[0], b->shape[1]);
    return foray__check_result(c, "the product", foray__product_dtype(a, b),
                               a->shape[0], b->shape[1],
                               (const struct foray_array *[]){a, b}, 2, err);
}

/* Axes of all three are (rows, cols, depth), cut along rows and cols: blocks of
 * a are the same for all cols, those of b for all rows. */
int foray_matmul(struct foray_pool *pool, const struct foray_array *a,
                 const struct foray_array *b, const struct foray_array *c,
                 struct foray_error *err)
{
    struct foray_array left, right, product;
    struct foray__tiles tiles;
    struct foray_map map = {
        .fn = multiply_tile,
        .in = {&left, &right},
        .out = {&product},
        .blocks = {.n_axes = 2, .axes = {0, 1}, .broadcast = true},
        .on_error = FORAY_STOP};

    FORAY_TRY(check(a, b, c, err));
    tiles = foray__tiles(c->shape[0], c->shape[1]);
    map.blocks.chunks[0] = tiles.height;
    map.blocks.chunks[1] = tiles.width;
    left = with_axis(a, 1);
    right = foray__transposed(b);
    right = with_axis(&right, 0);
    product = with_axis(c, 2);
    return foray_map(pool, &map, NULL, err);
}
