#include "block_pools.h"

#include "outside.h"

const char *const block_backends[N_BLOCK_POOLS] = {"fork", "serial", "outside",
                                                   "elsewhere", "fork"};
struct foray_pool *block_pools[N_BLOCK_POOLS];

int open_block_pools(void **state)
{
    (void)state;
    register_outside();
    for (int b = 0; b < N_BLOCK_POOLS; b++)
        if (foray_pool_open(&block_pools[b],
                            &(struct foray_config){.backend = block_backends[b],
                                                   .guard = b == GUARDED_POOL,
                                                   .n_jobs = 2},
                            NULL))
            return -1;
    return 0;
}

int close_block_pools(void **state)
{
    int code = 0;

    (void)state;
    for (int b = 0; b < N_BLOCK_POOLS; b++)
        code |= foray_pool_close(block_pools[b]);
    return code;
}
