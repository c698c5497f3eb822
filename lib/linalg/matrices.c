#include "linalg/matrices.h"

#include <string.h>

#include <foray/storage.h>

#include "base/error.h"

int foray__check_matrix(const struct foray_array *array, const char *what,
                        struct foray_error *err)
{
    if (array->ndim != 2)
        return foray__fail(err, FORAY_ESHAPE,
                           "%s has %d axes: a matrix of 2 is needed", what,
                           array->ndim);
    if (array->dtype != FORAY_F32 && array->dtype != FORAY_F64)
        return foray__fail(err, FORAY_EDTYPE,
                           "%s is of type %s: f32 or f64 is needed, convert it "
                           "first",
                           what, foray_dtype_name(array->dtype));
    return 0;
}

enum foray_dtype foray__product_dtype(const struct foray_array *a,
                                      const struct foray_array *b)
{
    return a->dtype == FORAY_F32 && b->dtype == FORAY_F32 ? FORAY_F32
                                                          : FORAY_F64;
}

int foray__check_result(const struct foray_array *result, const char *what,
                        enum foray_dtype dtype, size_t rows, size_t cols,
                        const struct foray_array *const *inputs, int n,
                        struct foray_error *err)
{
    if (result->dtype != dtype)
        return foray__fail(
            err, FORAY_EDTYPE, "%s is of type %s: the result is of type %s",
            what, foray_dtype_name(result->dtype), foray_dtype_name(dtype));
    if (result->ndim != 2 || result->shape[0] != rows ||
        result->shape[1] != cols)
        return foray__fail(err, FORAY_ESHAPE,
                           "%s must have the shape (%zu, %zu)", what, rows,
                           cols);
    if (result->mode == FORAY_READ)
        return foray__fail(err, FORAY_EACCES,
                           "%s is read-only: open it in mode r+", what);
    for (int k = 0; k < n; k++)
        if (inputs[k] && foray_array_overlaps(result, inputs[k]))
            return foray__fail(err, FORAY_EOVERLAP,
                               "%s shares memory with an input: give it memory "
                               "of its own",
                               what);
    return 0;
}

int foray__result_begin(struct foray_array *used,
                        const struct foray_array *result,
                        struct foray_error *err)
{
    *used = *result;
    if (result->segment)
        return 0;
    return foray_array_create(used, NULL, result->dtype, result->ndim,
                              result->shape, err);
}

int foray__result_end(struct foray_array *used,
                      const struct foray_array *result, int code,
                      struct foray_error *err)
{
    if (result->segment)
        return code;
    if (!code)
        code = foray_array_copy(result, used, err);
    foray_array_close(used, NULL);
    return code;
}

static size_t part(size_t start, size_t n, size_t length)
{
    return length - start < n ? length - start : n;
}

struct foray_array foray__block(const struct foray_array *matrix, size_t i,
                                size_t n, size_t j, size_t m)
{
    struct foray_array block = *matrix;

    block.data = foray_at2(matrix, i, j);
    block.shape[0] = part(i, n, matrix->shape[0]);
    block.shape[1] = part(j, m, matrix->shape[1]);
    return block;
}

struct foray_array foray__transposed(const struct foray_array *matrix)
{
    struct foray_array other = *matrix;

    other.shape[0] = matrix->shape[1];
    other.shape[1] = matrix->shape[0];
    other.strides[0] = matrix->strides[1];
    other.strides[1] = matrix->strides[0];
    return other;
}
