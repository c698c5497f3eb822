#include "image/votes.h"

#include <math.h>
#include <string.h>

/* OpenCV's polynomial for atan2, in radians from 0 to 2 pi. */
static float fast_atan2(float y, float x)
{
    const float scale = (float)(180 / M_PI), epsilon = (float)2.220446e-16;
    const float p1 = 0.9997878412794807F * scale;
    const float p3 = -0.3258083974640975F * scale;
    const float p5 = 0.1555786518463281F * scale;
    const float p7 = -0.04432655554792128F * scale;
    float ax = fabsf(x), ay = fabsf(y);
    float small = ax < ay ? ax : ay, large = ax < ay ? ay : ax;
    float c = small / (large + epsilon), c2 = c * c;
    float degrees = (((p7 * c2 + p5) * c2 + p3) * c2 + p1) * c;

    if (ay > ax)
        degrees = 90 - degrees;
    if (x < 0)
        degrees = 180 - degrees;
    if (y < 0)
        degrees = 360 - degrees;
    return degrees * (float)(M_PI / 180);
}

/* Roots of a row of pixels, a plane for each channel. */
static void take_roots(const struct foray__votes *votes, size_t y)
{
    const float *root = votes->root;
    const uint8_t *from =
        votes->pixels + y * votes->image_cols * votes->channels;
    float *to = votes->roots[y % 3];

    for (size_t c = 0; c < votes->channels; c++, to += votes->image_cols)
        for (size_t x = 0; x < votes->image_cols; x++)
            to[x] = root[from[x * votes->channels + c]];
}

/* Gradients of one channel of row y: differences of roots across one pixel,
 * mirrored at the border of the image, so 0 there. */
static void differentiate(float *restrict dx, float *restrict dy,
                          const struct foray__votes *votes, size_t y, size_t c)
{
    const float *here = votes->roots[y % 3] + c * votes->image_cols;
    const float *above = votes->roots[(y + 2) % 3] + c * votes->image_cols;
    const float *below = votes->roots[(y + 1) % 3] + c * votes->image_cols;
    size_t n = votes->cols;
    size_t last = n < votes->image_cols ? n : n - 1;

    dx[0] = dx[n - 1] = 0;
    for (size_t x = 1; x < last; x++)
        dx[x] = here[x + 1] - here[x - 1];
    if (y == 0 || y + 1 == votes->image_rows)
        memset(dy, 0, n * sizeof *dy);
    else
        for (size_t x = 0; x < n; x++)
            dy[x] = below[x] - above[x];
}

/* Keep the longer of two gradients, of equals the first. */
static void keep_longer(const struct foray__votes *votes,
                        const float *restrict dx2, const float *restrict dy2)
{
    float *restrict dx = votes->dx, *restrict dy = votes->dy;

    for (size_t x = 0; x < votes->cols; x++) {
        float a = dx[x], b = dy[x], a2 = dx2[x], b2 = dy2[x];
        /* Products with 0 and 1 are exact, and no branch to predict. */
        float take = a2 * a2 + b2 * b2 > a * a + b * b, keep = 1 - take;

        dx[x] = a * keep + a2 * take;
        dy[x] = b * keep + b2 * take;
    }
}

/* Gradients become votes for two bins. */
static void share_angles(const struct foray__votes *votes)
{
    const float *restrict dx = votes->dx, *restrict dy = votes->dy;
    float *restrict low = votes->low, *restrict high = votes->high;
    int32_t *restrict bins = votes->bin;
    float scale = (float)(votes->n_bins / M_PI);
    int32_t n_bins = votes->n_bins;

    for (size_t x = 0; x < votes->cols; x++) {
        float magnitude = sqrtf(dx[x] * dx[x] + dy[x] * dy[x]);
        float angle = fast_atan2(dy[x], dx[x]) * scale - 0.5F;
        int32_t bin = (int32_t)angle; /* towards 0: one too high below it */

        bin -= angle < (float)bin;
        angle -= (float)bin;
        low[x] = magnitude * (1 - angle);
        high[x] = magnitude * angle;
        bin += bin < 0 ? n_bins : 0;
        bins[x] = bin - (bin >= n_bins ? n_bins : 0);
    }
}

void foray__votes_take(const struct foray__votes *votes, size_t y)
{
    if (y == 0)
        take_roots(votes, 0);
    if (y + 1 < votes->image_rows)
        take_roots(votes, y + 1);
    differentiate(votes->dx, votes->dy, votes, y, votes->channels - 1);
    for (size_t c = votes->channels - 1; c-- > 0;) {
        /* The votes are not there yet. */
        differentiate(votes->low, votes->high, votes, y, c);
        keep_longer(votes, votes->low, votes->high);
    }
    share_angles(votes);
}
