/* The inner loops of statistics, compiled once per instruction set.
 *
 * Every set runs the same source (moments_kernel_body.h), whose sums go on in
 * lanes of their own, so that all give the same bits.
 */
#ifndef FORAY_COMPUTE_MOMENTS_KERNEL_H
#define FORAY_COMPUTE_MOMENTS_KERNEL_H

#include <stddef.h>

/* Of what is not NaN; the infinities of the other side if all are. */
struct foray__float_block {
    double least, greatest, sum;
    size_t nans;
};

struct foray__moments_kernel {
    const char *name;

    /* Extremes, sum and NaNs of n elements. */
    void (*scan64)(struct foray__float_block *out, const double *x, size_t n);
    void (*scan32)(struct foray__float_block *out, const float *x, size_t n);

    /* Sum of the squared distances from `mean` of what is not NaN. */
    double (*squares64)(const double *x, size_t n, double mean);
    double (*squares32)(const float *x, size_t n, double mean);
};

/* The quickest this machine can run, less those that FORAY_TEST_NO names. */
const struct foray__moments_kernel *foray__moments_kernel_choose(void);

enum { FORAY__MOMENTS_KERNELS = 3 };

/* All this machine can run, the quickest first: how many. */
size_t foray__moments_kernels(const struct foray__moments_kernel **out);

extern const struct foray__moments_kernel foray__moments_kernel_baseline,
    foray__moments_kernel_avx2, foray__moments_kernel_avx512;

#endif
