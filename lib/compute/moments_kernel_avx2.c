#define KERNEL foray__moments_kernel_avx2
#define KERNEL_NAME "avx2"
#include "compute/moments_kernel_body.h"
