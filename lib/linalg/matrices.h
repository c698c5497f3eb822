/* Matrices that the functions of this room take, and what they are refused
 * for. */
#ifndef FORAY_LINALG_MATRICES_H
#define FORAY_LINALG_MATRICES_H

#include <foray/array.h>
#include <foray/error.h>

/* Refuse what is not two axes of f32 or f64. `what`: for messages. */
int foray__check_matrix(const struct foray_array *array, const char *what,
                        struct foray_error *err);

/* The type that computes with both: f64 unless both are f32. */
enum foray_dtype foray__product_dtype(const struct foray_array *a,
                                      const struct foray_array *b);

/* Refuse a result that is not (rows, cols) of `dtype`, not writable, or shares
 * memory with one of n inputs (NULL among them: none). */
int foray__check_result(const struct foray_array *result, const char *what,
                        enum foray_dtype dtype, size_t rows, size_t cols,
                        const struct foray_array *const *inputs, int n,
                        struct foray_error *err);

/* A result that workers can write: the array itself if it lies in a segment,
 * else a new one, whose elements foray__result_end copies back unless `code`
 * says that there are none. */
int foray__result_begin(struct foray_array *used,
                        const struct foray_array *result,
                        struct foray_error *err);
int foray__result_end(struct foray_array *used,
                      const struct foray_array *result, int code,
                      struct foray_error *err);

/* Rows [i, i + n) and columns [j, j + m), as far as there are. */
struct foray_array foray__block(const struct foray_array *matrix, size_t i,
                                size_t n, size_t j, size_t m);

/* The same elements, rows and columns exchanged. */
struct foray_array foray__transposed(const struct foray_array *matrix);

#endif
