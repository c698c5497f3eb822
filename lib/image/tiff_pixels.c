#include "image/tiff_pixels.h"

#include <string.h>

/* Sample c of a row of samples of `bits`, of at most 8. */
static uint8_t packed_at(const uint8_t *samples, size_t c, uint32_t bits)
{
    size_t bit = c * bits;

    return (uint8_t)((unsigned)samples[bit / 8] >> (8 - bits - bit % 8) &
                     ((1u << bits) - 1));
}

static void put_palette(uint8_t *out, const uint8_t *samples, size_t cols,
                        uint32_t bits, const uint8_t (*palette)[3])
{
    for (size_t c = 0; c < cols; c++)
        memcpy(out + 3 * c, palette[packed_at(samples, c, bits)], 3);
}

/* Gray of less than 8 bits, scaled to 255. */
static void put_packed(uint8_t *out, const uint8_t *samples, size_t cols,
                       uint32_t bits, uint8_t flip)
{
    unsigned scale = 255 / ((1u << bits) - 1);

    for (size_t c = 0; c < cols; c++)
        out[c] = (uint8_t)(packed_at(samples, c, bits) * scale) ^ flip;
}

/* One sample of each pixel, to one channel of each. */
static void put_bytes(uint8_t *out, size_t channels, const uint8_t *in,
                      size_t samples, size_t cols, uint8_t flip)
{
    for (size_t c = 0; c < cols; c++)
        out[c * channels] = in[c * samples] ^ flip;
}

static void put_words(uint16_t *out, size_t channels, const uint8_t *in,
                      size_t samples, size_t cols)
{
    for (size_t c = 0; c < cols; c++)
        memcpy(out + c * channels, in + 2 * c * samples, 2);
}

void foray__tiff_put(void *pixels, const uint8_t *samples, size_t cols,
                     const struct foray__tiff *tiff, size_t plane,
                     const uint8_t (*palette)[3])
{
    bool is_white_zero = tiff->photometric == FORAY__TIFF_WHITE_IS_ZERO;
    size_t channels = (size_t)tiff->channels;
    size_t first = tiff->is_planar ? plane : 0;
    size_t n = tiff->is_planar ? 1 : channels;
    size_t step = tiff->is_planar ? 1 : tiff->samples;

    if (tiff->photometric == FORAY__TIFF_PALETTE) {
        put_palette(pixels, samples, cols, tiff->bits, palette);
        return;
    }
    if (tiff->bits < 8) {
        put_packed(pixels, samples, cols, tiff->bits, is_white_zero ? 255 : 0);
        return;
    }
    for (size_t k = 0; k < n; k++) {
        size_t to = first + k;

        if (tiff->bits == 16)
            put_words((uint16_t *)pixels + to, channels, samples + 2 * k, step,
                      cols);
        else
            put_bytes((uint8_t *)pixels + to, channels, samples + k, step, cols,
                      is_white_zero && !to ? 255 : 0);
    }
}

/* As Pillow does: what rounds is cut, what is above white is white, and clear
 * pixels are black. */
static unsigned divided(unsigned color, unsigned alpha, unsigned top)
{
    unsigned long value;

    if (!alpha)
        return 0;
    value = (unsigned long)color * top / alpha;
    return value > top ? top : (unsigned)value;
}

void foray__tiff_divide(const struct foray_array *pixels)
{
    size_t channels = pixels->shape[2];
    size_t n = pixels->shape[0] * pixels->shape[1];
    uint8_t *byte = pixels->data;
    uint16_t *word = pixels->data;

    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k + 1 < channels; k++)
            if (pixels->dtype == FORAY_U8)
                byte[k] = (uint8_t)divided(byte[k], byte[channels - 1], 255);
            else
                word[k] = (uint16_t)divided(word[k], word[channels - 1], 65535);
        byte += channels;
        word += channels;
    }
}
