/* Cells of images that are not 8-bit: gradients in the type that skimage
 * computes in, lengths by hypot as there. */
#include <math.h>

#include "image/orientation.h"
#include "image/skimage.h"

/* out[x] = plus[x * step] - minus[x * step], rounded to the pixels' type. */
static void subtract(double *restrict out, const void *plus, const void *minus,
                     size_t n, size_t step, bool single)
{
    const float *plus32 = plus, *minus32 = minus;
    const double *plus64 = plus, *minus64 = minus;

    if (single)
        for (size_t x = 0; x < n; x++)
            out[x] = (double)(plus32[x * step] - minus32[x * step]);
    else
        for (size_t x = 0; x < n; x++)
            out[x] = plus64[x * step] - minus64[x * step];
}

static const void *element(const struct foray__skimage *work,
                           const struct foray_array *image, size_t y, size_t x,
                           size_t channel)
{
    return (const char *)image->data +
           ((y * work->cols + x) * work->channels + channel) * image->itemsize;
}

/* Gradients of one channel of row y: 0 across the border. */
static void gradient(double *dx, double *dy, const struct foray__skimage *work,
                     const struct foray_array *image, size_t y, size_t channel)
{
    size_t n = work->cols, step = work->channels;

    dx[0] = dx[n - 1] = 0;
    if (n > 2)
        subtract(dx + 1, element(work, image, y, 2, channel),
                 element(work, image, y, 0, channel), n - 2, step,
                 work->single);
    if (y > 0 && y + 1 < work->rows)
        subtract(dy, element(work, image, y + 1, 0, channel),
                 element(work, image, y - 1, 0, channel), n, step,
                 work->single);
    else
        for (size_t x = 0; x < n; x++)
            dy[x] = 0;
}

/* Of a pixel's channels, in the pixels' type. */
static double length_of(const struct foray__skimage *work, double dx, double dy)
{
    return work->single ? (double)hypotf((float)dx, (float)dy) : hypot(dx, dy);
}

/* Row y: gradients of the channel where they are longest, the first of equals;
 * NaN is longest of all, as numpy.argmax has it. */
static void gradients(const struct foray__skimage *work,
                      const struct foray_array *image, size_t y)
{
    gradient(work->dx, work->dy, work, image, y, 0);
    for (size_t c = 1; c < work->channels; c++) {
        if (c == 1)
            for (size_t x = 0; x < work->cols; x++)
                work->length[x] = length_of(work, work->dx[x], work->dy[x]);
        gradient(work->spare_dx, work->spare_dy, work, image, y, c);
        for (size_t x = 0; x < work->cols; x++) {
            double best = work->length[x];
            double length =
                length_of(work, work->spare_dx[x], work->spare_dy[x]);

            if (length > best || (isnan(length) && !isnan(best))) {
                work->length[x] = length;
                work->dx[x] = work->spare_dx[x];
                work->dy[x] = work->spare_dy[x];
            }
        }
    }
}

/* NaN falls into every bin of its cell. Only NaN and infinity come here, to
 * which nothing that the cell adds before or after makes a difference. */
static void vote_for_all(const struct foray__skimage *work, size_t x)
{
    int n = work->options->orientations;
    size_t cell = x / work->options->cell_cols;
    float *votes = work->votes + cell * (size_t)(n + 1);

    for (int i = 0; i < n && cell < work->n_cell_cols; i++)
        votes[i] = (float)((double)votes[i] + work->row.magnitude[x]);
}

static void vote(const struct foray__skimage *work)
{
    int n = work->options->orientations;
    uint8_t *bin = work->row.bin;

    work->kernel->bins(bin, work->dx, work->dy, work->cols, n);
    for (size_t x = 0; x < work->cols; x++)
        work->row.magnitude[x] = hypot(work->dx[x], work->dy[x]);
    for (size_t x = 0; x < work->cols; x++)
        if (bin[x] == FORAY__BIN_UNSURE) {
            int exact = foray__orientation_bin(work->dy[x], work->dx[x], n);

            if (exact < 0)
                vote_for_all(work, x);
            bin[x] = (uint8_t)(exact < 0 ? n : exact);
        }
}

void foray__skimage_numbers(const struct foray__skimage *work,
                            const struct foray_array *image, double *cells)
{
    size_t n_rows = work->n_cell_rows * work->options->cell_rows;

    for (size_t y = 0; y < n_rows; y++) {
        gradients(work, image, y);
        vote(work);
        foray__skimage_add_row(work, y, cells);
    }
}
