/* Nearest rows: a task takes a slice of the queries and goes over all rows in
 * blocks. The product of both gives each distance but for what it rounded;
 * rows that may be among the nearest for all that is known are kept, and their
 * distances summed up in the end. */
#include <foray/linalg.h>

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <foray/map.h>
#include <foray/storage.h>

#include "base/error.h"
#include "linalg/gemm.h"
#include "linalg/matrices.h"
#include "linalg/nearest.h"

enum { QUERIES = 256, ROWS = 1024 }; /* of a task; of a block */

struct search {
    size_t k;
    enum foray_metric metric;
    enum foray_dtype dtype; /* of the products */
    bool among_themselves;  /* the queries are the rows */
    double rounding;        /* of a product, relative to both lengths */
};

/* What a task works with. */
struct knn {
    const struct search *search;
    struct foray_array rows, queries;
    const double *row_squares, *query_squares;
    size_t first;                   /* query of the slice */
    struct foray__nearest *nearest; /* of each query */
    struct foray__gemm gemm;
    void *products;      /* queries x ROWS, of the dtype */
    void *shares;        /* ROWS, of the dtype */
    double *query, *row; /* one of each, as f64 */
};

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

/* One over a row's length, 0 of a row of zeros. */
static double inverse_length(double square)
{
    return square > 0 ? 1 / sqrt(square) : 0;
}

/* What the product tells of the distance of a query and a row: it lies within
 * `slack` of the value returned. Euclidean distances are squared. */
static double estimate(const struct search *search, double product,
                       double query_square, double row_square, double *slack)
{
    if (search->metric == FORAY_EUCLIDEAN) {
        *slack = search->rounding * (query_square + row_square);
        return query_square + row_square - 2 * product;
    }
    *slack = search->rounding;
    return 1 -
           product * inverse_length(query_square) * inverse_length(row_square);
}

/* The distance of two rows, squared if it is Euclidean, each sum in lanes that
 * become vectors. */
static double measure(const struct knn *knn, double query_square,
                      double row_square)
{
    enum { LANES = 8 };
    bool is_euclidean = knn->search->metric == FORAY_EUCLIDEAN;
    size_t d = knn->rows.shape[1], j = 0;
    double lanes[LANES] = {0}, sum = 0;

    for (; d - j >= LANES; j += LANES)
        for (size_t k = 0; k < LANES; k++) {
            double x = knn->query[j + k], y = knn->row[j + k];

            lanes[k] += is_euclidean ? (x - y) * (x - y) : x * y;
        }
    for (size_t k = 0; j < d; j++, k++) {
        double x = knn->query[j], y = knn->row[j];

        lanes[k] += is_euclidean ? (x - y) * (x - y) : x * y;
    }
    for (int k = 0; k < LANES; k++)
        sum += lanes[k];
    return is_euclidean ? sum
                        : 1 - sum * inverse_length(query_square) *
                                  inverse_length(row_square);
}

static int read_row(double *out, const struct foray_array *matrix, size_t i,
                    struct foray_error *err)
{
    struct foray_array from, to;

    FORAY_TRY(foray_array_index(&from, matrix, 0, i, err));
    FORAY_TRY(foray_array_wrap(&to, out, FORAY_F64, 1, matrix->shape + 1, err));
    return foray_array_copy(&to, &from, err);
}

/* Replace the bounds of a query's candidates by the distances. */
static int settle(struct knn *knn, size_t q, struct foray_error *err)
{
    struct foray__nearest *nearest = &knn->nearest[q];

    FORAY_TRY(read_row(knn->query, &knn->queries, q, err));
    for (size_t i = 0; i < nearest->n; i++) {
        struct foray__candidate *candidate = &nearest->candidates[i];
        size_t row = (size_t)candidate->index;

        FORAY_TRY(read_row(knn->row, &knn->rows, row, err));
        candidate->low = candidate->high =
            measure(knn, knn->query_squares[q], knn->row_squares[row]);
    }
    foray__nearest_settle(nearest);
    return 0;
}

/* Take a row if it may be near enough. */
static int consider(struct knn *knn, size_t q, size_t row, double product,
                    struct foray_error *err)
{
    struct foray__nearest *nearest = &knn->nearest[q];
    double slack, value = estimate(knn->search, product, knn->query_squares[q],
                                   knn->row_squares[row], &slack);

    if (value - slack > nearest->limit ||
        (knn->search->among_themselves && row == knn->first + q))
        return 0;
    if (foray__nearest_take(nearest, value - slack, value + slack,
                            (int64_t)row))
        return 0;
    FORAY_TRY(settle(knn, q, err));
    if (value - slack <= nearest->limit)
        (void)foray__nearest_take(nearest, value - slack, value + slack,
                                  (int64_t)row);
    return 0;
}

/* How large a product must be for the lower bound of its row's distance not to
 * be above the limit: `least` plus the row's share, or times it (cosine). */
static double least_product(const struct search *search, double query_square,
                            double limit)
{
    if (search->metric == FORAY_EUCLIDEAN)
        return ((1 - search->rounding) * query_square - limit) / 2;
    return (1 - search->rounding - limit) * sqrt(query_square);
}

static double share_of(const struct search *search, double row_square)
{
    if (search->metric == FORAY_EUCLIDEAN)
        return (1 - search->rounding) * row_square / 2;
    return sqrt(row_square);
}

/* Go over the products of a block. Of most rows a few comparisons side by side
 * show that they are not near. Thresholds are rounded to the type of the
 * products: what that changes is well within `rounding`. */
#define DEFINE_SCAN(name, type)                                                \
    static bool may_be_near_##name(const type *products, const type *shares,   \
                                   type least, bool adds)                      \
    {                                                                          \
        int any = 0;                                                           \
                                                                               \
        if (adds)                                                              \
            for (int k = 0; k < STEP; k++)                                     \
                any |= products[k] >= least + shares[k];                       \
        else                                                                   \
            for (int k = 0; k < STEP; k++)                                     \
                any |= products[k] >= least * shares[k];                       \
        return any;                                                            \
    }                                                                          \
                                                                               \
    static int scan_##name(struct knn *knn, size_t q, size_t first, size_t n,  \
                           struct foray_error *err)                            \
    {                                                                          \
        const type *products = (const type *)knn->products + q * n;            \
        const type *shares = knn->shares;                                      \
        bool adds = knn->search->metric == FORAY_EUCLIDEAN;                    \
                                                                               \
        for (size_t j = 0; j < n; j += STEP) {                                 \
            size_t m = n - j < STEP ? n - j : STEP;                            \
            double limit = knn->nearest[q].limit;                              \
                                                                               \
            if (m == STEP && limit < INFINITY &&                               \
                !may_be_near_##name(products + j, shares + j,                  \
                                    (type)least_product(knn->search,           \
                                                        knn->query_squares[q], \
                                                        limit),                \
                                    adds))                                     \
                continue;                                                      \
            for (size_t k = j; k < j + m; k++)                                 \
                FORAY_TRY(                                                     \
                    consider(knn, q, first + k, (double)products[k], err));    \
        }                                                                      \
        return 0;                                                              \
    }                                                                          \
                                                                               \
    static void share_##name(struct knn *knn, size_t first, size_t n)          \
    {                                                                          \
        for (size_t j = 0; j < n; j++)                                         \
            ((type *)knn->shares)[j] =                                         \
                (type)share_of(knn->search, knn->row_squares[first + j]);      \
    }

enum { STEP = 32 };

DEFINE_SCAN(f64, double)
DEFINE_SCAN(f32, float)

/* All rows, block by block. */
static int search_rows(struct knn *knn, const struct foray_task *task,
                       struct foray_error *err)
{
    size_t n_queries = knn->queries.shape[0], n_rows = knn->rows.shape[0];
    bool is_f64 = knn->search->dtype == FORAY_F64;

    for (size_t first = 0; first < n_rows; first += ROWS) {
        struct foray_array block =
            foray__block(&knn->rows, first, ROWS, 0, SIZE_MAX);
        size_t n = block.shape[0];
        struct foray_array products;

        if (foray_task_cancelled(task))
            return foray__fail(err, FORAY_ECANCELED, "the run ended");
        block = foray__transposed(&block);
        FORAY_TRY(foray_array_wrap(&products, knn->products, knn->search->dtype,
                                   2, (size_t[]){n_queries, n}, err));
        FORAY_TRY(
            foray__gemm(&knn->gemm, &products, &knn->queries, &block, err));
        (is_f64 ? share_f64 : share_f32)(knn, first, n);
        for (size_t q = 0; q < n_queries; q++)
            FORAY_TRY((is_f64 ? scan_f64 : scan_f32)(knn, q, first, n, err));
    }
    return 0;
}

/* One query's nearest rows, into its rows of the results. */
static int write_result(const struct foray_array *indices,
                        const struct foray_array *distances,
                        const struct knn *knn, size_t q, void *buffer,
                        struct foray_error *err)
{
    const struct foray__nearest *nearest = &knn->nearest[q];
    size_t k = knn->search->k;
    struct foray_array row, out;
    int64_t *numbers = buffer;
    double *lengths = buffer;

    for (size_t i = 0; i < k; i++)
        numbers[i] = nearest->candidates[i].index;
    FORAY_TRY(foray_array_wrap(&row, buffer, FORAY_I64, 1, &k, err));
    FORAY_TRY(foray_array_index(&out, indices, 0, q, err));
    FORAY_TRY(foray_array_copy(&out, &row, err));
    for (size_t i = 0; i < k; i++) {
        double value = nearest->candidates[i].low;

        lengths[i] =
            knn->search->metric == FORAY_EUCLIDEAN ? sqrt(value) : value;
    }
    FORAY_TRY(foray_array_wrap(&row, buffer, FORAY_F64, 1, &k, err));
    FORAY_TRY(foray_array_index(&out, distances, 0, q, err));
    return foray_array_copy(&out, &row, err);
}

static bool begin(struct knn *knn)
{
    size_t n = knn->queries.shape[0], d = knn->rows.shape[1];
    size_t size = foray_dtype_size(knn->search->dtype);
    bool is_there;

    knn->nearest = calloc(n + 1, sizeof *knn->nearest);
    knn->products = aligned_alloc(64, n * ROWS * size);
    knn->shares = aligned_alloc(64, ROWS * size);
    knn->query = malloc((d + 1) * sizeof *knn->query);
    knn->row = malloc((d + 1) * sizeof *knn->row);
    is_there =
        knn->nearest && knn->products && knn->shares && knn->query && knn->row;
    for (size_t q = 0; is_there && q < n; q++)
        is_there = foray__nearest_begin(&knn->nearest[q], knn->search->k);
    return is_there;
}

static void end(struct knn *knn)
{
    for (size_t q = 0; knn->nearest && q < knn->queries.shape[0]; q++)
        foray__nearest_end(&knn->nearest[q]);
    foray__gemm_free(&knn->gemm);
    free(knn->nearest);
    free(knn->products);
    free(knn->shares);
    free(knn->query);
    free(knn->row);
}

static int search_and_write(struct knn *knn, struct foray_task *task,
                            struct foray_error *err)
{
    void *buffer = malloc(knn->search->k * sizeof(double));
    int code;

    if (!buffer)
        return foray__fail(err, FORAY_ENOMEM, "no memory for the nearest rows");
    code = search_rows(knn, task, err);
    for (size_t q = 0; q < knn->queries.shape[0] && !code; q++) {
        code = settle(knn, q, err);
        if (!code)
            code = write_result(foray_task_out(task, 0),
                                foray_task_out(task, 1), knn, q, buffer, err);
    }
    free(buffer);
    return code;
}

static int find_nearest(struct foray_task *task)
{
    struct knn knn = {
        .search = foray_task_params(task),
        .queries = *foray_task_in(task, 0),
        .query_squares = foray_task_in(task, 1)->data,
        .rows = *foray_task_whole(task, 0),
        .row_squares = foray_task_whole(task, 1)->data,
        .first = foray_task_slice(task).start,
    };
    struct foray_error err;
    int code;

    foray__one_thread_begin();
    code = begin(&knn) ? search_and_write(&knn, task, &err)
                       : foray__fail(&err, FORAY_ENOMEM,
                                     "no memory for a search of %zu rows",
                                     knn.search->k);
    foray__one_thread_end();
    end(&knn);
    return code ? foray_task_raise(task, &err) : 0;
}

static int check(struct search *search, const struct foray_array *x,
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
        return foray__fail(err, FORAY_ERANGE,
                           "the number of nearest rows must be from 1 to %zu",
                           most);
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

static int run(struct foray_pool *pool, const struct search *search,
               const struct foray_array *x, const struct foray_array *query,
               const struct foray_array *indices,
               const struct foray_array *distances, struct foray_error *err)
{
    struct foray_array row_squares = {0}, query_squares = {0};
    struct foray_map map = {.fn = find_nearest,
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
    struct search search = {.metric = metric, .among_themselves = !query};

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
