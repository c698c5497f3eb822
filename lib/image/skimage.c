/* HOG as skimage.feature.hog defines it (skimage/feature/_hog.py, 0.19 to
 * 0.25): hard assignment of unsigned angles, cells of mean magnitudes in
 * float32, overlapping blocks that slide by one cell. */
#include "image/skimage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "array/half.h"
#include "base/error.h"
#include "base/size.h"
#include "image/hog_kernel.h"
#include "image/hog_method.h"

/* What one image needs besides its cells; pointers into the scratch. */
struct work {
    const struct foray_hog_options *options;
    const struct foray__hog_kernel *kernel;
    size_t rows, cols, channels;
    size_t n_cell_rows, n_cell_cols;
    bool single; /* computed in float32, as f16 and f32 images are */
    struct foray__hog_row row, spare; /* gradients of 8-bit images */
    uint8_t *planes;                  /* three rows of each channel */
    double *dx, *dy;                  /* gradients of other images */
    float *votes; /* one row of cells, n + 1 bins: the last is for nobody */
    double *block, *normal; /* one block, before and after */
    void *pixels;           /* the image, where it has to be converted */
};

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
    size_t cell_rows = rows / options->cell_rows;
    size_t cell_cols = cols / options->cell_cols;

    if (cell_rows < options->block_rows || cell_cols < options->block_cols)
        return foray__fail(err, FORAY_ETOOSMALL,
                           "an image of %zu x %zu is too small for these cells "
                           "and blocks: at least %zu rows and %zu columns",
                           rows, cols, options->block_rows * options->cell_rows,
                           options->block_cols * options->cell_cols);
    out[0] = cell_rows - options->block_rows + 1;
    out[1] = cell_cols - options->block_cols + 1;
    out[2] = options->block_rows;
    out[3] = options->block_cols;
    out[4] = (size_t)options->orientations;
    *ndim = 5;
    return 0;
}

int foray__orientation_bin(double dy, double dx, int n)
{
    double degrees = fmod(atan2(dy, dx) * (180 / M_PI), 180);
    double width = 180.0 / n;
    int bin;

    if (isnan(degrees))
        return -1;
    if (degrees < 0)
        degrees += 180;
    bin = (int)(degrees / width);
    /* The quotient may round across a bound; the bounds are products. */
    while (bin > 0 && degrees < width * bin)
        bin--;
    while (bin < n && degrees >= width * (bin + 1))
        bin++;
    return bin;
}

/* Bins rise as dx falls. The last dx before each bound is looked for from just
 * above where the bound's direction says: two arctangents a bound, where one
 * each entry would take longer than most images. */
void foray__bin_table(uint8_t *table, int n)
{
    memset(table, 0, FORAY__BIN_STRIDE); /* dy is 0 */
    for (int dy = 1; dy < FORAY__BIN_ROWS; dy++) {
        uint8_t *row = table + dy * FORAY__BIN_STRIDE + 255;
        int dx = 255;

        for (int bin = 0; bin < n; bin++) {
            double bound = bin + 1 < n ? dy / tan(M_PI / n * (bin + 1)) : -256;
            int least = bound < -256 ? -256 : (int)fmin(floor(bound), 255);

            while (least < 255 &&
                   foray__orientation_bin(dy, least + 1, n) > bin)
                least++;
            while (least > -256 && foray__orientation_bin(dy, least, n) <= bin)
                least--;
            for (; dx > least; dx--)
                row[dx] = (uint8_t)bin;
        }
    }
}

/* Cut `nbytes` from the block at *at, 64-byte aligned; measures with NULL. */
static void *carve(char *base, size_t *at, size_t nbytes)
{
    size_t start = *at;

    *at += foray__round_up(nbytes, 64);
    return base ? base + start : NULL;
}

static void carve_row(struct foray__hog_row *row, char *base, size_t *at,
                      size_t cols)
{
    row->dx = carve(base, at, cols * sizeof *row->dx);
    row->dy = carve(base, at, cols * sizeof *row->dy);
    row->square = carve(base, at, cols * sizeof *row->square);
    row->magnitude = carve(base, at, cols * sizeof *row->magnitude);
    row->bin = carve(base, at, cols);
}

static size_t lay_out(struct work *work, char *base, size_t pixel_bytes)
{
    size_t n = (size_t)work->options->orientations;
    size_t block =
        work->options->block_rows * work->options->block_cols * n * 8;
    size_t at = 0;

    carve_row(&work->row, base, &at, work->cols);
    carve_row(&work->spare, base, &at, work->cols);
    work->planes = carve(base, &at, 3 * work->channels * work->cols);
    work->dx = carve(base, &at, work->cols * sizeof *work->dx);
    work->dy = carve(base, &at, work->cols * sizeof *work->dy);
    work->votes =
        carve(base, &at, work->n_cell_cols * (n + 1) * sizeof *work->votes);
    work->block = carve(base, &at, block);
    work->normal = carve(base, &at, block);
    work->pixels = carve(base, &at, pixel_bytes);
    return at;
}

/* The image as C-order elements of `dtype`, in the scratch unless it is that
 * already. */
static int convert(struct foray_array *out, const struct work *work,
                   const struct foray_array *image, enum foray_dtype dtype,
                   struct foray_error *err)
{
    if (image->dtype == dtype && !image->swapped &&
        foray_array_is_contiguous(image, FORAY_C_ORDER)) {
        *out = *image;
        return 0;
    }
    FORAY_TRY(foray_array_wrap(out, work->pixels, dtype, image->ndim,
                               image->shape, err));
    return foray_array_copy(out, image, err);
}

/* Give what one row of cells gathered to the histograms: means, not sums. */
static void close_cells(const struct work *work, double *cells)
{
    size_t n = (size_t)work->options->orientations;
    float area = (float)(work->options->cell_rows * work->options->cell_cols);

    for (size_t c = 0; c < work->n_cell_cols; c++)
        for (size_t i = 0; i < n; i++)
            cells[c * n + i] = (double)(work->votes[c * (n + 1) + i] / area);
    memset(work->votes, 0, work->n_cell_cols * (n + 1) * sizeof *work->votes);
}

/* Add a row of 8-bit votes to its cells: each sum is a float to which doubles
 * are added, in the order of the pixels. */
static void add_votes(const struct work *work)
{
    size_t n = (size_t)work->options->orientations, x = 0;

    for (size_t c = 0; c < work->n_cell_cols; c++) {
        float *votes = work->votes + c * (n + 1);

        for (size_t k = 0; k < work->options->cell_cols; k++, x++) {
            float *sum = votes + work->row.bin[x];

            *sum = (float)((double)*sum + work->row.magnitude[x]);
        }
    }
}

/* Row y of each channel as bytes of its own; gray images as they are. */
static const uint8_t *plane(const struct work *work,
                            const struct foray_array *image, size_t y,
                            size_t channel)
{
    const uint8_t *pixels =
        (const uint8_t *)image->data + y * work->cols * work->channels;

    if (work->channels == 1)
        return pixels;
    return work->planes + (y % 3 * work->channels + channel) * work->cols;
}

static void split_row(const struct work *work, const struct foray_array *image,
                      size_t y)
{
    const uint8_t *pixels =
        (const uint8_t *)image->data + y * work->cols * work->channels;

    if (work->channels == 1)
        return;
    if (work->channels == 3) { /* so common that it has a loop of its own */
        uint8_t *restrict to = work->planes + y % 3 * 3 * work->cols;
        size_t cols = work->cols;

        for (size_t x = 0; x < cols; x++) {
            to[x] = pixels[3 * x];
            to[cols + x] = pixels[3 * x + 1];
            to[2 * cols + x] = pixels[3 * x + 2];
        }
        return;
    }
    for (size_t c = 0; c < work->channels; c++) {
        uint8_t *to = work->planes + (y % 3 * work->channels + c) * work->cols;

        for (size_t x = 0; x < work->cols; x++)
            to[x] = pixels[x * work->channels + c];
    }
}

static void cells_of_bytes(const struct work *work,
                           const struct foray_array *image,
                           const uint8_t *table, double *cells)
{
    size_t n_rows = work->n_cell_rows * work->options->cell_rows;
    size_t stride = work->n_cell_cols * (size_t)work->options->orientations;

    split_row(work, image, 0);
    for (size_t y = 0; y < n_rows; y++) {
        size_t above = y ? y - 1 : y, below = y + 1;

        if (below < work->rows)
            split_row(work, image, below);
        if (y == 0 || below == work->rows)
            above = below = y; /* no gradient across the border */
        for (size_t c = 0; c < work->channels; c++) {
            work->kernel->gradient(c ? &work->spare : &work->row,
                                   plane(work, image, above, c),
                                   plane(work, image, y, c),
                                   plane(work, image, below, c), work->cols);
            if (c)
                work->kernel->larger(&work->row, &work->spare, work->cols);
        }
        work->kernel->vote(&work->row, table, work->cols);
        add_votes(work);
        if ((y + 1) % work->options->cell_rows == 0)
            close_cells(work, cells + y / work->options->cell_rows * stride);
    }
}

/* A pixel of a converted image; its type is the one skimage computes in. */
static double pixel(const struct foray_array *image, size_t index)
{
    return image->dtype == FORAY_F32
               ? (double)((const float *)image->data)[index]
               : ((const double *)image->data)[index];
}

/* a - b and the length of a vector, rounded as that type rounds them. */
static double difference(double a, double b, bool single)
{
    return single ? (double)((float)a - (float)b) : a - b;
}

static double length_of(double dx, double dy, bool single)
{
    return single ? (double)hypotf((float)dx, (float)dy) : hypot(dx, dy);
}

/* Gradients of row y: of the channel where they are longest, the first of
 * equals; NaN is longest of all, as numpy.argmax has it. */
static void gradients(const struct work *work, const struct foray_array *image,
                      size_t y)
{
    size_t step = work->channels, line = work->cols * step;
    bool single = image->dtype == FORAY_F32;

    for (size_t x = 0; x < work->cols; x++) {
        double best = -1;

        for (size_t c = 0; c < work->channels; c++) {
            size_t at = y * line + x * step + c;
            double dx = 0, dy = 0, length;

            if (x > 0 && x + 1 < work->cols)
                dx = difference(pixel(image, at + step),
                                pixel(image, at - step), single);
            if (y > 0 && y + 1 < work->rows)
                dy = difference(pixel(image, at + line),
                                pixel(image, at - line), single);
            length = work->channels > 1 ? length_of(dx, dy, single) : 0;
            if (length > best || (isnan(length) && !isnan(best))) {
                best = length;
                work->dx[x] = dx;
                work->dy[x] = dy;
            }
        }
    }
}

static void add_row(const struct work *work)
{
    int n = work->options->orientations;
    size_t used = work->n_cell_cols * work->options->cell_cols;

    for (size_t x = 0; x < used; x++) {
        float *votes =
            work->votes + x / work->options->cell_cols * (size_t)(n + 1);
        double magnitude = hypot(work->dx[x], work->dy[x]);
        int bin = foray__orientation_bin(work->dy[x], work->dx[x], n);

        for (int i = bin < 0 ? 0 : bin; i <= (bin < 0 ? n - 1 : bin); i++)
            votes[i] = (float)((double)votes[i] + magnitude);
    }
}

static void cells_of_numbers(const struct work *work,
                             const struct foray_array *image, double *cells)
{
    size_t n_rows = work->n_cell_rows * work->options->cell_rows;
    size_t stride = work->n_cell_cols * (size_t)work->options->orientations;

    for (size_t y = 0; y < n_rows; y++) {
        gradients(work, image, y);
        add_row(work);
        if ((y + 1) % work->options->cell_rows == 0)
            close_cells(work, cells + y / work->options->cell_rows * stride);
    }
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
static void write_blocks(const struct work *work, const double *cells,
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

static int check_type(const struct foray_array *image, struct foray_error *err)
{
    if (image->dtype != FORAY_OPAQUE && image->dtype != FORAY_C64 &&
        image->dtype != FORAY_C128)
        return 0;
    return foray__fail(err, FORAY_EDTYPE,
                       "HOG needs pixels that are real numbers, not %s",
                       foray_dtype_name(image->dtype));
}

static int measure(struct work *work, struct foray_hog *hog,
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
    struct work work;
    double *cells;

    FORAY_TRY(check_type(image, err));
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
        cells_of_bytes(&work, &pixels, hog->tables, cells);
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
        cells_of_numbers(&work, &pixels, cells);
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
