#include "image/weights.h"

#include <math.h>

#include "base/size.h"

/* Beyond `support` a kernel is 0. */
struct kernel {
    double (*weight)(double x);
    double support;
};

static double box(double x)
{
    return x > -0.5 && x <= 0.5 ? 1 : 0;
}

static double triangle(double x)
{
    x = fabs(x);
    return x < 1 ? 1 - x : 0;
}

/* Keys' cubic convolution, a = -0.5. */
static double cubic(double x)
{
    const double a = -0.5;

    x = fabs(x);
    if (x < 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

static double sinc(double x)
{
    if (x == 0)
        return 1;
    x *= M_PI;
    return sin(x) / x;
}

static double lanczos(double x)
{
    return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

static const struct kernel kernels[] = {
    [FORAY_FILTER_BILINEAR] = {triangle, 1},
    [FORAY_FILTER_BOX] = {box, 0.5},
    [FORAY_FILTER_BICUBIC] = {cubic, 2},
    [FORAY_FILTER_LANCZOS] = {lanczos, 3},
};

static double scale_of(const struct foray__axis *axis)
{
    return (double)(axis->end - axis->begin) / (double)axis->to;
}

/* How many input samples an output sample is wide: a kernel grows with it, and
 * does not shrink where an image grows. */
static double spread_of(double scale)
{
    return scale < 1 ? 1 : scale;
}

size_t foray__weights_width(const struct foray__axis *axis,
                            enum foray_filter filter)
{
    double reach = ceil(kernels[filter].support * spread_of(scale_of(axis)));
    size_t width;

    if (!(reach < (double)PTRDIFF_MAX))
        return SIZE_MAX;
    return foray__mul(&width, (size_t)reach, 2) && foray__add(&width, width, 1)
               ? width
               : SIZE_MAX;
}

static int32_t round_weight(double weight)
{
    double scaled = weight * (1 << FORAY__WEIGHT_BITS);

    /* Away from zero, as the casts of the original. */
    return (int32_t)(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

static void weigh_one(const struct foray__weights *weights, size_t i,
                      const struct foray__axis *axis,
                      const struct kernel *kernel)
{
    double scale = scale_of(axis), spread = spread_of(scale), sum = 0;
    double support = kernel->support * spread;
    double centre = (double)axis->begin + ((double)i + 0.5) * scale;
    /* Truncated towards zero, as the casts of the original. */
    long first = (long)(centre - support + 0.5);
    long stop = (long)(centre + support + 0.5);
    int32_t *weight = weights->weight + i * weights->width;

    if (stop > (long)axis->from)
        stop = (long)axis->from;
    if (first > stop)
        first = stop; /* edges that floats round up */
    if (first < 0)
        first = 0;
    for (long k = first; k < stop; k++) {
        double w = kernel->weight(((double)k - centre + 0.5) * (1.0 / spread));

        weights->exact[k - first] = w;
        sum += w;
    }
    for (long k = first; k < stop; k++) {
        double w = weights->exact[k - first];

        weight[k - first] = round_weight(sum != 0 ? w / sum : w);
    }
    weights->taps[i].first = (size_t)first;
    weights->taps[i].n = (size_t)(stop - first);
}

void foray__weigh(const struct foray__weights *weights,
                  const struct foray__axis *axis, enum foray_filter filter)
{
    for (size_t i = 0; i < axis->to; i++)
        weigh_one(weights, i, axis, &kernels[filter]);
}
