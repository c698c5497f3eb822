/* Blocks of a JPEG as one pixel or as 2 x 2.
 * Source: the values of libjpeg's inverse DCT of reduced size, with vectors and
 * without. */
#ifndef FORAY_IMAGE_JPEG_IDCT_H
#define FORAY_IMAGE_JPEG_IDCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a coefficient is one of those that files have; of larger ones
 * libjpeg makes with vectors something else than without. */
static inline bool foray__jpeg_idct_fits(int32_t level, uint16_t step)
{
    const int32_t most = 2000;

    return level <= most && level >= -most && level * step <= most &&
           level * step >= -most;
}

/* A sample has 128 added. */
static inline uint8_t foray__jpeg_idct_clip(int32_t x)
{
    return (uint8_t)(x < -128 ? 0 : x > 127 ? 255 : x + 128);
}

/* The pixel of a block with this first coefficient, which fits. */
static inline uint8_t foray__jpeg_idct_one(int32_t level, uint16_t step)
{
    return foray__jpeg_idct_clip((level * step + 4) >> 3);
}

/* Four pixels, those below `stride` bytes on, of 64 levels that fit, rows of 8,
 * and the steps between them. Bit x of `columns` is 0 when column x has none,
 * but for the first. False: libjpeg may make something else of it. */
bool foray__jpeg_idct_two(uint8_t *pixels, size_t stride,
                          const int16_t levels[64], unsigned columns,
                          const uint16_t steps[64]);

#endif
