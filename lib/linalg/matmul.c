/* Products of matrices: a task for each tile of the result. */
#include <foray/linalg.h>

#include <foray/map.h>

#include "base/error.h"
#include "linalg/gemm.h"
#include "linalg/matrices.h"
#include "linalg/tiles.h"

static int multiply_tile(struct foray_task *task)
{
    const struct foray__tiles *tiles = foray_task_params(task);
    size_t i = foray_task_index(task) / tiles->across * tiles->height;
    size_t j = foray_task_index(task) % tiles->across * tiles->width;
    struct foray_array a =
        foray__block(foray_task_whole(task, 0), i, tiles->height, 0, SIZE_MAX);
    struct foray_array b =
        foray__block(foray_task_whole(task, 1), 0, SIZE_MAX, j, tiles->width);
    struct foray_array c = foray__block(foray_task_whole(task, 2), i,
                                        tiles->height, j, tiles->width);
    struct foray__gemm gemm = {0};
    struct foray_error err;
    int code;

    foray__one_thread_begin();
    code = foray__gemm(&gemm, &c, &a, &b, &err);
    foray__one_thread_end();
    foray__gemm_free(&gemm);
    return code ? foray_task_raise(task, &err) : 0;
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

int foray_matmul(struct foray_pool *pool, const struct foray_array *a,
                 const struct foray_array *b, const struct foray_array *c,
                 struct foray_error *err)
{
    struct foray__tiles tiles;
    struct foray_array used;
    struct foray_for run = {.fn = multiply_tile,
                            .whole = {a, b, &used},
                            .params = &tiles,
                            .params_size = sizeof tiles,
                            .on_error = FORAY_STOP};
    int code;

    FORAY_TRY(check(a, b, c, err));
    FORAY_TRY(foray__result_begin(&used, c, err));
    tiles = foray__tiles(c->shape[0], c->shape[1]);
    run.n = tiles.down * tiles.across;
    code = foray_for(pool, &run, NULL, err);
    return foray__result_end(&used, c, code, err);
}
