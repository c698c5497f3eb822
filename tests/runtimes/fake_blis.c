/* A BLAS that computes nothing: as libblis it has a number of threads, that it
 * was told and tells. */
#include <foray/export.h>

FORAY_API void bli_thread_set_num_threads(int n);
FORAY_API int bli_thread_get_num_threads(void);

static int n_threads = 64;

void bli_thread_set_num_threads(int n)
{
    n_threads = n;
}

int bli_thread_get_num_threads(void)
{
    return n_threads;
}
