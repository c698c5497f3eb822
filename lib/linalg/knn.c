/* Nearest rows: the runs that find them; see search.h. */
#include <foray/linalg.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <foray/map.h>
#include <foray/storage.h>

#include "base/error.h"
#include "linalg/matrices.h"
#include "linalg/search.h"

enum { QUERIES = 256 }; /* of a task, at most */

/* Squared lengths, and that they are finite. */
static int measure_rows(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    double *squares = foray_task_out(task, 0)->data;
    double *row = malloc((x->shape[1] + 1) * sizeof *row);
    struct foray_error err;
    int code = 0;

    if (!row)
        return foray_task_fail(task, "no memory for a row");
    for (size_t i = 0; i < x->shape[0] && !code; i++) {
        struct foray_array from, to;

        if (foray_array_index(&from, x, 0, i, &err) ||
            foray_array_wrap(&to, row, FORAY_F64, 1, x->shape + 1, &err) ||
            foray_array_copy(&to, &from, &err)) {
            code = foray_task_raise(task, &err);
            break;
        }
        squares[i] = 0;
        for (size_t j = 0; j < x->shape[1]; j++)
            squares[i] += row[j] * row[j];
        if (!isfinite(squares[i])) {
            foray__fail(&err, FORAY_ERANGE,
                        "row %zu holds NaN, an infinity, or numbers whose "
                        "squares overflow: it has no distances",
                        foray_task_slice(task).start + i);
            code = foray_task_raise(task, &err);
        }
    }
    free(row);
    return code;
}

static int find_squares(struct foray_array *squares, struct foray_pool *pool,
                        const struct foray_array *x, struct foray_error *err)
{
    struct foray_map map = {.fn = measure_rows,
                            .in = {x},
                            .out = {squares},
                            .on_error = FORAY_STOP};
    int code;

    FORAY_TRY(foray_array_create(squares, NULL, FORAY_F64, 1, x->shape, err));
    code = foray_map(pool, &map, NULL, err);
    if (code)
        foray_array_close(squares, NULL);
    return code;
}

static int check(struct foray__search *search, const struct foray_array *x,
                 const struct foray_array *query,
                 const struct foray_array *indices,
                 const struct foray_array *distances, struct foray_error *err)
{
    const struct foray_array *inputs[3] = {x, query, distances};
    size_t n = query->shape[0], most = x->shape[0];

    if (query->shape[1] != x->shape[1])
        return foray__fail(err, FORAY_ESHAPE,
                           "the rows have %zu elements, the queries %zu",
                           x->shape[1], query->shape[1]);
    if (search->among_themselves && most)
        most--;
    if (indices->ndim != 2 || !indices->shape[1] || indices->shape[1] > most)
        return foray__fail(
            err, FORAY_ERANGE,
            "%zu nearest rows are asked for, and there are %zu%s",
            indices->ndim == 2 ? indices->shape[1] : 0, most,
            search->among_themselves ? " others" : "");
    search->k = indices->shape[1];
    FORAY_TRY(foray__check_result(indices, "the array of indices", FORAY_I64, n,
                                  search->k, inputs, 3, err));
    return foray__check_result(distances, "the array of distances",
                               search->dtype, n, search->k, inputs, 2, err);
}

static size_t queries_of_a_task(size_t k)
{
    size_t n = 65536 / k;

    return n > QUERIES ? QUERIES : n < 16 ? 16 : n;
}

static int run(struct foray_pool *pool, const struct foray__search *search,
               const struct foray_array *x, const struct foray_array *query,
               const struct foray_array *indices,
               const struct foray_array *distances, struct foray_error *err)
{
    struct foray_array row_squares = {0}, query_squares = {0};
    struct foray_map map = {.fn = foray__search_nearest,
                            .in = {query, &row_squares},
                            .out = {indices, distances},
                            .whole = {x, &row_squares},
                            .chunk = queries_of_a_task(search->k),
                            .params = search,
                            .params_size = sizeof *search,
                            .on_error = FORAY_STOP};
    int code;

    FORAY_TRY(find_squares(&row_squares, pool, x, err));
    code = 0;
    if (!search->among_themselves) {
        map.in[1] = &query_squares;
        code = find_squares(&query_squares, pool, query, err);
    }
    if (!code)
        code = foray_map(pool, &map, NULL, err);
    foray_array_close(&query_squares, NULL);
    foray_array_close(&row_squares, NULL);
    return code;
}

int foray_knn(struct foray_pool *pool, const struct foray_array *x,
              const struct foray_array *query, enum foray_metric metric,
              const struct foray_array *indices,
              const struct foray_array *distances, struct foray_error *err)
{
    struct foray__search search = {.metric = metric,
                                   .among_themselves = !query};

    if (!query)
        query = x;
    FORAY_TRY(foray__check_matrix(x, "the matrix", err));
    FORAY_TRY(foray__check_matrix(query, "the matrix of queries", err));
    search.dtype = foray__product_dtype(x, query);
    search.rounding =
        ((double)x->shape[1] + 16) *
        (search.dtype == FORAY_F64 ? DBL_EPSILON : (double)FLT_EPSILON);
    FORAY_TRY(check(&search, x, query, indices, distances, err));
    return run(pool, &search, x, query, indices, distances, err);
}
