#include "every_pool.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "helpers.h"
#include "outside.h"

struct foray_pool *every_pool[N_EVERY_POOL];

/* Processes before threads: malloc may be one thread's own when another
 * forks. */
static const struct foray_config configs[N_EVERY_POOL] = {
    {.n_jobs = 1},
    {.n_jobs = 2},
    {.n_jobs = 3},
    {.n_jobs = 7},
    {.backend = "serial"},
    {.backend = "elsewhere", .n_jobs = 3},
    {.backend = "threads", .n_jobs = 3},
    {.backend = "outside", .n_jobs = 3}};

int open_every_pool(void **state)
{
    (void)state;
    register_outside();
    for (int p = 0; p < N_EVERY_POOL; p++)
        if (foray_pool_open(&every_pool[p], &configs[p], NULL))
            return -1;
    return 0;
}

int close_every_pool(void **state)
{
    int code = 0;

    (void)state;
    for (int p = 0; p < N_EVERY_POOL; p++)
        code |= foray_pool_close(every_pool[p]);
    return code;
}

struct foray_array vector(void *data, enum foray_dtype dtype, size_t n)
{
    struct foray_array array;
    struct foray_error err;

    assert_ok(foray_array_wrap(&array, data, dtype, 1, &n, &err), err);
    return array;
}

double *random_numbers(size_t n)
{
    double *x = malloc(n * sizeof *x);
    uint64_t state = 88172645463325252U;

    assert_non_null(x);
    for (size_t i = 0; i < n; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        x[i] = ldexp((double)(int64_t)state, (int)(state % 40) - 60);
    }
    return x;
}
