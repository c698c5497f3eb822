#include "compute/moments_kernel.h"

#include <stdbool.h>

#include "base/feature.h"

size_t foray__moments_kernels(const struct foray__moments_kernel **out)
{
    size_t n = 0;

#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && foray__feature("avx512"))
        out[n++] = &foray__moments_kernel_avx512;
    if (__builtin_cpu_supports("avx2") && foray__feature("avx2"))
        out[n++] = &foray__moments_kernel_avx2;
#endif
    out[n++] = &foray__moments_kernel_baseline;
    return n;
}

const struct foray__moments_kernel *foray__moments_kernel_choose(void)
{
    const struct foray__moments_kernel *kernels[FORAY__MOMENTS_KERNELS];

    foray__moments_kernels(kernels);
    return kernels[0];
}
