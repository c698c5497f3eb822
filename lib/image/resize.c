#include "image/resize.h"

#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "image/weights.h"

enum { HALF = 1 << (FORAY__WEIGHT_BITS - 1) };

/* The size of an image. */
struct plane {
    size_t rows, cols, channels;
};

static uint8_t clip(int32_t sum)
{
    sum >>= FORAY__WEIGHT_BITS;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* Columns of one row. */
static void resample_row(uint8_t *dst, const uint8_t *src, size_t cols,
                         size_t channels, const struct foray__weights *weights)
{
    for (size_t x = 0; x < cols; x++) {
        const int32_t *weight = weights->weight + x * weights->width;
        const uint8_t *from = src + weights->taps[x].first * channels;
        size_t n = weights->taps[x].n;

        for (size_t c = 0; c < channels; c++) {
            int32_t sum = HALF;

            for (size_t k = 0; k < n; k++)
                sum += from[k * channels + c] * weight[k];
            dst[x * channels + c] = clip(sum);
        }
    }
}

/* One output row from several input rows of `n` bytes; `sums` holds n. */
static void blend_rows(uint8_t *dst, const uint8_t *src, size_t n,
                       const struct foray__taps *taps, const int32_t *weight,
                       int32_t *sums)
{
    for (size_t x = 0; x < n; x++)
        sums[x] = HALF;
    for (size_t k = 0; k < taps->n; k++) {
        const uint8_t *row = src + (taps->first + k) * n;

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

/* Everything one resampling needs; the arrays are cut from one block. */
struct work {
    struct plane dst, src;
    struct foray__axis x, y;
    enum foray_filter filter;
    struct foray__weights across, down;
    uint8_t *premultiplied, *middle;
    int32_t *sums;
};

struct foray__box foray__box_whole(size_t rows, size_t cols)
{
    return (struct foray__box){.right = (float)cols, .bottom = (float)rows};
}

/* `n` x `width` elements; a size that overflows makes *at SIZE_MAX. */
static void *carve(char *base, size_t *at, size_t itemsize, size_t n,
                   size_t width)
{
    size_t shape[2] = {n, width}, nbytes;

    if (!foray__shape_nbytes(&nbytes, itemsize, 2, shape))
        nbytes = SIZE_MAX;
    return foray__scratch_carve(base, at, nbytes);
}

static void carve_weights(struct foray__weights *weights, char *base,
                          size_t *at, const struct foray__axis *axis,
                          enum foray_filter filter)
{
    size_t width = foray__weights_width(axis, filter);

    weights->width = width;
    weights->weight = carve(base, at, sizeof *weights->weight, axis->to, width);
    weights->taps = carve(base, at, sizeof *weights->taps, axis->to, 1);
    weights->exact = carve(base, at, sizeof *weights->exact, width, 1);
}

static size_t lay_out(struct work *work, char *base, bool alpha)
{
    const struct plane *dst = &work->dst, *src = &work->src;
    size_t at = 0;

    carve_weights(&work->across, base, &at, &work->x, work->filter);
    carve_weights(&work->down, base, &at, &work->y, work->filter);
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

/* As Pillow: an axis that keeps its samples is not touched. */
static bool is_moved(const struct foray__axis *axis)
{
    return axis->to != axis->from || axis->begin != 0 ||
           axis->end != (float)axis->to;
}

/* The rows that rows of the result are made of. */
static struct foray__taps rows_used(const struct work *work)
{
    const struct foray__taps *last = &work->down.taps[work->dst.rows - 1];
    struct foray__taps rows = {work->down.taps[0].first, 0};

    rows.n = last->first + last->n - rows.first;
    return rows;
}

static void resample(uint8_t *to, const uint8_t *from, struct work *work)
{
    const struct plane *dst = &work->dst, *src = &work->src;
    size_t out_line = dst->cols * src->channels;
    size_t in_line = src->cols * src->channels;
    struct foray__taps rows = {0, src->rows};
    bool down = is_moved(&work->y);

    if (down) {
        foray__weigh(&work->down, &work->y, work->filter);
        rows = rows_used(work);
    }
    if (is_moved(&work->x)) {
        uint8_t *middle = down ? work->middle : to;

        foray__weigh(&work->across, &work->x, work->filter);
        for (size_t y = rows.first; y < rows.first + rows.n; y++)
            resample_row(middle + y * out_line, from + y * in_line, dst->cols,
                         src->channels, &work->across);
        from = middle;
    }
    if (down) {
        for (size_t y = 0; y < dst->rows; y++)
            blend_rows(to + y * out_line, from, out_line, &work->down.taps[y],
                       work->down.weight + y * work->down.width, work->sums);
    } else if (from != to) {
        memcpy(to, from, dst->rows * out_line);
    }
}

int foray__resize(struct foray_array *dst, const struct foray_array *src,
                  const struct foray__box *box, enum foray_filter filter,
                  struct foray__scratch *scratch, struct foray_error *err)
{
    struct plane to = plane_of(dst), from = plane_of(src);
    struct work work = {.dst = to, .src = from, .filter = filter};
    bool alpha = from.channels % 2 == 0;
    const uint8_t *pixels = src->data;
    size_t nbytes;
    char *base;

    work.x = (struct foray__axis){from.cols, to.cols, box->left, box->right};
    work.y = (struct foray__axis){from.rows, to.rows, box->top, box->bottom};
    if (!is_moved(&work.x) && !is_moved(&work.y)) {
        memcpy(dst->data, src->data, foray_array_nbytes(src));
        return 0;
    }
    nbytes = lay_out(&work, NULL, alpha);
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
    lay_out(&work, base, alpha);
    if (alpha) {
        premultiply(work.premultiplied, pixels, from.rows * from.cols,
                    from.channels);
        pixels = work.premultiplied;
    }
    resample(dst->data, pixels, &work);
    if (alpha)
        unmultiply(dst->data, to.rows * to.cols, from.channels);
    return 0;
}
