#include "image/fit.h"

#include <math.h>
#include <string.h>

#include "image/exif.h"

/* The middle part that has the shape of the result. */
static void crop(struct foray__fit *fit, double rows, double cols)
{
    double wanted = (double)fit->cols / (double)fit->rows;
    double high = rows, wide = cols, top, left;

    if (cols / rows > wanted)
        wide = wanted * rows;
    else if (cols / rows < wanted)
        high = cols / wanted;
    left = (cols - wide) * 0.5;
    top = (rows - high) * 0.5;
    fit->box = (struct foray__box){(float)left, (float)top,
                                   (float)(left + wide), (float)(top + high)};
}

/* Rounded half to even, as Python does; at least 1 and at most `most`. */
static size_t count(double exact, size_t most)
{
    double n = rint(exact);

    return n < 1 ? 1 : n < (double)most ? (size_t)n : most;
}

/* The whole image, as large as the result has room for it. */
static void pad(struct foray__fit *fit, double rows, double cols)
{
    size_t high = fit->rows, wide = fit->cols;
    double have = cols / rows, wanted = (double)wide / (double)high;

    if (have > wanted)
        fit->rows = count(rows / cols * (double)wide, high);
    else if (have < wanted)
        fit->cols = count(cols / rows * (double)high, wide);
    fit->top = (size_t)rint((double)(high - fit->rows) * 0.5);
    fit->left = (size_t)rint((double)(wide - fit->cols) * 0.5);
}

struct foray__fit foray__fit_of(size_t rows, size_t cols,
                                const struct foray_image_options *options)
{
    struct foray__fit fit = {.box = foray__box_whole(rows, cols),
                             .rows = options->rows,
                             .cols = options->cols};

    if (options->fit == FORAY_FIT_CROP)
        crop(&fit, (double)rows, (double)cols);
    else if (options->fit == FORAY_FIT_PAD)
        pad(&fit, (double)rows, (double)cols);
    return fit;
}

size_t foray__fit_jpeg_scale(const struct foray_image_info *info,
                             const struct foray_image_options *options)
{
    bool swaps = options->exif && foray__exif_swaps(info->orientation);
    size_t rows = swaps ? info->cols : info->rows;
    size_t cols = swaps ? info->rows : info->cols;
    struct foray__fit fit;
    size_t scale = 1;

    if (options->jpeg_scale != FORAY_JPEG_AUTO || !options->rows || !rows ||
        !cols)
        return 1;
    fit = foray__fit_of(rows, cols, options);
    while (scale < 8 && rows / (2 * scale) / 2 >= fit.rows &&
           cols / (2 * scale) / 2 >= fit.cols)
        scale *= 2;
    return scale;
}

void foray__fit_frame(struct foray_array *dst, const struct foray_array *src,
                      const struct foray__fit *fit)
{
    size_t pixel = src->ndim == 3 ? src->shape[2] : 1;
    size_t line = dst->shape[1] * pixel, inner = src->shape[1] * pixel;
    uint8_t *to = dst->data;
    const uint8_t *from = src->data;

    memset(to, 0, dst->shape[0] * line);
    to += fit->top * line + fit->left * pixel;
    for (size_t row = 0; row < src->shape[0]; row++)
        memcpy(to + row * line, from + row * inner, inner);
}
