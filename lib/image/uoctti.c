/* HOG as VLFeat's vl_hog computes its variant UoCTTI (Felzenszwalb, Girshick,
 * McAllester and Ramanan 2010; vl/hog.c of 0.9.21): directed and undirected
 * angles, votes shared between four cells, four normalizations by the
 * neighbourhoods of a cell, and their four sums as texture. */
#include "image/uoctti.h"

#include "base/error.h"
#include "base/size.h"
#include "image/hog_kernel.h"
#include "image/hog_method.h"

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

static void describe(const struct foray__uoctti *work,
                     const struct foray_array *features)
{
    size_t n_cells = work->n_cell_rows * work->n_cell_cols;
    char *out = features->data;

    foray__uoctti_begin(work);
    for (size_t y = 1; y + 1 < work->rows; y++)
        foray__uoctti_vote(work, y);
    foray__uoctti_normalize(work);
    for (int d = 0; d < 3 * work->n + 4; d++) {
        const float *plane = work->planes + (size_t)d * n_cells;

        for (size_t i = 0; i < n_cells; i++)
            work->plane[i] = (double)plane[i];
        foray__hog_store(out, features->dtype, work->plane, n_cells,
                         work->kernel);
        out += n_cells * features->itemsize;
    }
}

static size_t lay_out(struct foray__uoctti *work, char *base)
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

static int prepare(struct foray__uoctti *work, struct foray_hog *hog,
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
    FORAY_TRY(foray_array_wrap(&copy, work->pixels, FORAY_F32, image->ndim,
                               image->shape, err));
    return foray_array_copy(&copy, image, err);
}

static int compute(struct foray_hog *hog, const struct foray_array *image,
                   const struct foray_array *features, struct foray_error *err)
{
    struct foray__uoctti work;

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
