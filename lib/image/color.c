#include "image/color.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

/* ITU-R 601 in 16 bits of fixed point, rounded: Pillow's "L". */
static uint32_t luma(uint32_t r, uint32_t g, uint32_t b)
{
    return (uint32_t)((r * UINT64_C(19595) + g * UINT64_C(38470) +
                       b * UINT64_C(7471) + 0x8000) >>
                      16);
}

/* skimage.color.rgb2gray of pixels that were divided by their largest value.
 * NumPy leaves the sum to BLAS; the order and the fused steps are OpenBLAS's on
 * every CPU that has them: a last bit more or less turns gradients of photos
 * over the edge of a bin. */
static double gray_of(double r, double g, double b, double scale)
{
    return fma(b * scale, 0.0721, fma(r * scale, 0.2125, g * scale * 0.7154));
}

static uint32_t sample(const struct foray_array *image, size_t index)
{
    return image->dtype == FORAY_U8 ? ((const uint8_t *)image->data)[index]
                                    : ((const uint16_t *)image->data)[index];
}

static void to_gray(struct foray_array *dst, const struct foray_array *src,
                    size_t n, size_t channels)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = i * channels;
        uint32_t y =
            luma(sample(src, at), sample(src, at + 1), sample(src, at + 2));

        if (dst->dtype == FORAY_U8)
            ((uint8_t *)dst->data)[i] = (uint8_t)y;
        else
            ((uint16_t *)dst->data)[i] = (uint16_t)y;
    }
}

static void to_real_gray(struct foray_array *dst, const struct foray_array *src,
                         size_t n, size_t channels)
{
    double scale = 1.0 / (src->dtype == FORAY_U8 ? 255 : 65535);

    for (size_t i = 0; i < n; i++) {
        size_t at = i * channels;

        ((double *)dst->data)[i] = gray_of(sample(src, at), sample(src, at + 1),
                                           sample(src, at + 2), scale);
    }
}

/* The first `keep` channels of each pixel. */
static void keep_channels(struct foray_array *dst,
                          const struct foray_array *src, size_t n,
                          size_t channels, size_t keep)
{
    size_t to_bytes = keep * src->itemsize,
           from_bytes = channels * src->itemsize;

    if (keep == channels) {
        memcpy(dst->data, src->data, n * from_bytes);
        return;
    }
    for (size_t i = 0; i < n; i++)
        memcpy((char *)dst->data + i * to_bytes,
               (const char *)src->data + i * from_bytes, to_bytes);
}

int foray__color(struct foray_array *dst, const struct foray_array *src,
                 enum foray_color color, bool alpha, struct foray_error *err)
{
    size_t channels = src->ndim == 3 ? src->shape[2] : 1;
    size_t n = src->shape[0] * src->shape[1], colors = channels - alpha;
    bool gray = color == FORAY_COLOR_GRAY || color == FORAY_COLOR_RGB2GRAY;
    size_t keep = gray ? 1 : color == FORAY_COLOR_ALL ? channels : colors;
    enum foray_dtype dtype =
        color == FORAY_COLOR_RGB2GRAY && colors >= 3 ? FORAY_F64 : src->dtype;

    if (dst->shape[0] != src->shape[0] || dst->shape[1] != src->shape[1] ||
        foray_array_nitems(dst) != n * keep)
        return foray__fail(err, FORAY_ESHAPE,
                           "the array for the pixels has another size than "
                           "the image");
    if (dst->dtype != dtype)
        return foray__fail(err, FORAY_EDTYPE,
                           "the array for the pixels has the type %s, not %s",
                           foray_dtype_name(dst->dtype),
                           foray_dtype_name(dtype));
    if (!gray || colors < 3)
        keep_channels(dst, src, n, channels, keep);
    else if (color == FORAY_COLOR_GRAY)
        to_gray(dst, src, n, channels);
    else
        to_real_gray(dst, src, n, channels);
    return 0;
}
