#include "image/jpeg_idct.h"

/* Fractions have so many bits, sums between the passes so many more. */
enum { FRACTION = 13, BETWEEN = 2 };

/* x / 2^n, rounded half up. */
static int32_t scale(int32_t x, int n)
{
    return (x + (1 << (n - 1))) >> n;
}

/* The odd ones of eight, as halves of a cosine: 3.62..., -1.27..., 0.85...,
 * -0.72... */
static int32_t odd(int32_t first, int32_t third, int32_t fifth, int32_t seventh)
{
    return first * 29692 - third * 10426 + fifth * 6967 - seventh * 5906;
}

/* Column x of both rows. */
static void fold(int32_t rows[2][8], int x, const int16_t levels[64],
                 const uint16_t steps[64])
{
    const int16_t *level = levels + x;
    const uint16_t *step = steps + x;
    int32_t even = level[0] * step[0] * (1 << (FRACTION + 2));
    int32_t rest = odd(level[8] * step[8], level[24] * step[24],
                       level[40] * step[40], level[56] * step[56]);

    rows[0][x] = scale(even + rest, FRACTION - BETWEEN + 2);
    rows[1][x] = scale(even - rest, FRACTION - BETWEEN + 2);
}

bool foray__jpeg_idct_two(uint8_t *pixels, size_t stride,
                          const int16_t levels[64], unsigned columns,
                          const uint16_t steps[64])
{
    int32_t rows[2][8] = {{0}};

    fold(rows, 0, levels, steps);
    for (int x = 1; x < 8; x += 2)
        if (columns >> x & 1)
            fold(rows, x, levels, steps);
    for (int y = 0; y < 2; y++) {
        int32_t even = rows[y][0] * (1 << (FRACTION + 2));
        int32_t rest = odd(rows[y][1], rows[y][3], rows[y][5], rows[y][7]);
        int32_t left = scale(even + rest, FRACTION + BETWEEN + 3 + 2);
        int32_t right = scale(even - rest, FRACTION + BETWEEN + 3 + 2);

        if (left < -512 || left > 511 || right < -512 || right > 511)
            return false;
        pixels[(size_t)y * stride] = foray__jpeg_idct_clip(left);
        pixels[(size_t)y * stride + 1] = foray__jpeg_idct_clip(right);
    }
    return true;
}
