#define KERNEL foray__moments_kernel_baseline
#define KERNEL_NAME "baseline"
#include "compute/moments_kernel_body.h"
