/* The one source of all HOG kernels. The file that includes it sets KERNEL,
 * KERNEL_NAME and WIDTH, the doubles in a vector register: 2, 4 or 8. Eight
 * doubles are worked on at a time in any case, as NumPy's sums have it. */
#include <math.h>
#include <string.h>

#include "image/hog_kernel.h"

typedef double vector __attribute__((vector_size(WIDTH * 8)));
typedef int64_t mask __attribute__((vector_size(WIDTH * 8)));

enum { LANES = 8, PAIRWISE = 128, PARTS = LANES / WIDTH };

/* Eight doubles in registers. The loops over PARTS are unrolled. */
struct eight {
    vector part[PARTS];
};

#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 4")
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE struct eight load(const double *x)
{
    struct eight value;

    UNROLL
    for (int k = 0; k < PARTS; k++)
        memcpy(&value.part[k], x + k * WIDTH, sizeof value.part[k]);
    return value;
}

INLINE void store(double *x, struct eight value)
{
    UNROLL
    for (int k = 0; k < PARTS; k++)
        memcpy(x + k * WIDTH, &value.part[k], sizeof value.part[k]);
}

static void gradient(const struct foray__hog_row *row, const uint8_t *above,
                     const uint8_t *here, const uint8_t *below, size_t n)
{
    int16_t *restrict dx = row->dx, *restrict dy = row->dy;
    int32_t *restrict square = row->square;

    for (size_t x = 0; x < n; x++)
        dy[x] = (int16_t)(below[x] - above[x]);
    dx[0] = 0;
    for (size_t x = 1; x + 1 < n; x++)
        dx[x] = (int16_t)(here[x + 1] - here[x - 1]);
    dx[n - 1] = 0;
    for (size_t x = 0; x < n; x++)
        square[x] = dx[x] * dx[x] + dy[x] * dy[x];
}

/* Equal squares of different differences, as 52, 17 and 47, 28: rounding may
 * have made the length of one the larger, to hypot and so to skimage. */
static void break_ties(const struct foray__hog_row *row,
                       const struct foray__hog_row *spare, size_t n)
{
    for (size_t x = 0; x < n; x++)
        if (spare->square[x] == row->square[x] &&
            hypot(spare->dx[x], spare->dy[x]) > hypot(row->dx[x], row->dy[x])) {
            row->dx[x] = spare->dx[x];
            row->dy[x] = spare->dy[x];
        }
}

static void larger(const struct foray__hog_row *row,
                   const struct foray__hog_row *spare, size_t n)
{
    int16_t *restrict dx = row->dx, *restrict dy = row->dy;
    const int16_t *restrict dx2 = spare->dx, *restrict dy2 = spare->dy;
    int32_t *restrict square = row->square;
    const int32_t *restrict square2 = spare->square;
    int32_t ties = 0;

    for (size_t x = 0; x < n; x++) {
        int32_t a = dx[x] * dx[x], b = dx2[x] * dx2[x];

        ties |= (square2[x] == square[x]) & (a != b) & (a != square2[x] - b);
    }
    if (ties)
        break_ties(row, spare, n);
    /* Of equals the lower channel. Masks, not choices: gcc vectorizes them for
     * AVX2 too. */
    for (size_t x = 0; x < n; x++) {
        int32_t wins = -(square2[x] > square[x]);
        int16_t take = (int16_t)wins;

        dx[x] = (int16_t)(dx[x] ^ ((dx[x] ^ dx2[x]) & take));
        dy[x] = (int16_t)(dy[x] ^ ((dy[x] ^ dy2[x]) & take));
        square[x] ^= (square[x] ^ square2[x]) & wins;
    }
}

static void vote(const struct foray__hog_row *row, const uint8_t *table,
                 size_t n)
{
    const int16_t *restrict dx = row->dx, *restrict dy = row->dy;
    const int32_t *restrict square = row->square;
    double *restrict magnitude = row->magnitude;
    int32_t place[256];

    for (size_t x = 0; x < n; x++)
        magnitude[x] = sqrt((double)square[x]);
    for (size_t from = 0; from < n; from += 256) {
        size_t now = n - from < 256 ? n - from : 256;

        /* An angle and its opposite are the same: turn to dy > 0, or to
         * dx >= 0 where dy is 0. */
        for (size_t k = 0; k < now; k++) {
            int32_t a = dx[from + k], b = dy[from + k];
            int32_t turn = (b < 0) | ((b == 0) & (a < 0)) ? -1 : 1;

            place[k] = b * turn * FORAY__BIN_STRIDE + a * turn + 255;
        }
        for (size_t k = 0; k < now; k++)
            row->bin[from + k] = table[place[k]];
    }
}

/* The arctangent of 0 to 1, within 2e-6. */
INLINE double arctangent(double q)
{
    double s = q * q;

    return q *
           (0.99997726 +
            s * (-0.33262347 +
                 s * (0.19354346 +
                      s * (-0.11643287 + s * (0.05265332 + s * -0.01172120)))));
}

/* Bins as numbers: floor(angle * n / pi), but exact where the angle is a
 * multiple of 45 degrees, and unsure within the error of the arctangent. */
static void approximate(double *restrict bin, const double *restrict dx,
                        const double *restrict dy, size_t n, int orientations)
{
    const double scale = orientations / M_PI, error = 2e-6 * orientations;
    /* Whole bins: the floor is meant. */
    const int floors[3] = {orientations / 4, orientations / 2,
                           3 * orientations / 4};
    const double quarter = floors[0], half = floors[1];
    const double three_quarters = floors[2];

    for (size_t k = 0; k < n; k++) {
        double x = dx[k], y = dy[k], ax = fabs(x), ay = fabs(y);
        double angle = arctangent((ax < ay ? ax : ay) / (ax < ay ? ay : ax));
        int rises = (x < 0) == (y < 0);
        double t, nearest, found;

        angle = ax < ay ? M_PI / 2 - angle : angle;
        angle = rises ? angle : M_PI - angle;
        t = angle * scale;
        nearest = (t + 0x1.8p52) - 0x1.8p52;
        found = nearest > t ? nearest - 1 : nearest;
        found = fabs(t - nearest) > error ? found : FORAY__BIN_UNSURE;
        found = ax == ay ? (rises ? quarter : three_quarters) : found;
        found = ((x == 0) & (ay > 0)) ? half : found;
        found = ((y == 0) & (ax >= 0)) ? 0 : found;
        bin[k] = found;
    }
}

static void bins(uint8_t *bin, const double *dx, const double *dy, size_t n,
                 int orientations)
{
    double found[256];

    for (size_t from = 0; from < n; from += 256) {
        size_t now = n - from < 256 ? n - from : 256;

        approximate(found, dx + from, dy + from, now, orientations);
        for (size_t k = 0; k < now; k++)
            bin[from + k] = (uint8_t)(int)found[k];
    }
}

/* What is summed: x * x, or |x|. */
enum operation { SQUARE, MAGNITUDE };

INLINE double apply(double x, enum operation op)
{
    return op == SQUARE ? x * x : fabs(x);
}

INLINE struct eight apply_eight(struct eight x, enum operation op)
{
    UNROLL
    for (int k = 0; k < PARTS; k++)
        x.part[k] = op == SQUARE ? x.part[k] * x.part[k]
                                 : (vector)((mask)x.part[k] & INT64_MAX);
    return x;
}

/* NumPy's pairwise sum of n <= 128 numbers, bit for bit: eight running sums,
 * then a tree, then the rest one by one. */
INLINE double sum_leaf(const double *x, size_t n, enum operation op)
{
    struct eight sums, value;
    double s[LANES], sum = 0;
    size_t i;

    if (n < LANES) {
        for (i = 0; i < n; i++)
            sum += apply(x[i], op);
        return sum;
    }
    sums = apply_eight(load(x), op);
    for (i = LANES; i + LANES <= n; i += LANES) {
        value = apply_eight(load(x + i), op);
        UNROLL
        for (int k = 0; k < PARTS; k++)
            sums.part[k] += value.part[k];
    }
    store(s, sums);
    sum = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
    for (; i < n; i++)
        sum += apply(x[i], op);
    return sum;
}

static double sum_tree(const double *x, size_t n, enum operation op)
{
    size_t half = n / 2;

    if (n <= PAIRWISE)
        return op == SQUARE ? sum_leaf(x, n, SQUARE)
                            : sum_leaf(x, n, MAGNITUDE);
    half -= half % LANES;
    return sum_tree(x, half, op) + sum_tree(x + half, n - half, op);
}

INLINE double sum(const double *x, size_t n, enum operation op)
{
    return n <= PAIRWISE ? sum_leaf(x, n, op) : sum_tree(x, n, op);
}

static void divide(double *out, const double *x, double by, size_t n)
{
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        struct eight value = load(x + i);

        UNROLL
        for (int k = 0; k < PARTS; k++)
            value.part[k] /= by;
        store(out + i, value);
    }
    for (; i < n; i++)
        out[i] = x[i] / by;
}

/* x / by, at most 0.2; NaN stays. */
static void divide_clip(double *out, const double *x, double by, size_t n)
{
    const vector limit = (vector){0} + 0.2;
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        struct eight value = load(x + i);

        UNROLL
        for (int k = 0; k < PARTS; k++) {
            vector quotient = value.part[k] / by;
            mask above = (mask)(quotient > limit);

            value.part[k] =
                (vector)((above & (mask)limit) | (~above & (mask)quotient));
        }
        store(out + i, value);
    }
    for (; i < n; i++) {
        double quotient = x[i] / by;

        out[i] = quotient > 0.2 ? 0.2 : quotient;
    }
}

static void normalize(double *out, const double *block, size_t n,
                      enum foray_hog_norm norm)
{
    const double eps = 1e-5;

    switch (norm) {
    case FORAY_HOG_NORM_L1:
        divide(out, block, sum(block, n, MAGNITUDE) + eps, n);
        break;
    case FORAY_HOG_NORM_L1_SQRT:
        divide(out, block, sum(block, n, MAGNITUDE) + eps, n);
        for (size_t i = 0; i < n; i++)
            out[i] = sqrt(out[i]);
        break;
    case FORAY_HOG_NORM_L2:
        divide(out, block, sqrt(sum(block, n, SQUARE) + eps * eps), n);
        break;
    case FORAY_HOG_NORM_L2_HYS:
        divide_clip(out, block, sqrt(sum(block, n, SQUARE) + eps * eps), n);
        divide(out, out, sqrt(sum(out, n, SQUARE) + eps * eps), n);
        break;
    }
}

static void narrow(float *out, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)values[i];
}

const struct foray__hog_kernel KERNEL = {
    .name = KERNEL_NAME,
    .gradient = gradient,
    .larger = larger,
    .vote = vote,
    .bins = bins,
    .normalize = normalize,
    .narrow = narrow,
};
