#define KERNEL foray__hog_kernel_avx512
#define KERNEL_NAME "avx512"
#define WIDTH 8
#include "image/hog_kernel_body.h"
