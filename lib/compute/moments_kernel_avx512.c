#define KERNEL foray__moments_kernel_avx512
#define KERNEL_NAME "avx512"
#include "compute/moments_kernel_body.h"
