#define KERNEL foray__hog_kernel_avx2
#define KERNEL_NAME "avx2"
#define WIDTH 4
#include "image/hog_kernel_body.h"
