/* Linear algebra by tiles: products, Gram matrices, nearest rows.
 *
 *     struct foray_array x = {0}, g = {0};
 *     struct foray_error err;
 *
 *     if (foray_array_open(&x, "x.npy", "r", &err) ||
 *         foray_array_create(&g, "g.npy", x.dtype, 2,
 *                            (size_t[]){x.shape[0], x.shape[0]}, &err) ||
 *         foray_gram(NULL, &x, &g, &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     foray_array_close(&g, NULL);
 *     foray_array_close(&x, NULL);
 *
 * Each task makes one tile of the result with one thread of BLAS; tiles depend
 * on shapes and dtypes only, so results are the same bits with any number of
 * workers on one machine. Inputs and outputs may be mapped and larger than
 * memory: of each a task holds what belongs to its tile, and copies of what
 * BLAS cannot read where it lies (other strides than rows or columns one behind
 * the other, the other byte order, f32 in a product of f64).
 *
 * Types: f32 and f64; one of each makes f64. Results have that type, and their
 * arrays exist before: any strides, writable, apart from the inputs.
 * Errors of all: FORAY_EDTYPE (other types: convert first), FORAY_ESHAPE,
 * FORAY_EACCES (a result that is read-only), FORAY_EOVERLAP (a result that is
 * an input), and those of foray_map. `pool` may be NULL, see pool.h.
 * Threads, fork: as foray_map; BLAS has one thread meanwhile in the processes
 * that compute.
 */
#ifndef FORAY_LINALG_H
#define FORAY_LINALG_H

#include <foray/array.h>
#include <foray/error.h>
#include <foray/export.h>
#include <foray/pool.h>

FORAY_BEGIN

/** The matrix product C = A B.
 *  Shape:  a (n, k), b (k, m), c (n, m); k 0 makes zeros.
 *  Source: numpy.matmul of two matrices. */
FORAY_API FORAY_CHECK int foray_matmul(struct foray_pool *pool,
                                       const struct foray_array *a,
                                       const struct foray_array *b,
                                       const struct foray_array *c,
                                       struct foray_error *err);

/** The Gram matrix of rows, G = X Xᵀ: half of the products, and symmetric in
 *  every bit. Of columns: give the transposed view of x. Tasks store on both
 *  sides of the diagonal: workers of `pool` must share memory.
 *  Shape:  x (n, d), g (n, n). */
FORAY_API FORAY_CHECK int foray_gram(struct foray_pool *pool,
                                     const struct foray_array *x,
                                     const struct foray_array *g,
                                     struct foray_error *err);

enum foray_metric {
    FORAY_EUCLIDEAN, /* sqrt(sum (x - y)^2) */
    FORAY_COSINE     /* 1 - x.y / (|x| |y|); 1 where a row is all zeros */
};

/** The k nearest rows of x for each row of `query`, nearest first; of equally
 *  near ones the lower index. With `query` NULL for each row of x itself among
 *  the others.
 *  Found by products in the inputs' type, with bounds for what these round, and
 *  decided by distances that are summed up in f64.
 *  Shape:  x (n, d), query (m, d), indices i64 (m, k), distances (m, k) of the
 *  inputs' type; 1 <= k <= n, or n - 1 without a query.
 *  Errors: FORAY_ERANGE (k; a row holds NaN or an infinity, or squares of its
 *  elements overflow: names it).
 *  Source: sklearn.neighbors.NearestNeighbors(algorithm="brute"). */
FORAY_API FORAY_CHECK int
foray_knn(struct foray_pool *pool, const struct foray_array *x,
          const struct foray_array *query, enum foray_metric metric,
          const struct foray_array *indices,
          const struct foray_array *distances, struct foray_error *err);

/** Columns of mean 0 and standard deviation 1 (ddof 0): y = (x - mean) / std;
 *  constant columns become 0.  y may be x.
 *  Shape:  x and y (n, d), of one type.
 *  Source: sklearn.preprocessing.StandardScaler. */
FORAY_API FORAY_CHECK int foray_standardize(struct foray_pool *pool,
                                            const struct foray_array *x,
                                            const struct foray_array *y,
                                            struct foray_error *err);

FORAY_END
#endif
