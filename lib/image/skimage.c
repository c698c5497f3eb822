/* HOG as skimage.feature.hog defines it (skimage/feature/_hog.py, 0.19 to
 * 0.25): hard assignment of unsigned angles, cells of mean magnitudes in
 * float32, overlapping blocks that slide by one cell. */
#include "image/skimage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "image/hog_method.h"
#include "image/orientation.h"

static int complete(struct foray_hog_options *options, struct foray_error *err)
{
    (void)err;
    if (!options->block_rows)
        options->block_rows = options->block_cols = 3;
    return 0;
}

static int shape(size_t out[5], int *ndim,
                 const struct foray_hog_options *options, size_t rows,
                 size_t cols, struct foray_error *err)
{
    FORAY_TRY(
        foray__hog_count_blocks(&out[0], &out[1], options, rows, cols, err));
    out[2] = options->block_rows;
    out[3] = options->block_cols;
    out[4] = (size_t)options->orientations;
    *ndim = 5;
    return 0;
}

static void carve_row(struct foray__hog_row *row, char *base, size_t *at,
                      size_t cols)
{
    row->dx = foray__scratch_carve(base, at, cols * sizeof *row->dx);
    row->dy = foray__scratch_carve(base, at, cols * sizeof *row->dy);
    row->square = foray__scratch_carve(base, at, cols * sizeof *row->square);
    row->magnitude =
        foray__scratch_carve(base, at, cols * sizeof *row->magnitude);
    row->bin = foray__scratch_carve(base, at, cols);
}

static size_t lay_out(struct foray__skimage *work, char *base,
                      size_t pixel_bytes)
{
    size_t n = (size_t)work->options->orientations;
    size_t block =
        work->options->block_rows * work->options->block_cols * n * 8;
    size_t at = 0;

    carve_row(&work->row, base, &at, work->cols);
    carve_row(&work->spare, base, &at, work->cols);
    work->planes =
        foray__scratch_carve(base, &at, 3 * work->channels * work->cols);
    work->dx = foray__scratch_carve(base, &at, work->cols * sizeof *work->dx);
    work->dy = foray__scratch_carve(base, &at, work->cols * sizeof *work->dy);
    work->length =
        foray__scratch_carve(base, &at, work->cols * sizeof *work->length);
    work->spare_dx =
        foray__scratch_carve(base, &at, work->cols * sizeof *work->spare_dx);
    work->spare_dy =
        foray__scratch_carve(base, &at, work->cols * sizeof *work->spare_dy);
    work->votes = foray__scratch_carve(
        base, &at, work->n_cell_cols * (n + 1) * sizeof *work->votes);
    work->block = foray__scratch_carve(base, &at, block);
    work->normal = foray__scratch_carve(base, &at, block);
    work->pixels = foray__scratch_carve(base, &at, pixel_bytes);
    return at;
}

/* The image as C-order elements of `dtype`, in the scratch unless it is that
 * already. */
static int convert(struct foray_array *out, const struct foray__skimage *work,
                   const struct foray_array *image, enum foray_dtype dtype,
                   struct foray_error *err)
{
    if (image->dtype == dtype && !image->swapped &&
        foray_array_is_contiguous(image, FORAY_C_ORDER) &&
        (uintptr_t)image->data % image->itemsize == 0) {
        *out = *image;
        return 0;
    }
    FORAY_TRY(foray_array_wrap(out, work->pixels, dtype, image->ndim,
                               image->shape, err));
    return foray_array_copy(out, image, err);
}

/* Give what one row of cells gathered to the histograms: means, not sums. */
static void close_cells(const struct foray__skimage *work, double *cells)
{
    size_t n = (size_t)work->options->orientations;
    float area = (float)(work->options->cell_rows * work->options->cell_cols);

    for (size_t c = 0; c < work->n_cell_cols; c++)
        for (size_t i = 0; i < n; i++)
            cells[c * n + i] = (double)(work->votes[c * (n + 1) + i] / area);
    memset(work->votes, 0, work->n_cell_cols * (n + 1) * sizeof *work->votes);
}

/* Each sum is a float to which doubles are added, in the order of pixels. */
void foray__skimage_add_row(const struct foray__skimage *work, size_t y,
                            double *cells)
{
    size_t n = (size_t)work->options->orientations, x = 0;
    const double *magnitude = work->row.magnitude;
    const uint8_t *bin = work->row.bin;

    for (size_t c = 0; c < work->n_cell_cols; c++) {
        float *votes = work->votes + c * (n + 1);

        for (size_t k = 0; k < work->options->cell_cols; k++, x++)
            votes[bin[x]] = (float)((double)votes[bin[x]] + magnitude[x]);
    }
    if ((y + 1) % work->options->cell_rows == 0)
        close_cells(work, cells + y / work->options->cell_rows *
                                      work->n_cell_cols * n);
}

/* In place, in the image's own type. Negative pixels become NaN. */
static void take_roots(const struct foray_array *image)
{
    size_t n = foray_array_nitems(image);

    for (size_t i = 0; i < n; i++)
        if (image->dtype == FORAY_F32)
            ((float *)image->data)[i] = sqrtf(((float *)image->data)[i]);
        else
            ((double *)image->data)[i] = sqrt(((double *)image->data)[i]);
}

/* Normalize all blocks into the features. */
static void write_blocks(const struct foray__skimage *work, const double *cells,
                         const struct foray_array *features)
{
    size_t n = (size_t)work->options->orientations;
    size_t run = work->options->block_cols * n;
    size_t length = work->options->block_rows * run;
    size_t n_rows = work->n_cell_rows - work->options->block_rows + 1;
    size_t n_cols = work->n_cell_cols - work->options->block_cols + 1;
    bool direct = features->dtype == FORAY_F64 && !work->single &&
                  (uintptr_t)features->data % sizeof(double) == 0;
    char *out = features->data;

    for (size_t r = 0; r < n_rows; r++)
        for (size_t c = 0; c < n_cols; c++) {
            double *to = direct ? (double *)(void *)out : work->normal;

            for (size_t k = 0; k < work->options->block_rows; k++)
                memcpy(work->block + k * run,
                       cells + ((r + k) * work->n_cell_cols + c) * n,
                       run * sizeof *cells);
            work->kernel->normalize(to, work->block, length,
                                    work->options->norm);
            for (size_t i = 0; work->single && i < length; i++)
                to[i] = (double)(float)to[i];
            if (!direct)
                foray__hog_store(out, features->dtype, work->normal, length,
                                 work->kernel);
            out += length * features->itemsize;
        }
}

static int measure(struct foray__skimage *work, struct foray_hog *hog,
                   const struct foray_array *image, struct foray_error *err)
{
    bool bytes = image->dtype == FORAY_U8 && !hog->options.transform_sqrt;
    size_t nbytes;
    char *base;

    work->options = &hog->options;
    work->kernel = hog->kernel;
    work->single = image->dtype == FORAY_F16 || image->dtype == FORAY_F32;
    work->rows = image->shape[0];
    work->cols = image->shape[1];
    work->channels = image->ndim == 3 ? image->shape[2] : 1;
    work->n_cell_rows = work->rows / hog->options.cell_rows;
    work->n_cell_cols = work->cols / hog->options.cell_cols;
    if (!foray__shape_nbytes(&nbytes, bytes ? 1 : 8, image->ndim,
                             image->shape) ||
        nbytes > PTRDIFF_MAX / 8)
        return foray__fail(err, FORAY_ERANGE, "the image is too large");
    nbytes = lay_out(work, NULL, nbytes);
    base = foray__scratch_get(&hog->scratch, nbytes);
    if (!base || !foray__scratch_get(&hog->cells,
                                     work->n_cell_rows * work->n_cell_cols *
                                         (size_t)hog->options.orientations * 8))
        return foray__fail(err, FORAY_ENOMEM,
                           "no memory for HOG of an image of %zu x %zu",
                           work->rows, work->cols);
    lay_out(work, base, 0);
    memset(work->votes, 0,
           work->n_cell_cols * ((size_t)hog->options.orientations + 1) *
               sizeof *work->votes);
    return 0;
}

static int compute(struct foray_hog *hog, const struct foray_array *image,
                   const struct foray_array *features, struct foray_error *err)
{
    struct foray_array pixels;
    struct foray__skimage work;
    double *cells;

    FORAY_TRY(foray__hog_check_real(image->dtype, "HOG", err));
    FORAY_TRY(measure(&work, hog, image, err));
    cells = hog->cells.bytes;
    if (image->dtype == FORAY_U8 && !hog->options.transform_sqrt) {
        if (!hog->tables) {
            hog->tables = malloc(FORAY__BIN_ROWS * FORAY__BIN_STRIDE);
            if (!hog->tables)
                return foray__fail(err, FORAY_ENOMEM, "no memory for HOG");
            foray__bin_table(hog->tables, hog->options.orientations);
        }
        FORAY_TRY(convert(&pixels, &work, image, FORAY_U8, err));
        foray__skimage_bytes(&work, &pixels, hog->tables, cells);
    } else {
        enum foray_dtype dtype = work.single ? FORAY_F32 : FORAY_F64;

        FORAY_TRY(convert(&pixels, &work, image, dtype, err));
        if (hog->options.transform_sqrt) {
            if (pixels.data == image->data) { /* not in the caller's memory */
                FORAY_TRY(foray_array_wrap(&pixels, work.pixels, dtype,
                                           image->ndim, image->shape, err));
                FORAY_TRY(foray_array_copy(&pixels, image, err));
            }
            take_roots(&pixels);
        }
        foray__skimage_numbers(&work, &pixels, cells);
    }
    hog->single = work.single;
    write_blocks(&work, cells, features);
    return 0;
}

const struct foray__hog_method foray__hog_skimage = {
    .complete = complete,
    .shape = shape,
    .compute = compute,
};
