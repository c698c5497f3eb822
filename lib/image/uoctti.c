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

/* Where along one axis a pixel votes: two cells, and how much for each; nothing
 * for one outside the grid. */
struct place {
    size_t cell[2];
    float weight[2];
};

/* Gradients of one row of pixels. */
struct gradients {
    float *dx, *dy, *square; /* of the channel where it is longest */
    float *score;            /* how near the nearest direction is */
    int32_t *bin;            /* that direction, or 2n: there is no gradient */
};

struct work {
    const struct foray__hog_kernel *kernel;
    int n; /* undirected orientations */
    size_t cell, rows, cols, channels;
    size_t n_cell_rows, n_cell_cols;
    float *pixels; /* rows x cols x channels */
    struct gradients gradients;
    struct place *across; /* of each column */
    float *histogram;     /* cell rows x 2n x cell columns */
    float *energy;        /* of each cell, undirected */
    float *cosine, *sine;
    double *factor, *texture; /* 4 x cell columns, of one row of cells */
    double *plane;            /* one of features, for the output's type */
    float *planes;            /* all of them */
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

static struct place place_of(size_t at, size_t cell, size_t n_cells)
{
    float centre = ((float)at + 0.5F) / (float)cell - 0.5F;
    float before = floorf(centre), towards = centre - before;
    struct place place = {{0}, {0}};

    if (before >= 0 && before < (float)n_cells) {
        place.cell[0] = (size_t)before;
        place.weight[0] = 1 - towards;
    }
    if (before + 1 < (float)n_cells) {
        place.cell[1] = (size_t)(before + 1);
        place.weight[1] = towards;
    }
    return place;
}

/* A choice by bits: without a branch, and an infinite number not chosen leaves
 * nothing behind. */
static inline float choose(bool first, float a, float b)
{
    uint32_t mask = -(uint32_t)first, one, other;

    memcpy(&one, &a, sizeof one);
    memcpy(&other, &b, sizeof other);
    other ^= (one ^ other) & mask;
    memcpy(&b, &other, sizeof b);
    return b;
}

/* Of the channels the longest gradient, the first of equals. The outermost
 * pixels have none. */
static void take_gradients(const struct work *work, size_t y)
{
    size_t step = work->channels, line = work->cols * step;
    float *restrict dx = work->gradients.dx, *restrict dy = work->gradients.dy;
    float *restrict square = work->gradients.square;

    memset(dx, 0, work->cols * sizeof *dx);
    memset(dy, 0, work->cols * sizeof *dy);
    memset(square, 0, work->cols * sizeof *square);
    for (size_t c = 0; c < step; c++) {
        const float *here = work->pixels + y * line + c;
        const float *above = here - line, *below = here + line;

        for (size_t x = 1; x + 1 < work->cols; x++) {
            float gx = here[(x + 1) * step] - here[(x - 1) * step];
            float gy = below[x * step] - above[x * step];
            float length = gx * gx + gy * gy;
            bool longer = length > square[x];

            dx[x] = choose(longer, gx, dx[x]);
            dy[x] = choose(longer, gy, dy[x]);
            square[x] = choose(longer, length, square[x]);
        }
    }
}

/* The direction that each gradient comes nearest to, the first of equals: k, or
 * k + n for its opposite. Lengths take the place of squares, unit vectors that
 * of gradients. */
static void take_directions(const struct work *work)
{
    float *restrict dx = work->gradients.dx, *restrict dy = work->gradients.dy;
    float *restrict square = work->gradients.square;
    float *restrict best = work->gradients.score;
    int32_t *restrict bin = work->gradients.bin;
    size_t n = work->cols;

    for (size_t x = 0; x < n; x++) {
        float length = sqrtf(square[x]);
        float unit = length > 1e-10F ? length : 1e-10F;

        square[x] = length;
        dx[x] /= unit;
        dy[x] /= unit;
        best[x] = 0;
        bin[x] = 2 * work->n;
    }
    for (int k = 0; k < work->n; k++) {
        float cosine = work->cosine[k], sine = work->sine[k];

        for (size_t x = 0; x < n; x++) {
            float score = dx[x] * cosine + dy[x] * sine;
            int32_t opposite = -(score < 0), nearer;

            score = fabsf(score);
            /* Masks, not choices: they vectorize. */
            nearer = -(score > best[x]);
            best[x] = score > best[x] ? score : best[x];
            bin[x] ^= (bin[x] ^ (k + (opposite & work->n))) & nearer;
        }
    }
}

static void vote(const struct work *work, size_t y)
{
    const struct place down = place_of(y, work->cell, work->n_cell_rows);
    size_t width = work->n_cell_cols, level = 2 * (size_t)work->n * width;
    float *upper = work->histogram + down.cell[0] * level;
    float *lower = work->histogram + down.cell[1] * level;

    for (size_t x = 1; x + 1 < work->cols; x++) {
        const struct place *across = &work->across[x];
        size_t bin = (size_t)work->gradients.bin[x];
        float left = work->gradients.square[x] * across->weight[0];
        float right = work->gradients.square[x] * across->weight[1];

        if (bin == 2 * (size_t)work->n)
            continue;
        upper[bin * width + across->cell[0]] += left * down.weight[0];
        upper[bin * width + across->cell[1]] += right * down.weight[0];
        lower[bin * width + across->cell[0]] += left * down.weight[1];
        lower[bin * width + across->cell[1]] += right * down.weight[1];
    }
}

/* Histograms of direction k and of its opposite, of a row of cells. */
static const float *directed(const struct work *work, size_t y, int k)
{
    return work->histogram +
           (y * 2 * (size_t)work->n + (size_t)k) * work->n_cell_cols;
}

static void take_energies(const struct work *work)
{
    size_t width = work->n_cell_cols;

    memset(work->energy, 0, work->n_cell_rows * width * sizeof *work->energy);
    for (size_t y = 0; y < work->n_cell_rows; y++)
        for (int k = 0; k < work->n; k++) {
            const float *one = directed(work, y, k);
            const float *other = directed(work, y, k + work->n);
            float *energy = work->energy + y * width;

            for (size_t x = 0; x < width; x++)
                energy[x] += (one[x] + other[x]) * (one[x] + other[x]);
        }
}

/* The four factors of a row of cells: upper left, upper right, lower left,
 * lower right neighbourhood of 2x2 cells, clamped to the grid. */
static void take_factors(const struct work *work, size_t y)
{
    size_t width = work->n_cell_cols;
    const float *here = work->energy + y * width;
    const float *above = y ? here - width : here;
    const float *below = y + 1 < work->n_cell_rows ? here + width : here;

    for (size_t k = 0; k < 4; k++)
        for (size_t x = 0; x < width; x++) {
            const float *one = k / 2 ? here : above;
            const float *two = k / 2 ? below : here;
            size_t left = k % 2 || !x ? x : x - 1;
            size_t right = k % 2 && x + 1 < width ? x + 1 : x;
            double sum = (double)one[left] + (double)one[right] +
                         (double)two[left] + (double)two[right];

            work->factor[k * width + x] = 1 / sqrt(sum + 1e-4);
        }
}

/* Half the sum of the four clipped normalizations of a row of cells: of one
 * histogram, or of two added up; those are texture too. */
static void clip_row(float *restrict out, const struct work *work,
                     const float *one, const float *other)
{
    size_t width = work->n_cell_cols;
    const double *restrict factor = work->factor;
    double *restrict texture = work->texture;

    for (size_t x = 0; x < width; x++) {
        double h = (double)(other ? one[x] + other[x] : one[x]), sum = 0;

        for (size_t k = 0; k < 4; k++) {
            double value = h * factor[k * width + x];

            value = value < 0.2 ? value : 0.2;
            sum += value;
            if (other)
                texture[k * width + x] += value;
        }
        out[x] = (float)(0.5 * sum);
    }
}

static void describe_row(const struct work *work, size_t y)
{
    size_t width = work->n_cell_cols, n_cells = work->n_cell_rows * width;
    float *out = work->planes + y * width;

    take_factors(work, y);
    memset(work->texture, 0, 4 * width * sizeof *work->texture);
    for (int k = 0; k < 2 * work->n; k++, out += n_cells)
        clip_row(out, work, directed(work, y, k), NULL);
    for (int k = 0; k < work->n; k++, out += n_cells)
        clip_row(out, work, directed(work, y, k),
                 directed(work, y, k + work->n));
    for (size_t k = 0; k < 4; k++, out += n_cells)
        for (size_t x = 0; x < width; x++) /* 18 for any n, as there */
            out[x] = (float)(work->texture[k * width + x] / sqrt(18));
}

static void describe(const struct work *work,
                     const struct foray_array *features)
{
    size_t n_cells = work->n_cell_rows * work->n_cell_cols;
    char *out = features->data;

    for (size_t y = 1; y + 1 < work->rows; y++) {
        take_gradients(work, y);
        take_directions(work);
        vote(work, y);
    }
    take_energies(work);
    for (size_t y = 0; y < work->n_cell_rows; y++)
        describe_row(work, y);
    for (int d = 0; d < 3 * work->n + 4; d++) {
        const float *plane = work->planes + (size_t)d * n_cells;

        for (size_t i = 0; i < n_cells; i++)
            work->plane[i] = (double)plane[i];
        foray__hog_store(out, features->dtype, work->plane, n_cells,
                         work->kernel);
        out += n_cells * features->itemsize;
    }
}

static size_t lay_out(struct work *work, char *base)
{
    size_t n_cells = work->n_cell_rows * work->n_cell_cols;
    size_t n = (size_t)work->n, at = 0;

    work->pixels = foray__scratch_carve(
        base, &at,
        work->rows * work->cols * work->channels * sizeof *work->pixels);
    work->gradients.dx =
        foray__scratch_carve(base, &at, work->cols * sizeof(float));
    work->gradients.dy =
        foray__scratch_carve(base, &at, work->cols * sizeof(float));
    work->gradients.square =
        foray__scratch_carve(base, &at, work->cols * sizeof(float));
    work->gradients.score =
        foray__scratch_carve(base, &at, work->cols * sizeof(float));
    work->gradients.bin =
        foray__scratch_carve(base, &at, work->cols * sizeof(int32_t));
    work->across =
        foray__scratch_carve(base, &at, work->cols * sizeof *work->across);
    work->histogram = foray__scratch_carve(
        base, &at, 2 * n * n_cells * sizeof *work->histogram);
    work->factor = foray__scratch_carve(
        base, &at, 4 * work->n_cell_cols * sizeof *work->factor);
    work->texture = foray__scratch_carve(
        base, &at, 4 * work->n_cell_cols * sizeof *work->texture);
    work->energy =
        foray__scratch_carve(base, &at, n_cells * sizeof *work->energy);
    work->cosine = foray__scratch_carve(base, &at, n * sizeof *work->cosine);
    work->sine = foray__scratch_carve(base, &at, n * sizeof *work->sine);
    work->plane =
        foray__scratch_carve(base, &at, n_cells * sizeof *work->plane);
    work->planes = foray__scratch_carve(
        base, &at, (3 * n + 4) * n_cells * sizeof *work->planes);
    return at;
}

static int prepare(struct work *work, struct foray_hog *hog,
                   const struct foray_array *image, struct foray_error *err)
{
    struct foray_array copy;
    size_t nbytes;
    char *base;

    work->kernel = hog->kernel;
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
    for (size_t x = 0; x < work->cols; x++)
        work->across[x] = place_of(x, work->cell, work->n_cell_cols);
    FORAY_TRY(foray_array_wrap(&copy, work->pixels, FORAY_F32, image->ndim,
                               image->shape, err));
    return foray_array_copy(&copy, image, err);
}

static int compute(struct foray_hog *hog, const struct foray_array *image,
                   const struct foray_array *features, struct foray_error *err)
{
    struct work work;

    FORAY_TRY(foray__hog_check_real(image->dtype, "HOG", err));
    FORAY_TRY(prepare(&work, hog, image, err));
    describe(&work, features);
    return 0;
}

const struct foray__hog_method foray__hog_uoctti = {
    .complete = complete,
    .shape = shape,
    .compute = compute,
};
