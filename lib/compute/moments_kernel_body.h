/* The source of each kernel; see moments_kernel.h. KERNEL and KERNEL_NAME say
 * which. Plain C: a lane of a vector is an element of an array here. */
#include "compute/moments_kernel.h"

#include <math.h>

enum { LANES = 8 };

static double add_lanes(const double lanes[LANES])
{
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
           ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

/* What does not fill the lanes is filled up with NaNs, which count for
 * nothing. */
#define DEFINE_LOOPS(bits, type)                                               \
    struct lanes##bits {                                                       \
        double least[LANES], greatest[LANES], sum[LANES], nans[LANES];         \
    };                                                                         \
                                                                               \
    static inline void scan_lanes##bits(struct lanes##bits *lanes,             \
                                        const type *x)                         \
    {                                                                          \
        for (int k = 0; k < LANES; k++) {                                      \
            double y = (double)x[k];                                           \
                                                                               \
            lanes->least[k] = y < lanes->least[k] ? y : lanes->least[k];       \
            lanes->greatest[k] =                                               \
                y > lanes->greatest[k] ? y : lanes->greatest[k];               \
            lanes->sum[k] += y == y ? y : 0;                                   \
            lanes->nans[k] += y == y ? 0 : 1;                                  \
        }                                                                      \
    }                                                                          \
                                                                               \
    static void fill##bits(type last[LANES], const type *x, size_t n)          \
    {                                                                          \
        for (size_t k = 0; k < LANES; k++)                                     \
            last[k] = k < n ? x[k] : (type)NAN;                                \
    }                                                                          \
                                                                               \
    static void scan##bits(struct foray__float_block *out, const type *x,      \
                           size_t n)                                           \
    {                                                                          \
        struct lanes##bits lanes;                                              \
        type last[LANES];                                                      \
        double padding = n % LANES ? (double)(LANES - n % LANES) : 0;          \
                                                                               \
        for (int k = 0; k < LANES; k++) {                                      \
            lanes.least[k] = INFINITY;                                         \
            lanes.greatest[k] = -INFINITY;                                     \
            lanes.sum[k] = lanes.nans[k] = 0;                                  \
        }                                                                      \
        for (; n >= LANES; n -= LANES, x += LANES)                             \
            scan_lanes##bits(&lanes, x);                                       \
        if (n) {                                                               \
            fill##bits(last, x, n);                                            \
            scan_lanes##bits(&lanes, last);                                    \
        }                                                                      \
        out->least = INFINITY;                                                 \
        out->greatest = -INFINITY;                                             \
        for (int k = 0; k < LANES; k++) {                                      \
            if (lanes.least[k] < out->least)                                   \
                out->least = lanes.least[k];                                   \
            if (lanes.greatest[k] > out->greatest)                             \
                out->greatest = lanes.greatest[k];                             \
        }                                                                      \
        out->sum = add_lanes(lanes.sum);                                       \
        out->nans = (size_t)(add_lanes(lanes.nans) - padding);                 \
    }                                                                          \
                                                                               \
    static inline void square_lanes##bits(double sum[LANES], const type *x,    \
                                          double mean)                         \
    {                                                                          \
        for (int k = 0; k < LANES; k++) {                                      \
            double y = (double)x[k];                                           \
            double d = y == y ? y - mean : 0;                                  \
                                                                               \
            sum[k] += d * d;                                                   \
        }                                                                      \
    }                                                                          \
                                                                               \
    static double squares##bits(const type *x, size_t n, double mean)          \
    {                                                                          \
        double sum[LANES] = {0};                                               \
        type last[LANES];                                                      \
                                                                               \
        for (; n >= LANES; n -= LANES, x += LANES)                             \
            square_lanes##bits(sum, x, mean);                                  \
        if (n) {                                                               \
            fill##bits(last, x, n);                                            \
            square_lanes##bits(sum, last, mean);                               \
        }                                                                      \
        return add_lanes(sum);                                                 \
    }

DEFINE_LOOPS(64, double)
DEFINE_LOOPS(32, float)

const struct foray__moments_kernel KERNEL = {
    KERNEL_NAME, scan64, scan32, squares64, squares32,
};
