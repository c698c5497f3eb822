/* What several definitions of HOG have in common. */
#include "image/hog_method.h"

#include <stdint.h>
#include <string.h>

#include "array/half.h"
#include "base/error.h"
#include "image/hog_kernel.h"

int foray__hog_count_blocks(size_t *down, size_t *across,
                            const struct foray_hog_options *options,
                            size_t rows, size_t cols, struct foray_error *err)
{
    size_t cell_rows = rows / options->cell_rows;
    size_t cell_cols = cols / options->cell_cols;

    if (cell_rows < options->block_rows || cell_cols < options->block_cols)
        return foray__fail(err, FORAY_ETOOSMALL,
                           "an image of %zu x %zu is smaller than one block: "
                           "at least %zu rows and %zu columns",
                           rows, cols, options->block_rows * options->cell_rows,
                           options->block_cols * options->cell_cols);
    *down = cell_rows - options->block_rows + 1;
    *across = cell_cols - options->block_cols + 1;
    return 0;
}

int foray__hog_check_real(enum foray_dtype dtype, const char *what,
                          struct foray_error *err)
{
    if (dtype != FORAY_OPAQUE && dtype != FORAY_C64 && dtype != FORAY_C128)
        return 0;
    return foray__fail(err, FORAY_EDTYPE,
                       "%s needs pixels that are real numbers, not %s", what,
                       foray_dtype_name(dtype));
}

void foray__hog_store(void *out, enum foray_dtype dtype, const double *values,
                      size_t n, const struct foray__hog_kernel *kernel)
{
    if (dtype == FORAY_F64)
        memcpy(out, values, n * sizeof *values);
    else if (dtype == FORAY_F32 && (uintptr_t)out % sizeof(float) == 0)
        kernel->narrow(out, values, n);
    else
        for (size_t i = 0; i < n; i++) {
            uint16_t half = foray__half_from_double(values[i]);
            float single = (float)values[i];

            if (dtype == FORAY_F32)
                memcpy((char *)out + i * sizeof single, &single, sizeof single);
            else
                memcpy((char *)out + i * sizeof half, &half, sizeof half);
        }
}
