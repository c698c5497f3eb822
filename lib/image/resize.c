#include "image/resize.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"

/* Products of 8-bit pixels with weights this fine sum up in 32 bits. */
enum { PRECISION = 32 - 8 - 2 };

/* For each output position, the input positions [first, first + n) that it is
 * a weighted mean of. */
struct weights {
    size_t width; /* weights kept per position */
    int32_t *weight;
    struct range {
        size_t first, n;
    } * range;
};

/* The size of an image. */
struct plane {
    size_t rows, cols, channels;
};

/* SIZE_MAX when it overflows. */
static size_t weights_width(size_t from, size_t to)
{
    double scale = (double)from / (double)to;
    size_t width = (size_t)ceil(scale < 1 ? 1 : scale);

    return foray__mul(&width, width, 2) && foray__add(&width, width, 1)
               ? width
               : SIZE_MAX;
}

static double triangle(double x)
{
    x = fabs(x);
    return x < 1 ? 1 - x : 0;
}

static void weigh_one(const struct weights *weights, size_t i, size_t from,
                      double scale)
{
    double support = scale < 1 ? 1 : scale, sum = 0;
    double centre = ((double)i + 0.5) * scale;
    /* Truncated towards zero, as the casts of the original. */
    long first = (long)(centre - support + 0.5);
    long stop = (long)(centre + support + 0.5);
    int32_t *weight = weights->weight + i * weights->width;

    if (first < 0)
        first = 0;
    if (stop > (long)from)
        stop = (long)from;
    weights->range[i].first = (size_t)first;
    weights->range[i].n = (size_t)(stop - first);
    for (long k = first; k < stop; k++)
        sum += triangle(((double)k - centre + 0.5) * (1.0 / support));
    for (long k = first; k < stop; k++) {
        double w = triangle(((double)k - centre + 0.5) * (1.0 / support));

        if (sum != 0)
            w /= sum;
        weight[k - first] = (int32_t)(0.5 + w * (1 << PRECISION));
    }
}

static void weigh(const struct weights *weights, size_t from, size_t to)
{
    for (size_t i = 0; i < to; i++)
        weigh_one(weights, i, from, (double)from / (double)to);
}

static uint8_t clip(int32_t sum)
{
    sum >>= PRECISION;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* Columns of one row. */
static void resample_row(uint8_t *dst, const uint8_t *src, size_t cols,
                         size_t channels, const struct weights *weights)
{
    for (size_t x = 0; x < cols; x++) {
        const int32_t *weight = weights->weight + x * weights->width;
        const uint8_t *from = src + weights->range[x].first * channels;
        size_t n = weights->range[x].n;

        for (size_t c = 0; c < channels; c++) {
            int32_t sum = 1 << (PRECISION - 1);

            for (size_t k = 0; k < n; k++)
                sum += from[k * channels + c] * weight[k];
            dst[x * channels + c] = clip(sum);
        }
    }
}

/* One output row from several input rows of `n` bytes; `sums` holds n. */
static void blend_rows(uint8_t *dst, const uint8_t *src, size_t n,
                       const struct range *range, const int32_t *weight,
                       int32_t *sums)
{
    for (size_t x = 0; x < n; x++)
        sums[x] = 1 << (PRECISION - 1);
    for (size_t k = 0; k < range->n; k++) {
        const uint8_t *row = src + (range->first + k) * n;

        for (size_t x = 0; x < n; x++)
            sums[x] += row[x] * weight[k];
    }
    for (size_t x = 0; x < n; x++)
        dst[x] = clip(sums[x]);
}

static uint8_t multiply_255(unsigned a, unsigned b)
{
    unsigned product = a * b + 128;

    return (uint8_t)(((product >> 8) + product) >> 8);
}

/* Weight colours by alpha, the last channel. */
static void premultiply(uint8_t *dst, const uint8_t *src, size_t n,
                        size_t channels)
{
    for (size_t i = 0; i < n; i++, dst += channels, src += channels) {
        for (size_t c = 0; c + 1 < channels; c++)
            dst[c] = multiply_255(src[c], src[channels - 1]);
        dst[channels - 1] = src[channels - 1];
    }
}

/* And back, in place. */
static void unmultiply(uint8_t *pixels, size_t n, size_t channels)
{
    for (size_t i = 0; i < n; i++, pixels += channels) {
        unsigned alpha = pixels[channels - 1];

        if (alpha == 0 || alpha == 255)
            continue;
        for (size_t c = 0; c + 1 < channels; c++) {
            unsigned value = 255U * pixels[c] / alpha;

            pixels[c] = (uint8_t)(value > 255 ? 255 : value);
        }
    }
}

/* Everything one resampling needs, cut from one block. */
struct work {
    struct weights across, down;
    uint8_t *premultiplied, *middle;
    int32_t *sums;
};

/* `n` x `width` elements; a size that overflows makes *at SIZE_MAX. */
static void *carve(char *base, size_t *at, size_t itemsize, size_t n,
                   size_t width)
{
    size_t shape[2] = {n, width}, nbytes;

    if (!foray__shape_nbytes(&nbytes, itemsize, 2, shape))
        nbytes = SIZE_MAX;
    return foray__scratch_carve(base, at, nbytes);
}

static void carve_weights(struct weights *weights, char *base, size_t *at,
                          size_t from, size_t to)
{
    weights->width = weights_width(from, to);
    weights->weight =
        carve(base, at, sizeof *weights->weight, to, weights->width);
    weights->range = carve(base, at, sizeof *weights->range, to, 1);
}

static size_t lay_out(struct work *work, char *base, const struct plane *dst,
                      const struct plane *src, bool alpha)
{
    size_t at = 0;

    carve_weights(&work->across, base, &at, src->cols, dst->cols);
    carve_weights(&work->down, base, &at, src->rows, dst->rows);
    work->middle = carve(base, &at, src->channels, src->rows, dst->cols);
    work->premultiplied =
        carve(base, &at, alpha ? src->channels : 0, src->rows, src->cols);
    work->sums = carve(base, &at, sizeof *work->sums, dst->cols, src->channels);
    return at;
}

static struct plane plane_of(const struct foray_array *array)
{
    struct plane plane = {array->shape[0], array->shape[1],
                          array->ndim == 3 ? array->shape[2] : 1};

    return plane;
}

static void resample(uint8_t *to, const uint8_t *from, const struct plane *dst,
                     const struct plane *src, struct work *work)
{
    size_t out_line = dst->cols * src->channels;
    size_t in_line = src->cols * src->channels;

    /* As Pillow: an axis that keeps its size is not touched. */
    if (dst->cols != src->cols) {
        uint8_t *middle = dst->rows == src->rows ? to : work->middle;

        weigh(&work->across, src->cols, dst->cols);
        for (size_t y = 0; y < src->rows; y++)
            resample_row(middle + y * out_line, from + y * in_line, dst->cols,
                         src->channels, &work->across);
        from = middle;
    }
    if (dst->rows != src->rows) {
        weigh(&work->down, src->rows, dst->rows);
        for (size_t y = 0; y < dst->rows; y++)
            blend_rows(to + y * out_line, from, out_line, &work->down.range[y],
                       work->down.weight + y * work->down.width, work->sums);
    } else if (from != to) {
        memcpy(to, from, dst->rows * out_line);
    }
}

int foray__resize(struct foray_array *dst, const struct foray_array *src,
                  struct foray__scratch *scratch, struct foray_error *err)
{
    struct plane to = plane_of(dst), from = plane_of(src);
    bool alpha = from.channels % 2 == 0;
    const uint8_t *pixels = src->data;
    struct work work;
    size_t nbytes;
    char *base;

    if (to.rows == from.rows && to.cols == from.cols) {
        memcpy(dst->data, src->data, foray_array_nbytes(src));
        return 0;
    }
    nbytes = lay_out(&work, NULL, &to, &from, alpha);
    if (nbytes == SIZE_MAX)
        return foray__fail(err, FORAY_ETOOLARGE,
                           "to resize %zu x %zu to %zu x %zu takes more bytes "
                           "than memory has addresses",
                           from.rows, from.cols, to.rows, to.cols);
    base = foray__scratch_get(scratch, nbytes);
    if (!base)
        return foray__fail(err, FORAY_ENOMEM,
                           "no memory to resize %zu x %zu to %zu x %zu",
                           from.rows, from.cols, to.rows, to.cols);
    lay_out(&work, base, &to, &from, alpha);
    if (alpha) {
        premultiply(work.premultiplied, pixels, from.rows * from.cols,
                    from.channels);
        pixels = work.premultiplied;
    }
    resample(dst->data, pixels, &to, &from, &work);
    if (alpha)
        unmultiply(dst->data, to.rows * to.cols, from.channels);
    return 0;
}
