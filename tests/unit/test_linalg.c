/* Products, Gram matrices, nearest rows and standardized columns, against what
 * the definitions say. */
#include "helpers.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>
#include <foray/linalg.h>

#include "every_pool.h"
#include "linalg/nearest.h"

static uint32_t seed = 1;

static double next(void)
{
    seed = seed * 1664525 + 1013904223;
    return (double)(seed >> 8) / (1 << 24) - 0.5;
}

/* How the elements of a matrix lie. */
enum layout { ROWS, COLUMNS, STRIDED, BACKWARDS, SWAPPED, N_LAYOUTS };

/* A matrix in shared memory, its elements between -0.5 and 0.5; *base is to be
 * closed. */
static struct foray_array matrix(struct foray_array *base, size_t n, size_t m,
                                 enum foray_dtype dtype, enum layout layout)
{
    bool is_strided = layout == STRIDED;
    size_t shape[2] = {n, is_strided ? 3 * m : m};
    struct foray_array view, from;
    struct foray_error err;
    double *values = malloc((n * m + 1) * sizeof *values);

    assert_non_null(values);
    if (layout == COLUMNS) {
        shape[0] = m;
        shape[1] = n;
    }
    assert_ok(foray_array_create(base, NULL, dtype, 2, shape, &err), err);
    base->swapped = layout == SWAPPED;
    view = *base;
    if (layout == COLUMNS)
        assert_ok(foray_array_transpose(&view, &view, NULL, &err), err);
    if (is_strided)
        assert_ok(foray_array_slice(&view, &view, 1, 1, FORAY_TO_END, 3, &err),
                  err);
    if (layout == BACKWARDS)
        assert_ok(foray_array_slice(&view, &view, 0, PTRDIFF_MAX - 1,
                                    FORAY_TO_END, -1, &err),
                  err);
    for (size_t i = 0; i < n * m; i++)
        values[i] = next();
    assert_ok(foray_array_wrap(&from, values, FORAY_F64, 2, view.shape, &err),
              err);
    assert_ok(foray_array_copy(&view, &from, &err), err);
    free(values);
    return view;
}

/* Elements as f64, one row behind the other. Owner: the caller. */
static double *values_of(const struct foray_array *array)
{
    double *values = malloc((foray_array_nitems(array) + 1) * sizeof *values);
    struct foray_array to;
    struct foray_error err;

    assert_non_null(values);
    assert_ok(foray_array_wrap(&to, values, FORAY_F64, array->ndim,
                               array->shape, &err),
              err);
    assert_ok(foray_array_copy(&to, array, &err), err);
    return values;
}

static void check_product(const struct foray_array *c,
                          const struct foray_array *a,
                          const struct foray_array *b)
{
    size_t n = c->shape[0], m = c->shape[1], d = a->shape[1];
    double *x = values_of(a), *y = values_of(b), *z = values_of(c);
    double tolerance = c->dtype == FORAY_F64 ? 1e-12 : 1e-4;

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) {
            double sum = 0;

            for (size_t k = 0; k < d; k++)
                sum += x[i * d + k] * y[k * m + j];
            assert_close(z[i * m + j], sum, tolerance);
        }
    free(x);
    free(y);
    free(z);
}

static void test_products_of_every_layout(void **state)
{
    (void)state;
    for (int k = 0; k < N_LAYOUTS * N_LAYOUTS * N_LAYOUTS; k++) {
        enum foray_dtype left = k % 2 ? FORAY_F32 : FORAY_F64;
        enum foray_dtype right = k % 3 ? FORAY_F32 : FORAY_F64;
        enum foray_dtype result = k % 2 && k % 3 ? FORAY_F32 : FORAY_F64;
        struct foray_array bases[3], a, b, c;
        struct foray_error err;

        a = matrix(&bases[0], 37, 19, left, k % N_LAYOUTS);
        b = matrix(&bases[1], 19, 150, right, k / N_LAYOUTS % N_LAYOUTS);
        c = matrix(&bases[2], 37, 150, result, k / N_LAYOUTS / N_LAYOUTS);
        assert_ok(foray_matmul(every_pool[k % N_EVERY_POOL], &a, &b, &c, &err),
                  err);
        check_product(&c, &a, &b);
        for (int i = 0; i < 3; i++)
            assert_int_equal(foray_array_close(&bases[i], NULL), 0);
    }
}

/* More than one tile, depths of more than one part, private memory, no
 * elements. */
static void test_products_of_every_size(void **state)
{
    static const size_t sizes[][3] = {{300, 2, 270}, {1, 9000, 1}, {5, 0, 7},
                                      {0, 4, 3},     {3, 4, 0},    {1, 1, 1},
                                      {130, 5000, 2}};

    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct foray_array bases[2], a, b, c, other;
        struct foray_error err;
        size_t shape[2] = {sizes[s][0], sizes[s][2]};
        double *x = calloc(2 * (shape[0] * shape[1] + 1), sizeof *x);

        assert_non_null(x);
        a = matrix(&bases[0], sizes[s][0], sizes[s][1], FORAY_F64, ROWS);
        b = matrix(&bases[1], sizes[s][1], sizes[s][2], FORAY_F64, ROWS);
        assert_ok(foray_array_wrap(&c, x, FORAY_F64, 2, shape, &err), err);
        memset(x, 0x55, shape[0] * shape[1] * sizeof *x);
        assert_ok(foray_matmul(every_pool[0], &a, &b, &c, &err), err);
        check_product(&c, &a, &b);
        assert_ok(foray_array_wrap(&other, x + shape[0] * shape[1], FORAY_F64,
                                   2, shape, &err),
                  err);
        for (int p = 1; p < N_EVERY_POOL; p++) {
            assert_ok(foray_matmul(every_pool[p], &a, &b, &other, &err), err);
            assert_memory_equal(other.data, c.data, foray_array_nbytes(&c));
        }
        free(x);
        for (int i = 0; i < 2; i++)
            assert_int_equal(foray_array_close(&bases[i], NULL), 0);
    }
}

static void test_gram(void **state)
{
    (void)state;
    for (int layout = 0; layout < N_LAYOUTS; layout++) {
        struct foray_array bases[2], x, transposed, g;
        struct foray_error err;
        double *values;

        x = matrix(&bases[0], 290, 33, FORAY_F32, layout);
        g = matrix(&bases[1], 290, 290, FORAY_F32, layout);
        assert_ok(foray_gram(every_pool[layout], &x, &g, &err), err);
        assert_ok(foray_array_transpose(&transposed, &x, NULL, &err), err);
        check_product(&g, &x, &transposed);
        values = values_of(&g);
        for (size_t i = 0; i < 290; i++)
            for (size_t j = 0; j < i; j++)
                assert_true(values[i * 290 + j] == values[j * 290 + i]);
        free(values);
        assert_int_equal(foray_array_close(&bases[0], NULL), 0);
        assert_int_equal(foray_array_close(&bases[1], NULL), 0);
    }
}

/* What nearest rows are, by definition. */
struct neighbour {
    double distance;
    int64_t index;
};

static int compare(const void *a, const void *b)
{
    const struct neighbour *x = a, *y = b;

    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static double distance_of(const double *x, const double *y, size_t d,
                          enum foray_metric metric)
{
    double sum = 0, xx = 0, yy = 0;

    for (size_t k = 0; k < d; k++) {
        sum += metric == FORAY_EUCLIDEAN ? (x[k] - y[k]) * (x[k] - y[k])
                                         : x[k] * y[k];
        xx += x[k] * x[k];
        yy += y[k] * y[k];
    }
    if (metric == FORAY_EUCLIDEAN)
        return sqrt(sum);
    return xx > 0 && yy > 0 ? 1 - sum / (sqrt(xx) * sqrt(yy)) : 1;
}

static void check_neighbours(const struct foray_array *x,
                             const struct foray_array *query,
                             enum foray_metric metric,
                             const struct foray_array *indices,
                             const struct foray_array *distances)
{
    size_t n = x->shape[0], d = x->shape[1], k = indices->shape[1];
    bool among_themselves = !query;
    double *rows = values_of(x);
    double *queries = values_of(query ? query : x);
    double *lengths = values_of(distances);
    struct neighbour *all = calloc(n, sizeof *all);

    assert_non_null(all);
    for (size_t q = 0; q < indices->shape[0]; q++) {
        size_t n_all = 0;

        for (size_t i = 0; i < n; i++)
            if (!among_themselves || i != q)
                all[n_all++] = (struct neighbour){
                    distance_of(queries + q * d, rows + i * d, d, metric),
                    (int64_t)i};
        qsort(all, n_all, sizeof *all, compare);
        for (size_t i = 0; i < k; i++) {
            int64_t found = FORAY_AT(indices, int64_t, q, i);

            assert_close(lengths[q * k + i], all[i].distance, 1e-6);
            /* Sums in another order may exchange the nearly equal. */
            if (found != all[i].index)
                assert_close(distance_of(queries + q * d,
                                         rows + (size_t)found * d, d, metric),
                             all[i].distance, 1e-14);
            for (size_t j = 0; j < i; j++)
                assert_int_not_equal(found, FORAY_AT(indices, int64_t, q, j));
        }
    }
    free(all);
    free(rows);
    free(queries);
    free(lengths);
}

static void test_nearest_rows(void **state)
{
    (void)state;
    for (int k = 0; k < 2 * 2 * N_LAYOUTS; k++) {
        enum foray_metric metric = k % 2 ? FORAY_COSINE : FORAY_EUCLIDEAN;
        enum foray_dtype dtype = k % 3 ? FORAY_F32 : FORAY_F64;
        bool has_query = k / 2 % 2;
        size_t m = has_query ? 70 : 1200, n_nearest = k % 5 ? 7 : 69;
        struct foray_array bases[4], x, query, indices, distances;
        struct foray_error err;

        x = matrix(&bases[0], 1200, 11, dtype, k / 4);
        query = matrix(&bases[1], 70, 11, dtype, (k + 1) % N_LAYOUTS);
        indices = matrix(&bases[2], m, n_nearest, FORAY_I64, ROWS);
        distances = matrix(&bases[3], m, n_nearest, dtype, (k + 2) % N_LAYOUTS);
        /* A row of zeros, and some that are equal. */
        memset(bases[0].data, 0, bases[0].itemsize * 11);
        assert_ok(foray_knn(every_pool[k % N_EVERY_POOL], &x,
                            has_query ? &query : NULL, metric, &indices,
                            &distances, &err),
                  err);
        check_neighbours(&x, has_query ? &query : NULL, metric, &indices,
                         &distances);
        for (int i = 0; i < 4; i++)
            assert_int_equal(foray_array_close(&bases[i], NULL), 0);
    }
}

/* All rows equal, as f32 far from zero, where bounds tell nothing apart: the
 * lowest indices. */
static void test_equal_rows(void **state)
{
    enum { N = 3000, D = 5, K = 4 };
    static float x[N][D];
    static int64_t indices[N][K];
    static float distances[N][K];
    struct foray_array array, numbers, lengths;
    struct foray_error err;

    (void)state;
    for (int i = 0; i < N * D; i++)
        (&x[0][0])[i] = 1000.5F;
    assert_ok(foray_array_wrap(&array, x, FORAY_F32, 2, (size_t[]){N, D}, &err),
              err);
    assert_ok(foray_array_wrap(&numbers, indices, FORAY_I64, 2,
                               (size_t[]){N, K}, &err),
              err);
    assert_ok(foray_array_wrap(&lengths, distances, FORAY_F32, 2,
                               (size_t[]){N, K}, &err),
              err);
    for (int metric = 0; metric < 2; metric++) {
        assert_ok(foray_knn(every_pool[2], &array, NULL, metric, &numbers,
                            &lengths, &err),
                  err);
        for (int i = 0; i < N; i++)
            for (int k = 0; k < K; k++) {
                assert_int_equal(indices[i][k], k < i ? k : k + 1);
                assert_close(distances[i][k], 0, 1e-7);
            }
    }
}

static void test_candidates(void **state)
{
    struct foray__nearest nearest;

    (void)state;
    for (int round = 0; round < 200; round++) {
        enum { K = 5, N = 2000 };
        double least[N];

        assert_true(foray__nearest_begin(&nearest, K));
        for (int i = 0; i < N; i++) {
            least[i] = round % 3 ? next() : (double)(int)(8 * next());
            if (least[i] <= nearest.limit &&
                !foray__nearest_take(&nearest, least[i], least[i], i)) {
                foray__nearest_settle(&nearest);
                if (least[i] <= nearest.limit)
                    assert_true(
                        foray__nearest_take(&nearest, least[i], least[i], i));
            }
        }
        foray__nearest_settle(&nearest);
        assert_int_equal(nearest.n, K);
        for (int k = 0; k < K; k++) {
            int64_t best = -1;

            for (int i = 0; i < N; i++)
                if (best < 0 || least[i] < least[best])
                    best = i;
            assert_int_equal(nearest.candidates[k].index, best);
            least[best] = (double)INFINITY;
        }
        foray__nearest_end(&nearest);
    }
}

static void test_standardize(void **state)
{
    (void)state;
    for (int layout = 0; layout < N_LAYOUTS; layout++) {
        struct foray_array bases[2], x, y;
        struct foray_stats stats[6];
        struct foray_error err;
        double *values;

        x = matrix(&bases[0], 500, 6, FORAY_F64, layout);
        y = matrix(&bases[1], 500, 6, FORAY_F64, (layout + 1) % N_LAYOUTS);
        for (size_t i = 0; i < 500 && layout != SWAPPED; i++)
            FORAY_AT(&x, double, i, 3) = 7;
        assert_ok(foray_standardize(every_pool[layout], &x, &y, &err), err);
        for (int round = 0; round < 2; round++) {
            assert_ok(foray_array_stats_along(stats, NULL, &y, 0, &err), err);
            for (int j = 0; j < 6; j++) {
                assert_close(stats[j].mean, 0, 1e-12);
                assert_close(stats[j].std, j == 3 && layout != SWAPPED ? 0 : 1,
                             1e-12);
            }
            values = values_of(&y);
            assert_ok(foray_standardize(every_pool[1], &x, &x, &err), err);
            y = x; /* in place gives the same */
            free(values);
        }
        assert_int_equal(foray_array_close(&bases[0], NULL), 0);
        assert_int_equal(foray_array_close(&bases[1], NULL), 0);
    }
}

static void test_refused(void **state)
{
    struct foray_array bases[4], a, b, c, numbers;
    struct foray_error err;

    (void)state;
    a = matrix(&bases[0], 4, 3, FORAY_F64, ROWS);
    b = matrix(&bases[1], 4, 4, FORAY_F64, ROWS);
    c = matrix(&bases[2], 4, 4, FORAY_F32, ROWS);
    numbers = matrix(&bases[3], 4, 4, FORAY_I64, ROWS);
    assert_int_equal(foray_matmul(NULL, &a, &b, &c, &err), FORAY_ESHAPE);
    assert_int_equal(foray_matmul(NULL, &b, &b, &c, &err), FORAY_EDTYPE);
    assert_int_equal(foray_matmul(NULL, &b, &numbers, &c, &err), FORAY_EDTYPE);
    assert_non_null(strstr(err.msg, "i64"));
    assert_int_equal(foray_matmul(NULL, &b, &b, &b, &err), FORAY_EOVERLAP);
    assert_int_equal(foray_gram(NULL, &b, &b, &err), FORAY_EOVERLAP);
    assert_int_equal(foray_gram(NULL, &a, &a, &err), FORAY_ESHAPE);
    b.mode = FORAY_READ;
    assert_int_equal(foray_gram(NULL, &a, &b, &err), FORAY_EACCES);
    b.mode = FORAY_READ_WRITE;
    /* Four rows have three others. */
    assert_int_equal(foray_knn(NULL, &a, NULL, 0, &numbers, &b, &err),
                     FORAY_ERANGE);
    assert_int_equal(foray_knn(NULL, &a, &a, 0, &numbers, &c, &err),
                     FORAY_EDTYPE);
    assert_ok(foray_knn(NULL, &a, &a, 0, &numbers, &b, &err), err);
    FORAY_AT(&a, double, 2, 1) = (double)NAN;
    assert_int_equal(foray_knn(NULL, &a, &a, 0, &numbers, &b, &err),
                     FORAY_ERANGE);
    assert_non_null(strstr(err.msg, "row 2"));
    for (int i = 0; i < 4; i++)
        assert_int_equal(foray_array_close(&bases[i], NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products_of_every_layout),
        cmocka_unit_test(test_products_of_every_size),
        cmocka_unit_test(test_gram),
        cmocka_unit_test(test_nearest_rows),
        cmocka_unit_test(test_equal_rows),
        cmocka_unit_test(test_candidates),
        cmocka_unit_test(test_standardize),
        cmocka_unit_test(test_refused),
    };

    test_init();
    return cmocka_run_group_tests(tests, open_every_pool, close_every_pool);
}
