/* HOG as OpenCV's HOGDescriptor computes it for one window, the whole image
 * (Dalal and Triggs 2005; modules/objdetect/src/hog.cpp of 4.6): square roots
 * of 8-bit pixels, votes shared between two angles and up to four cells of a
 * block, weighted by a Gaussian about the block's centre, L2-Hys. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "image/hog_kernel.h"
#include "image/hog_method.h"

/* A pixel's vote: its magnitude shared between two neighbouring bins. */
struct vote {
    float weight[2];
    int32_t bin[2];
};

/* Where a pixel of a block votes: the first bin of each of up to four cells. */
struct share {
    int32_t n;
    int32_t offset[4];
    float weight[4];
};

/* Tables of one set of options, made at the first image. */
struct tables {
    float root[256];
    struct share shares[]; /* block_rows * cell_rows x block_cols * cell_cols */
};

struct work {
    const struct foray_hog_options *options;
    const struct tables *tables;
    size_t rows, cols;             /* of the window: whole cells */
    size_t image_rows, image_cols; /* beyond it pixels still give gradients */
    size_t block_height, block_width; /* pixels */
    struct vote *votes;               /* rows x cols */
    float *histogram;                 /* of one block */
    double *values;                   /* the same, for the output's type */
    uint8_t *pixels;
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
    size_t cell_rows = rows / options->cell_rows;
    size_t cell_cols = cols / options->cell_cols;

    if (cell_rows < options->block_rows || cell_cols < options->block_cols)
        return foray__fail(err, FORAY_ETOOSMALL,
                           "an image of %zu x %zu is smaller than one block: "
                           "at least %zu rows and %zu columns",
                           rows, cols, options->block_rows * options->cell_rows,
                           options->block_cols * options->cell_cols);
    out[0] = cell_cols - options->block_cols + 1;
    out[1] = cell_rows - options->block_rows + 1;
    out[2] = options->block_cols;
    out[3] = options->block_rows;
    out[4] = (size_t)options->orientations;
    *ndim = 5;
    return 0;
}

/* One axis of a pixel's position among the cells of a block: the cell before
 * its centre, and how far it is towards the next. */
static int cell_before(size_t at, size_t cell, float *towards)
{
    float position = ((float)at + 0.5F) / (float)cell - 0.5F;
    float before = floorf(position);

    *towards = position - before;
    return (int)before;
}

static struct share share_of(const struct foray_hog_options *options, size_t y,
                             size_t x)
{
    size_t height = options->block_rows * options->cell_rows;
    size_t width = options->block_cols * options->cell_cols;
    double sigma = (double)(height + width) / 8;
    double dy = (double)y - (double)height * 0.5;
    double dx = (double)x - (double)width * 0.5;
    float gauss = (float)exp(-(dy * dy + dx * dx) / (2 * sigma * sigma));
    float fy, fx;
    int cy = cell_before(y, options->cell_rows, &fy);
    int cx = cell_before(x, options->cell_cols, &fx);
    struct share share = {0};

    for (int k = 0; k < 4; k++) {
        int r = cy + k / 2, c = cx + k % 2;

        if (r < 0 || c < 0 || r >= (int)options->block_rows ||
            c >= (int)options->block_cols)
            continue;
        /* Cells of a block lie column by column. */
        share.offset[share.n] =
            (c * (int)options->block_rows + r) * options->orientations;
        share.weight[share.n++] =
            gauss * (k / 2 ? fy : 1 - fy) * (k % 2 ? fx : 1 - fx);
    }
    return share;
}

static struct tables *make_tables(const struct foray_hog_options *options)
{
    size_t height = options->block_rows * options->cell_rows;
    size_t width = options->block_cols * options->cell_cols;
    struct tables *tables =
        malloc(sizeof *tables + height * width * sizeof tables->shares[0]);

    if (!tables)
        return NULL;
    for (int i = 0; i < 256; i++)
        tables->root[i] = sqrtf((float)i);
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            tables->shares[y * width + x] = share_of(options, y, x);
    return tables;
}

/* OpenCV's polynomial for atan2, in radians from 0 to 2 pi. */
static float fast_atan2(float y, float x)
{
    const float scale = (float)(180 / M_PI), epsilon = (float)2.220446e-16;
    const float p1 = 0.9997878412794807F * scale;
    const float p3 = -0.3258083974640975F * scale;
    const float p5 = 0.1555786518463281F * scale;
    const float p7 = -0.04432655554792128F * scale;
    float ax = fabsf(x), ay = fabsf(y);
    float small = ax < ay ? ax : ay, large = ax < ay ? ay : ax;
    float c = small / (large + epsilon), c2 = c * c;
    float degrees = (((p7 * c2 + p5) * c2 + p3) * c2 + p1) * c;

    if (ay > ax)
        degrees = 90 - degrees;
    if (x < 0)
        degrees = 180 - degrees;
    if (y < 0)
        degrees = 360 - degrees;
    return degrees * (float)(M_PI / 180);
}

static struct vote vote_of(float dx, float dy, int n)
{
    float magnitude = sqrtf(dx * dx + dy * dy);
    float angle = fast_atan2(dy, dx) * (float)(n / M_PI) - 0.5F;
    float floor_ = floorf(angle);
    int bin = (int)floor_;
    struct vote vote;

    angle -= floor_;
    vote.weight[0] = magnitude * (1 - angle);
    vote.weight[1] = magnitude * angle;
    if (bin < 0)
        bin += n;
    else if (bin >= n)
        bin -= n;
    vote.bin[0] = bin;
    vote.bin[1] = bin + 1 < n ? bin + 1 : 0;
    return vote;
}

/* Differences of roots across one pixel; mirrored at the border, so 0 there. */
static void difference(float *dx, float *dy, const struct work *work, size_t y,
                       size_t x, size_t channels, size_t c)
{
    const float *root = work->tables->root;
    const uint8_t *at =
        work->pixels + (y * work->image_cols + x) * channels + c;
    size_t line = work->image_cols * channels;

    *dx = *dy = 0;
    if (x > 0 && x + 1 < work->image_cols)
        *dx = root[at[channels]] - root[*(at - channels)];
    if (y > 0 && y + 1 < work->image_rows)
        *dy = root[at[line]] - root[*(at - line)];
}

/* Votes of all pixels of the window. Of colours the longest gradient counts,
 * of equals the bluest: OpenCV goes through BGR. */
static void take_votes(const struct work *work, size_t channels)
{
    int n = work->options->orientations;

    for (size_t y = 0; y < work->rows; y++)
        for (size_t x = 0; x < work->cols; x++) {
            float dx, dy;

            difference(&dx, &dy, work, y, x, channels, channels - 1);
            for (size_t c = channels - 1; c-- > 0;) {
                float other_dx, other_dy;

                difference(&other_dx, &other_dy, work, y, x, channels, c);
                if (other_dx * other_dx + other_dy * other_dy >
                    dx * dx + dy * dy) {
                    dx = other_dx;
                    dy = other_dy;
                }
            }
            work->votes[y * work->cols + x] = vote_of(dx, dy, n);
        }
}

static void gather_block(const struct work *work, size_t top, size_t left)
{
    const struct share *share = work->tables->shares;

    for (size_t y = 0; y < work->block_height; y++) {
        const struct vote *vote = work->votes + (top + y) * work->cols + left;

        for (size_t x = 0; x < work->block_width; x++, vote++, share++)
            for (int k = 0; k < share->n; k++) {
                float *cell = work->histogram + share->offset[k];

                cell[vote->bin[0]] += vote->weight[0] * share->weight[k];
                cell[vote->bin[1]] += vote->weight[1] * share->weight[k];
            }
    }
}

/* Scale to length 1, clip at 0.2, scale again. */
static void normalize(float *x, size_t n)
{
    float sum = 0, scale;

    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    scale = 1 / (sqrtf(sum) + (float)n * 0.1F);
    sum = 0;
    for (size_t i = 0; i < n; i++) {
        x[i] = x[i] * scale < 0.2F ? x[i] * scale : 0.2F;
        sum += x[i] * x[i];
    }
    scale = 1 / (sqrtf(sum) + 1e-3F);
    for (size_t i = 0; i < n; i++)
        x[i] *= scale;
}

static void write_blocks(const struct work *work,
                         const struct foray_array *features)
{
    const struct foray_hog_options *options = work->options;
    size_t n = options->block_rows * options->block_cols *
               (size_t)options->orientations;
    char *out = features->data;

    for (size_t x = 0; x + work->block_width <= work->cols;
         x += options->cell_cols)
        for (size_t y = 0; y + work->block_height <= work->rows;
             y += options->cell_rows) {
            memset(work->histogram, 0, n * sizeof *work->histogram);
            gather_block(work, y, x);
            normalize(work->histogram, n);
            for (size_t i = 0; i < n; i++)
                work->values[i] = (double)work->histogram[i];
            foray__hog_store(out, features->dtype, work->values, n,
                             foray__hog_kernel_choose());
            out += n * features->itemsize;
        }
}

static void *carve(char *base, size_t *at, size_t nbytes)
{
    size_t start = *at;

    *at += foray__round_up(nbytes, 64);
    return base ? base + start : NULL;
}

static size_t lay_out(struct work *work, char *base, size_t pixel_bytes)
{
    size_t n = work->options->block_rows * work->options->block_cols *
               (size_t)work->options->orientations;
    size_t at = 0;

    work->votes =
        carve(base, &at, work->rows * work->cols * sizeof(struct vote));
    work->histogram = carve(base, &at, n * sizeof *work->histogram);
    work->values = carve(base, &at, n * sizeof *work->values);
    work->pixels = carve(base, &at, pixel_bytes);
    return at;
}

static int prepare(struct work *work, struct foray_hog *hog,
                   const struct foray_array *image, struct foray_error *err)
{
    struct foray_array copy;
    char *base;

    if (!hog->tables && !(hog->tables = make_tables(&hog->options)))
        return foray__fail(err, FORAY_ENOMEM, "no memory for HOG");
    work->options = &hog->options;
    work->tables = hog->tables;
    work->image_rows = image->shape[0];
    work->image_cols = image->shape[1];
    work->rows =
        image->shape[0] / hog->options.cell_rows * hog->options.cell_rows;
    work->cols =
        image->shape[1] / hog->options.cell_cols * hog->options.cell_cols;
    work->block_height = hog->options.block_rows * hog->options.cell_rows;
    work->block_width = hog->options.block_cols * hog->options.cell_cols;
    base = foray__scratch_get(&hog->scratch,
                              lay_out(work, NULL, foray_array_nbytes(image)));
    if (!base)
        return foray__fail(err, FORAY_ENOMEM,
                           "no memory for HOG of an image of %zu x %zu",
                           work->image_rows, work->image_cols);
    lay_out(work, base, 0);
    FORAY_TRY(foray_array_wrap(&copy, work->pixels, FORAY_U8, image->ndim,
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
    take_votes(&work, channels);
    write_blocks(&work, features);
    return 0;
}

const struct foray__hog_method foray__hog_dalal_triggs = {
    .complete = complete,
    .shape = shape,
    .compute = compute,
};
