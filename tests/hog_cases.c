#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "hog_cases.h"

const struct hog_case hog_cases[N_HOG_CASES] = {
    {"gray", FORAY_U8, 0, {0}, 0},
    {"gray_l1",
     FORAY_U8,
     0,
     {.norm = FORAY_HOG_NORM_L1, .block_rows = 2, .block_cols = 2},
     0},
    {"gray_l2",
     FORAY_U8,
     0,
     {.norm = FORAY_HOG_NORM_L2,
      .orientations = 12,
      .cell_rows = 9,
      .cell_cols = 7,
      .block_rows = 1,
      .block_cols = 3},
     0},
    {"gray_l1_sqrt",
     FORAY_U8,
     0,
     {.norm = FORAY_HOG_NORM_L1_SQRT,
      .orientations = 39,
      .cell_rows = 16,
      .cell_cols = 16,
      .block_rows = 1,
      .block_cols = 1},
     0},
    {"long_blocks",
     FORAY_U8,
     0,
     {.orientations = 18,
      .cell_rows = 6,
      .cell_cols = 7,
      .block_rows = 5,
      .block_cols = 4},
     0},
    {"rgb", FORAY_U8, 3, {0}, 0},
    {"four", FORAY_U8, 4, {.block_rows = 2, .block_cols = 2}, 0},
    {"wide", FORAY_U16, 0, {.orientations = 8}, 0},
    {"wide_rgb", FORAY_U16, 3, {.block_rows = 2, .block_cols = 2}, 0},
    {"signed", FORAY_I8, 0, {.block_rows = 2, .block_cols = 2}, 0},
    {"truth", FORAY_BOOL, 0, {.block_rows = 2, .block_cols = 2}, 0},
    {"sqrt",
     FORAY_U8,
     0,
     {.transform_sqrt = true, .block_rows = 2, .block_cols = 2},
     2e-6},
    {"single", FORAY_F32, 0, {.block_rows = 2, .block_cols = 2}, 2e-6},
    {"single_rgb", FORAY_F32, 3, {.block_rows = 2, .block_cols = 2}, 2e-6},
    {"double", FORAY_F64, 0, {.block_rows = 2, .block_cols = 2}, 2e-6},
};

static void *memory(size_t nbytes)
{
    void *bytes = malloc(nbytes ? nbytes : 1);

    if (!bytes) {
        fprintf(stderr, "hog_cases: no memory\n");
        exit(99);
    }
    return bytes;
}

/* What the formula's 0 to 255 is in an image of that type. */
static double scaled(size_t value, enum foray_dtype dtype)
{
    switch (dtype) {
    case FORAY_BOOL:
        return value > 127;
    case FORAY_I8:
        return (double)value - 128;
    case FORAY_U16:
        return (double)value * 257;
    case FORAY_F32:
    case FORAY_F64:
        return (double)value / 255;
    default:
        return (double)value;
    }
}

void hog_pattern(struct foray_array *out, enum foray_dtype dtype, size_t rows,
                 size_t cols, size_t channels)
{
    size_t depth = channels ? channels : 1, n = rows * cols * depth, k = 0;
    size_t shape[3] = {rows, cols, channels};
    double *values = memory(n * sizeof *values);
    struct foray_array numbers;
    struct foray_error err;
    int ndim = channels ? 3 : 2;

    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < cols; x++)
            for (size_t c = 0; c < depth; c++)
                values[k++] = scaled(
                    (7 * y + 13 * x + y * x * x / 16 + 90 * c * (x % 5)) % 256,
                    dtype);
    assert_ok(foray_array_wrap(&numbers, values, FORAY_F64, ndim, shape, &err),
              err);
    assert_ok(foray_array_wrap(out, memory(n * foray_dtype_size(dtype)), dtype,
                               ndim, shape, &err),
              err);
    assert_ok(foray_array_copy(out, &numbers, &err), err);
    free(values);
}

void hog_reference(struct foray_array *out, const char *name,
                   const char *suffix)
{
    struct foray_error err;

    assert_ok(foray_array_open(out, data_path("hog/%s%s.npy", name, suffix),
                               "r", &err),
              err);
}

void hog_features(struct foray_array *out, enum foray_dtype dtype, size_t n)
{
    struct foray_error err;

    assert_ok(foray_array_wrap(out, memory(n * foray_dtype_size(dtype)), dtype,
                               1, &n, &err),
              err);
    memset(out->data, 0xA5, n * foray_dtype_size(dtype));
}
