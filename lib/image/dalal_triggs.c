/* HOG as OpenCV's HOGDescriptor computes it for one window, the whole image
 * (Dalal and Triggs 2005; modules/objdetect/src/hog.cpp of 4.6): square roots
 * of 8-bit pixels, votes shared between two angles and up to four cells of a
 * block, weighted by a Gaussian about the block's centre, L2-Hys. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "image/dalal_triggs_tables.h"
#include "image/hog_kernel.h"
#include "image/hog_method.h"
#include "image/votes.h"

struct work {
    const struct foray_hog_options *options;
    const struct foray__dalal_triggs_tables *tables;
    const struct foray__hog_kernel *kernel;
    size_t rows, cols;             /* of the window, in cells */
    size_t block_rows, block_cols; /* how many blocks */
    size_t n, stride; /* bins; and one more that will be the first */
    size_t line_size; /* block_cols x cells across x stride */
    uint8_t *copy;
    struct foray__votes votes;
    float *line;  /* histograms of one row of pixels */
    float *lines; /* of the blocks not finished: ring x cells down x line */
    size_t ring;
    float *histogram; /* of one block */
    double *values;   /* the same, for the output's type */
};

static int complete(struct foray_hog_options *options, struct foray_error *err)
{
    if (!options->block_rows)
        options->block_rows = options->block_cols = 2;
    if (options->transform_sqrt)
        return foray__fail(err, FORAY_EINVAL,
                           "method dalal-triggs always takes square roots: "
                           "leave transform_sqrt out");
    if (options->norm != FORAY_HOG_NORM_L2_HYS)
        return foray__fail(err, FORAY_EINVAL,
                           "method dalal-triggs has the block norm L2-Hys "
                           "only");
    if (options->block_rows * options->cell_rows > 4096 ||
        options->block_cols * options->cell_cols > 4096)
        return foray__fail(err, FORAY_EINVAL,
                           "blocks of method dalal-triggs are at most 4096 "
                           "pixels wide and high");
    return 0;
}

static int shape(size_t out[5], int *ndim,
                 const struct foray_hog_options *options, size_t rows,
                 size_t cols, struct foray_error *err)
{
    FORAY_TRY(
        foray__hog_count_blocks(&out[1], &out[0], options, rows, cols, err));
    out[2] = options->block_cols;
    out[3] = options->block_rows;
    out[4] = (size_t)options->orientations;
    *ndim = 5;
    return 0;
}

/* Of the blocks that a cell lies in, by how many cells they begin before it:
 * those from `first` up to `stop` are in the window. */
static void blocks_of(size_t *first, size_t *stop, size_t at, size_t n_blocks,
                      const struct foray__dalal_triggs_axis *axis)
{
    *first = at < n_blocks ? 0 : at - n_blocks + 1;
    *stop = at + 1 < axis->n_blocks ? at + 1 : axis->n_blocks;
}

/* The histograms of one row of pixels. */
static void gather_line(const struct work *work)
{
    const struct foray__dalal_triggs_axis *axis = &work->tables->across;
    const struct foray__votes *votes = &work->votes;
    size_t block_size = axis->n_blocks * work->stride, x = 0;

    memset(work->line, 0, work->line_size * sizeof *work->line);
    for (size_t at = 0; at < work->cols; at++) {
        const uint32_t *start = axis->start;
        size_t first, stop;

        blocks_of(&first, &stop, at, work->block_cols, axis);
        for (size_t k = 0; k < axis->cell; k++, x++) {
            float *bin = work->line + at * block_size + votes->bin[x];
            float low = votes->low[x], high = votes->high[x];

            for (uint32_t i = start[first]; i < start[stop]; i++) {
                const struct foray__dalal_triggs_share *share =
                    &axis->shares[i];

                bin[share->offset] += low * share->weight;
                bin[share->offset + 1] += high * share->weight;
            }
            start += axis->n_blocks + 1;
        }
    }
}

static void add_scaled(float *restrict to, const float *restrict from,
                       float weight, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i] * weight;
}

/* The lines of cells of row `block` of blocks. */
static float *lines_of(const struct work *work, size_t block)
{
    return work->lines +
           block % work->ring * work->options->block_rows * work->line_size;
}

/* Give the line of row `pixel` of the cells in row `at` to their blocks. */
static void spread_line(const struct work *work, size_t at, size_t pixel)
{
    const struct foray__dalal_triggs_axis *axis = &work->tables->down;
    const uint32_t *start = axis->start + pixel * (axis->n_blocks + 1);
    size_t first, stop;

    blocks_of(&first, &stop, at, work->block_rows, axis);
    for (size_t k = first; k < stop; k++) {
        float *lines = lines_of(work, at - k);

        if (k == 0 && pixel == 0)
            memset(lines, 0, axis->n_blocks * work->line_size * sizeof *lines);
        for (uint32_t i = start[k]; i < start[k + 1]; i++)
            add_scaled(lines + (size_t)axis->shares[i].offset * work->line_size,
                       work->line, axis->shares[i].weight, work->line_size);
    }
}

/* Sum of squares, in eight parts that a vector holds. */
static float sum_of_squares(const float *x, size_t n)
{
    float part[8] = {0}, sum = 0;
    size_t i = 0;

    for (; i + 8 <= n; i += 8)
        for (size_t k = 0; k < 8; k++)
            part[k] += x[i + k] * x[i + k];
    for (; i < n; i++)
        sum += x[i] * x[i];
    for (size_t k = 0; k < 8; k++)
        sum += part[k];
    return sum;
}

/* Scale to length 1, clip at 0.2, scale again. */
static void normalize(float *x, size_t n)
{
    float scale = 1 / (sqrtf(sum_of_squares(x, n)) + (float)n * 0.1F);

    for (size_t i = 0; i < n; i++) {
        float value = x[i] * scale;

        x[i] = value < 0.2F ? value : 0.2F;
    }
    scale = 1 / (sqrtf(sum_of_squares(x, n)) + 1e-3F);
    for (size_t i = 0; i < n; i++)
        x[i] *= scale;
}

/* The histograms of one block; its cells lie column by column. */
static void collect_block(const struct work *work, const float *lines, size_t x)
{
    const struct foray_hog_options *options = work->options;
    float *to = work->histogram;

    for (size_t c = 0; c < options->block_cols; c++)
        for (size_t r = 0; r < options->block_rows; r++, to += work->n) {
            const float *from = lines + r * work->line_size +
                                (x * options->block_cols + c) * work->stride;

            memcpy(to, from, work->n * sizeof *to);
            to[0] += from[work->n];
        }
}

/* A row of blocks; those of a column follow each other in the features. */
static void write_blocks(const struct work *work, size_t y,
                         const struct foray_array *features)
{
    const float *lines = lines_of(work, y);
    size_t n = work->options->block_rows * work->options->block_cols * work->n;

    for (size_t x = 0; x < work->block_cols; x++) {
        char *out = (char *)features->data +
                    (x * work->block_rows + y) * n * features->itemsize;

        collect_block(work, lines, x);
        normalize(work->histogram, n);
        if (features->dtype == FORAY_F32) {
            memcpy(out, work->histogram, n * sizeof *work->histogram);
            continue;
        }
        for (size_t i = 0; i < n; i++)
            work->values[i] = (double)work->histogram[i];
        foray__hog_store(out, features->dtype, work->values, n, work->kernel);
    }
}

static void describe(const struct work *work,
                     const struct foray_array *features)
{
    size_t cell = work->options->cell_rows, height = work->options->block_rows;

    for (size_t at = 0; at < work->rows; at++) {
        for (size_t pixel = 0; pixel < cell; pixel++) {
            foray__votes_take(&work->votes, at * cell + pixel);
            gather_line(work);
            spread_line(work, at, pixel);
        }
        if (at + 1 >= height)
            write_blocks(work, at + 1 - height, features);
    }
}

static size_t lay_out(struct work *work, char *base, size_t copy_bytes)
{
    const struct foray_hog_options *options = work->options;
    size_t block_size = options->block_rows * options->block_cols * work->n;
    size_t row = work->votes.cols * sizeof(float);
    size_t at = 0;

    for (int i = 0; i < 3; i++)
        work->votes.roots[i] = foray__scratch_carve(
            base, &at,
            work->votes.image_cols * work->votes.channels * sizeof(float));
    work->votes.dx = foray__scratch_carve(base, &at, row);
    work->votes.dy = foray__scratch_carve(base, &at, row);
    work->votes.low = foray__scratch_carve(base, &at, row);
    work->votes.high = foray__scratch_carve(base, &at, row);
    work->votes.bin = foray__scratch_carve(base, &at, row);
    work->line =
        foray__scratch_carve(base, &at, work->line_size * sizeof *work->line);
    work->lines =
        foray__scratch_carve(base, &at,
                             work->ring * options->block_rows *
                                 work->line_size * sizeof *work->lines);
    work->histogram =
        foray__scratch_carve(base, &at, block_size * sizeof *work->histogram);
    work->values =
        foray__scratch_carve(base, &at, block_size * sizeof *work->values);
    work->copy = foray__scratch_carve(base, &at, copy_bytes);
    return at;
}

static void measure(struct work *work, const struct foray_hog_options *options,
                    const struct foray_array *image)
{
    work->options = options;
    work->rows = image->shape[0] / options->cell_rows;
    work->cols = image->shape[1] / options->cell_cols;
    work->block_rows = work->rows - options->block_rows + 1;
    work->block_cols = work->cols - options->block_cols + 1;
    work->n = (size_t)options->orientations;
    work->stride = work->n + 1;
    work->votes = (struct foray__votes){
        .root = work->tables->root,
        .pixels = image->data,
        .image_rows = image->shape[0],
        .image_cols = image->shape[1],
        .channels = image->ndim == 3 ? image->shape[2] : 1,
        .cols = work->cols * options->cell_cols,
        .n_bins = options->orientations,
    };
    work->line_size = work->block_cols * options->block_cols * work->stride;
    work->ring = work->block_rows < options->block_rows ? work->block_rows
                                                        : options->block_rows;
}

static int prepare(struct work *work, struct foray_hog *hog,
                   const struct foray_array *image, struct foray_error *err)
{
    bool copies = !foray_array_is_contiguous(image, FORAY_C_ORDER);
    size_t copy_bytes = copies ? foray_array_nbytes(image) : 0;
    struct foray_array copy;
    char *base;

    if (!hog->tables &&
        !(hog->tables = foray__dalal_triggs_tables_new(&hog->options)))
        return foray__fail(err, FORAY_ENOMEM, "no memory for HOG");
    work->tables = hog->tables;
    work->kernel = hog->kernel;
    measure(work, &hog->options, image);
    base = foray__scratch_get(&hog->scratch, lay_out(work, NULL, copy_bytes));
    if (!base)
        return foray__fail(err, FORAY_ENOMEM,
                           "no memory for HOG of an image of %zu x %zu",
                           image->shape[0], image->shape[1]);
    lay_out(work, base, copy_bytes);
    if (!copies)
        return 0;
    work->votes.pixels = work->copy;
    FORAY_TRY(foray_array_wrap(&copy, work->copy, FORAY_U8, image->ndim,
                               image->shape, err));
    return foray_array_copy(&copy, image, err);
}

static int compute(struct foray_hog *hog, const struct foray_array *image,
                   const struct foray_array *features, struct foray_error *err)
{
    size_t channels = image->ndim == 3 ? image->shape[2] : 1;
    struct work work;

    if (image->dtype != FORAY_U8)
        return foray__fail(err, FORAY_EDTYPE,
                           "method dalal-triggs needs 8-bit pixels (u8), not "
                           "%s",
                           foray_dtype_name(image->dtype));
    if (channels != 1 && channels != 3)
        return foray__fail(err, FORAY_ESHAPE,
                           "method dalal-triggs needs 1 or 3 channels, not %zu",
                           channels);
    FORAY_TRY(prepare(&work, hog, image, err));
    describe(&work, features);
    return 0;
}

const struct foray__hog_method foray__hog_dalal_triggs = {
    .complete = complete,
    .shape = shape,
    .compute = compute,
};
