#include "image/hog_kernel.h"

#include <stdbool.h>

#include "base/feature.h"

#if defined(__x86_64__)
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && foray__feature("avx2");
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && foray__feature("avx512");
}
#endif

size_t foray__hog_kernels(const struct foray__hog_kernel **out)
{
    size_t n = 0;

#if defined(__x86_64__)
    if (has_avx512())
        out[n++] = &foray__hog_kernel_avx512;
    if (has_avx2())
        out[n++] = &foray__hog_kernel_avx2;
#endif
    out[n++] = &foray__hog_kernel_baseline;
    return n;
}

const struct foray__hog_kernel *foray__hog_kernel_choose(void)
{
    const struct foray__hog_kernel *kernels[FORAY__HOG_KERNELS];

    foray__hog_kernels(kernels);
    return kernels[0];
}

const char *foray_hog_kernel(void)
{
    return foray__hog_kernel_choose()->name;
}
