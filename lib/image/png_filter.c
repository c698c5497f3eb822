/* Source: PNG specification, third edition, 9. */
#include "image/png_filter.h"

#include <string.h>

static unsigned distance(int a, int b)
{
    return (unsigned)(a < b ? b - a : a - b);
}

/* Of left, above, and above left that which left + above - above left is next
 * to. */
static uint8_t paeth(int left, int above, int corner)
{
    unsigned a = distance(above, corner), b = distance(left, corner);
    unsigned c = distance(left + above, 2 * corner);

    return (uint8_t)(a <= b && a <= c ? left : b <= c ? above : corner);
}

/* Rows of filters that go by the pixel on the left: `pixel` is a constant to
 * them, so that its bytes can stay in registers. */
static inline __attribute__((always_inline)) void
add_averages(uint8_t *line, const uint8_t *above, size_t n, size_t pixel)
{
    uint8_t left[4] = {0};

    for (size_t i = 1; i < n; i += pixel)
        for (size_t c = 0; c < pixel; c++) {
            left[c] = (uint8_t)(line[i + c] + (left[c] + above[i + c]) / 2);
            line[i + c] = left[c];
        }
}

/* The bytes of a pixel, side by side. */
typedef uint8_t narrow __attribute__((vector_size(4)));
typedef int16_t wide __attribute__((vector_size(8)));

static inline wide widen(const uint8_t *from)
{
    narrow bytes;

    memcpy(&bytes, from, sizeof bytes);
    return __builtin_convertvector(bytes, wide);
}

static inline wide absolute(wide x)
{
    wide sign = x >> 15;

    return (x ^ sign) - sign;
}

/* paeth() of all bytes at once. */
static inline wide paeths(wide left, wide above, wide corner)
{
    wide a = above - corner, b = left - corner, c = absolute(a + b);
    wide is_left, is_above;

    a = absolute(a);
    b = absolute(b);
    is_left = (a <= b) & (a <= c);
    is_above = ~is_left & (b <= c);
    return (is_left & left) | (is_above & above) |
           (~(is_left | is_above) & corner);
}

/* Of all bytes of a pixel at once, as long as four can be read. Returns how far
 * it came. */
static inline __attribute__((always_inline)) size_t
add_wide_paeths(uint8_t *line, const uint8_t *above, size_t n, size_t pixel)
{
    wide left = {0}, corner = {0}, here;
    narrow bytes;
    size_t i;

    for (i = 1; i + sizeof bytes <= n; i += pixel) {
        here = widen(above + i);
        left = (widen(line + i) + paeths(left, here, corner)) & 255;
        corner = here;
        bytes = __builtin_convertvector(left, narrow);
        memcpy(line + i, &bytes, pixel);
    }
    return i;
}

static inline __attribute__((always_inline)) void
add_paeths(uint8_t *line, const uint8_t *above, size_t n, size_t pixel)
{
    size_t i = pixel > 2 ? add_wide_paeths(line, above, n, pixel) : 1;
    uint8_t left[4] = {0}, corner[4] = {0};

    if (i > 1 && i < n) {
        memcpy(left, line + i - pixel, pixel);
        memcpy(corner, above + i - pixel, pixel);
    }
    for (; i < n; i += pixel)
        for (size_t c = 0; c < pixel; c++) {
            left[c] = (uint8_t)(line[i + c] +
                                paeth(left[c], above[i + c], corner[c]));
            corner[c] = above[i + c];
            line[i + c] = left[c];
        }
}

static inline __attribute__((always_inline)) bool
unfilter_pixels(uint8_t *line, const uint8_t *above, size_t n, size_t pixel)
{
    switch (line[0]) {
    case 0:
        return true;
    case 1:
        for (size_t i = 1 + pixel; i < n; i++)
            line[i] = (uint8_t)(line[i] + line[i - pixel]);
        return true;
    case 2:
        for (size_t i = 1; i < n; i++)
            line[i] = (uint8_t)(line[i] + above[i]);
        return true;
    case 3:
        add_averages(line, above, n, pixel);
        return true;
    case 4:
        add_paeths(line, above, n, pixel);
        return true;
    default:
        return false;
    }
}

bool foray__png_unfilter(uint8_t *line, const uint8_t *above, size_t n,
                         size_t pixel)
{
    switch (pixel) {
    case 1:
        return unfilter_pixels(line, above, n, 1);
    case 2:
        return unfilter_pixels(line, above, n, 2);
    case 3:
        return unfilter_pixels(line, above, n, 3);
    default:
        return unfilter_pixels(line, above, n, 4);
    }
}
