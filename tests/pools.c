#include "pools.h"

#include "helpers.h"

struct foray_pool *open_pool(const char *backend, int n_jobs,
                             const struct foray_config *more)
{
    struct foray_config config = more ? *more : (struct foray_config){0};
    struct foray_pool *pool = NULL;
    struct foray_error err;

    config.backend = backend;
    config.n_jobs = n_jobs;
    assert_ok(foray_pool_open(&pool, &config, &err), err);
    return pool;
}
