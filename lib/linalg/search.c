#include "linalg/search.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "linalg/gemm.h"
#include "linalg/matrices.h"
#include "linalg/nearest.h"

enum { ROWS = 1024 }; /* of a block */

/* What a task works with. */
struct knn {
    const struct foray__search *search;
    struct foray_array rows, queries;
    const double *row_squares, *query_squares;
    size_t first;                   /* query of the slice */
    struct foray__nearest *nearest; /* of each query */
    struct foray__gemm gemm;
    void *products;      /* queries x ROWS, of the dtype */
    void *shares;        /* ROWS, of the dtype */
    double *query, *row; /* one of each, as f64 */
};

/* One over a row's length, 0 of a row of zeros. */
static double inverse_length(double square)
{
    return square > 0 ? 1 / sqrt(square) : 0;
}

/* What the product tells of the distance of a query and a row: it lies within
 * `slack` of the value returned. Euclidean distances are squared. */
static double estimate(const struct foray__search *search, double product,
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
static double measure(const struct knn *knn, const double *query,
                      const double *row, double query_square, double row_square)
{
    enum { LANES = 8 };
    bool is_euclidean = knn->search->metric == FORAY_EUCLIDEAN;
    size_t d = knn->rows.shape[1], j = 0;
    double lanes[LANES] = {0}, sum = 0;

    for (; d - j >= LANES; j += LANES)
        for (size_t k = 0; k < LANES; k++) {
            double x = query[j + k], y = row[j + k];

            lanes[k] += is_euclidean ? (x - y) * (x - y) : x * y;
        }
    for (size_t k = 0; j < d; j++, k++) {
        double x = query[j], y = row[j];

        lanes[k] += is_euclidean ? (x - y) * (x - y) : x * y;
    }
    for (int k = 0; k < LANES; k++)
        sum += lanes[k];
    return is_euclidean ? sum
                        : 1 - sum * inverse_length(query_square) *
                                  inverse_length(row_square);
}

static bool is_plain(const struct foray_array *row)
{
    return row->dtype == FORAY_F64 && !row->swapped &&
           row->strides[0] == sizeof(double) &&
           (uintptr_t)row->data % _Alignof(double) == 0;
}

/* A row as f64: where it lies, if it is, else copied to `room`. */
static int read_row(const double **out, double *room,
                    const struct foray_array *matrix, size_t i,
                    struct foray_error *err)
{
    struct foray_array from, to;

    FORAY_TRY(foray_array_index(&from, matrix, 0, i, err));
    *out = from.data;
    if (is_plain(&from))
        return 0;
    *out = room;
    FORAY_TRY(
        foray_array_wrap(&to, room, FORAY_F64, 1, matrix->shape + 1, err));
    return foray_array_copy(&to, &from, err);
}

/* Replace the bounds of a query's candidates by the distances. */
static int settle(struct knn *knn, size_t q, struct foray_error *err)
{
    struct foray__nearest *nearest = &knn->nearest[q];
    const double *query;

    foray__nearest_thin(nearest);
    FORAY_TRY(read_row(&query, knn->query, &knn->queries, q, err));
    for (size_t i = 0; i < nearest->n; i++) {
        struct foray__candidate *candidate = &nearest->candidates[i];
        size_t index = (size_t)candidate->index;
        const double *row;

        FORAY_TRY(read_row(&row, knn->row, &knn->rows, index, err));
        candidate->low = candidate->high = measure(
            knn, query, row, knn->query_squares[q], knn->row_squares[index]);
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
static double least_product(const struct foray__search *search,
                            double query_square, double limit)
{
    if (search->metric == FORAY_EUCLIDEAN)
        return ((1 - search->rounding) * query_square - limit) / 2;
    return (1 - search->rounding - limit) * sqrt(query_square);
}

static double share_of(const struct foray__search *search, double row_square)
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
            size_t end = n - j < STEP ? n : j + STEP;                          \
            double limit = knn->nearest[q].limit;                              \
            type least = (type)least_product(knn->search,                      \
                                             knn->query_squares[q], limit);    \
                                                                               \
            if (end == j + STEP && limit < INFINITY &&                         \
                !may_be_near_##name(products + j, shares + j, least, adds))    \
                continue;                                                      \
            for (size_t k = j; k < end; k++)                                   \
                if (limit == INFINITY ||                                       \
                    products[k] >=                                             \
                        (adds ? least + shares[k] : least * shares[k]))        \
                    FORAY_TRY(consider(knn, q, first + k, (double)products[k], \
                                       err));                                  \
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

int foray__search_nearest(struct foray_task *task)
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
