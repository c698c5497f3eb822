/* Cells of 8-bit images: integer gradients, bins by table. */
#include "image/skimage.h"

/* Row y of each channel as bytes of its own; gray images as they are. */
static const uint8_t *plane(const struct foray__skimage *work,
                            const struct foray_array *image, size_t y,
                            size_t channel)
{
    const uint8_t *pixels =
        (const uint8_t *)image->data + y * work->cols * work->channels;

    if (work->channels == 1)
        return pixels;
    return work->planes + (y % 3 * work->channels + channel) * work->cols;
}

static void split_row(const struct foray__skimage *work,
                      const struct foray_array *image, size_t y)
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

void foray__skimage_bytes(const struct foray__skimage *work,
                          const struct foray_array *image, const uint8_t *table,
                          double *cells)
{
    size_t n_rows = work->n_cell_rows * work->options->cell_rows;

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
        foray__skimage_add_row(work, y, cells);
    }
}
