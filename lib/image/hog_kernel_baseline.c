#define KERNEL foray__hog_kernel_baseline
#if defined(__aarch64__)
#define KERNEL_NAME "neon" /* every arm64 has it */
#else
#define KERNEL_NAME "baseline"
#endif
#define WIDTH 2
#include "image/hog_kernel_body.h"
