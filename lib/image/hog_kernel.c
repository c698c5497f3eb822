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

const struct foray__hog_kernel *const *foray__hog_kernels(void)
{
    static const struct foray__hog_kernel *found[4];
    int n = 0;

#if defined(__x86_64__)
    if (has_avx512())
        found[n++] = &foray__hog_kernel_avx512;
    if (has_avx2())
        found[n++] = &foray__hog_kernel_avx2;
#endif
    found[n++] = &foray__hog_kernel_baseline;
    found[n] = NULL;
    return found;
}

const struct foray__hog_kernel *foray__hog_kernel_choose(void)
{
#if defined(__x86_64__)
    if (has_avx512())
        return &foray__hog_kernel_avx512;
    if (has_avx2())
        return &foray__hog_kernel_avx2;
#endif
    return &foray__hog_kernel_baseline;
}

const char *foray_hog_kernel(void)
{
    return foray__hog_kernel_choose()->name;
}
