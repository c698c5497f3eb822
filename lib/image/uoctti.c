/* HOG as VLFeat's vl_hog computes its variant UoCTTI (Felzenszwalb, Girshick,
 * McAllester and Ramanan 2010; vl/hog.c of 0.9.21): directed and undirected
 * angles, votes shared between four cells, four normalizations by the
 * neighbourhoods of a cell, and their four sums as texture. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "image/hog_kernel.h"
#include "image/hog_method.h"

struct work {
    int n; /* undirected orientations */
    size_t cell, rows, cols, channels;
    size_t n_cell_rows, n_cell_cols;
    float *pixels;    /* rows x cols x channels */
    float *histogram; /* 2n planes of cells */
    float *energy;    /* of each cell, undirected */
    float *cosine, *sine;
    double *plane; /* one plane of features, for the output's type */
    float *planes; /* all of them */
};

static int complete(struct foray_hog_options *options, struct foray_error *err)
{
    if (options->cell_rows != options->cell_cols)
        return foray__fail(err, FORAY_EINVAL,
                           "method uoctti has square cells, not %zux%zu",
                           options->cell_rows, options->cell_cols);
    if (options->block_rows || options->norm != FORAY_HOG_NORM_L2_HYS ||
        options->transform_sqrt)
        return foray__fail(err, FORAY_EINVAL,
                           "method uoctti has no %s: leave it out",
                           options->block_rows       ? "blocks"
                           : options->transform_sqrt ? "transform_sqrt"
                                                     : "choice of block norm");
    return 0;
}

static size_t cells_along(size_t pixels, size_t cell)
{
    return (pixels + cell / 2) / cell;
}

static int shape(size_t out[5], int *ndim,
                 const struct foray_hog_options *options, size_t rows,
                 size_t cols, struct foray_error *err)
{
    size_t cell = options->cell_rows, least = cell - cell / 2;

    if (least < 4)
        least = 4;
    if (rows < least || cols < least)
        return foray__fail(err, FORAY_ETOOSMALL,
                           "an image of %zu x %zu is too small for method "
                           "uoctti with these cells: at least %zu rows and "
                           "columns",
                           rows, cols, least);
    out[0] = 3 * (size_t)options->orientations + 4;
    out[1] = cells_along(rows, cell);
    out[2] = cells_along(cols, cell);
    *ndim = 3;
    return 0;
}

/* The gradient of the channel where it is longest, the first of equals.
 * Returns its squared length. */
static float gradient(float *dx, float *dy, const struct work *work, size_t y,
                      size_t x)
{
    size_t step = work->channels, line = work->cols * step;
    const float *at = work->pixels + y * line + x * step;
    float best = 0;

    *dx = *dy = 0;
    for (size_t c = 0; c < work->channels; c++, at++) {
        float gx = at[step] - *(at - step), gy = at[line] - *(at - line);
        float square = gx * gx + gy * gy;

        if (square > best) {
            best = square;
            *dx = gx;
            *dy = gy;
        }
    }
    return best;
}

/* The direction that a unit vector comes nearest to: k, or k + n for its
 * opposite. */
static int nearest(const struct work *work, float dx, float dy)
{
    float best = 0;
    int bin = -1;

    for (int k = 0; k < work->n; k++) {
        float score = dx * work->cosine[k] + dy * work->sine[k];
        int direction = k;

        if (score < 0) {
            score = -score;
            direction += work->n;
        }
        if (score > best) {
            best = score;
            bin = direction;
        }
    }
    return bin;
}

/* One axis of a pixel's place: the cell before, and how far to the next. */
static long cell_before(size_t at, size_t cell, float *towards)
{
    float place = ((float)at + 0.5F) / (float)cell - 0.5F;
    float before = floorf(place);

    *towards = place - before;
    return (long)before;
}

static void vote(const struct work *work, size_t y, size_t x, int bin,
                 float length)
{
    float fy, fx;
    long cy = cell_before(y, work->cell, &fy);
    long cx = cell_before(x, work->cell, &fx);
    float *plane =
        work->histogram + (size_t)bin * work->n_cell_rows * work->n_cell_cols;

    for (int k = 0; k < 4; k++) {
        long r = cy + k / 2, c = cx + k % 2;

        if (r >= 0 && c >= 0 && r < (long)work->n_cell_rows &&
            c < (long)work->n_cell_cols)
            plane[(size_t)r * work->n_cell_cols + (size_t)c] +=
                length * (k % 2 ? fx : 1 - fx) * (k / 2 ? fy : 1 - fy);
    }
}

static void take_votes(const struct work *work)
{
    for (size_t y = 1; y + 1 < work->rows; y++)
        for (size_t x = 1; x + 1 < work->cols; x++) {
            float dx, dy, length = sqrtf(gradient(&dx, &dy, work, y, x));
            float unit = length > 1e-10F ? length : 1e-10F;
            int bin = nearest(work, dx / unit, dy / unit);

            if (bin >= 0)
                vote(work, y, x, bin, length);
        }
}

static float both_directions(const struct work *work, size_t cell, int k)
{
    size_t n_cells = work->n_cell_rows * work->n_cell_cols;

    return work->histogram[(size_t)k * n_cells + cell] +
           work->histogram[(size_t)(k + work->n) * n_cells + cell];
}

static void take_energies(const struct work *work)
{
    size_t n_cells = work->n_cell_rows * work->n_cell_cols;

    memset(work->energy, 0, n_cells * sizeof *work->energy);
    for (int k = 0; k < work->n; k++)
        for (size_t i = 0; i < n_cells; i++) {
            float h = both_directions(work, i, k);

            work->energy[i] += h * h;
        }
}

/* The four factors of a cell: upper left, upper right, lower left, lower right
 * neighbourhood of 2x2 cells, clamped to the grid. */
static void factors_of(double factor[4], const struct work *work, size_t y,
                       size_t x)
{
    size_t up = y ? y - 1 : y, left = x ? x - 1 : x;
    size_t down = y + 1 < work->n_cell_rows ? y + 1 : y;
    size_t right = x + 1 < work->n_cell_cols ? x + 1 : x;
    size_t w = work->n_cell_cols;

    for (int k = 0; k < 4; k++) {
        size_t r0 = k / 2 ? y : up, r1 = k / 2 ? down : y;
        size_t c0 = k % 2 ? x : left, c1 = k % 2 ? right : x;
        double sum = (double)work->energy[r0 * w + c0] +
                     (double)work->energy[r0 * w + c1] +
                     (double)work->energy[r1 * w + c0] +
                     (double)work->energy[r1 * w + c1];

        factor[k] = 1 / sqrt(sum + 1e-4);
    }
}

/* Half the sum of the four clipped normalizations; each is added to its
 * texture if that is wanted. */
static float clipped_sum(float h, const double factor[4], double *texture)
{
    double sum = 0;

    for (int k = 0; k < 4; k++) {
        double value = h * factor[k] < 0.2 ? h * factor[k] : 0.2;

        sum += value;
        if (texture)
            texture[k] += value;
    }
    return (float)(0.5 * sum);
}

static void describe_cell(const struct work *work, size_t y, size_t x)
{
    size_t n_cells = work->n_cell_rows * work->n_cell_cols;
    size_t cell = y * work->n_cell_cols + x;
    double factor[4], texture[4] = {0};
    float *out = work->planes + cell;

    factors_of(factor, work, y, x);
    for (int k = 0; k < 2 * work->n; k++, out += n_cells)
        *out = clipped_sum(work->histogram[(size_t)k * n_cells + cell], factor,
                           NULL);
    for (int k = 0; k < work->n; k++, out += n_cells)
        *out = clipped_sum(both_directions(work, cell, k), factor, texture);
    for (int k = 0; k < 4; k++, out += n_cells)
        *out = (float)(texture[k] / sqrt(18)); /* for any n, as there */
}

static void write_features(const struct work *work,
                           const struct foray_array *features)
{
    size_t n_cells = work->n_cell_rows * work->n_cell_cols;
    char *out = features->data;

    for (size_t y = 0; y < work->n_cell_rows; y++)
        for (size_t x = 0; x < work->n_cell_cols; x++)
            describe_cell(work, y, x);
    for (int d = 0; d < 3 * work->n + 4; d++) {
        for (size_t i = 0; i < n_cells; i++)
            work->plane[i] = (double)work->planes[(size_t)d * n_cells + i];
        foray__hog_store(out, features->dtype, work->plane, n_cells,
                         foray__hog_kernel_choose());
        out += n_cells * features->itemsize;
    }
}

static void *carve(char *base, size_t *at, size_t nbytes)
{
    size_t start = *at;

    *at += foray__round_up(nbytes, 64);
    return base ? base + start : NULL;
}

static size_t lay_out(struct work *work, char *base)
{
    size_t n_cells = work->n_cell_rows * work->n_cell_cols;
    size_t n = (size_t)work->n, at = 0;

    work->pixels =
        carve(base, &at,
              work->rows * work->cols * work->channels * sizeof *work->pixels);
    work->histogram =
        carve(base, &at, 2 * n * n_cells * sizeof *work->histogram);
    work->energy = carve(base, &at, n_cells * sizeof *work->energy);
    work->cosine = carve(base, &at, n * sizeof *work->cosine);
    work->sine = carve(base, &at, n * sizeof *work->sine);
    work->plane = carve(base, &at, n_cells * sizeof *work->plane);
    work->planes =
        carve(base, &at, (3 * n + 4) * n_cells * sizeof *work->planes);
    return at;
}

static int prepare(struct work *work, struct foray_hog *hog,
                   const struct foray_array *image, struct foray_error *err)
{
    struct foray_array copy;
    size_t nbytes;
    char *base;

    work->n = hog->options.orientations;
    work->cell = hog->options.cell_rows;
    work->rows = image->shape[0];
    work->cols = image->shape[1];
    work->channels = image->ndim == 3 ? image->shape[2] : 1;
    work->n_cell_rows = cells_along(work->rows, work->cell);
    work->n_cell_cols = cells_along(work->cols, work->cell);
    if (!foray__shape_nbytes(&nbytes, 64, image->ndim, image->shape))
        return foray__fail(err, FORAY_ERANGE, "the image is too large");
    base = foray__scratch_get(&hog->scratch, lay_out(work, NULL));
    if (!base)
        return foray__fail(err, FORAY_ENOMEM,
                           "no memory for HOG of an image of %zu x %zu",
                           work->rows, work->cols);
    lay_out(work, base);
    memset(work->histogram, 0,
           2 * (size_t)work->n * work->n_cell_rows * work->n_cell_cols *
               sizeof *work->histogram);
    for (int k = 0; k < work->n; k++) {
        work->cosine[k] = (float)cos(k * M_PI / work->n);
        work->sine[k] = (float)sin(k * M_PI / work->n);
    }
    FORAY_TRY(foray_array_wrap(&copy, work->pixels, FORAY_F32, image->ndim,
                               image->shape, err));
    return foray_array_copy(&copy, image, err);
}

static int compute(struct foray_hog *hog, const struct foray_array *image,
                   const struct foray_array *features, struct foray_error *err)
{
    struct work work;

    if (image->dtype == FORAY_OPAQUE || image->dtype == FORAY_C64 ||
        image->dtype == FORAY_C128)
        return foray__fail(err, FORAY_EDTYPE,
                           "HOG needs pixels that are real numbers, not %s",
                           foray_dtype_name(image->dtype));
    FORAY_TRY(prepare(&work, hog, image, err));
    take_votes(&work);
    take_energies(&work);
    write_features(&work, features);
    return 0;
}

const struct foray__hog_method foray__hog_uoctti = {
    .complete = complete,
    .shape = shape,
    .compute = compute,
};
