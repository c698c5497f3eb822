#include "engine/pool_once.h"

#include <foray/config.h>

#include "base/error.h"

int foray__pool_for_run(struct foray_pool **out, struct foray_pool *given,
                        size_t n_tasks, struct foray_error *err)
{
    struct foray_config config = {.n_jobs = foray_effective_n_jobs(0)};

    *out = given;
    if (given)
        return 0;
    if (config.n_jobs < 0)
        config.n_jobs = 0; /* opening the pool says why */
    else if ((size_t)config.n_jobs > n_tasks)
        config.n_jobs = n_tasks ? (int)n_tasks : 1;
    FORAY_TRY(foray_pool_open(out, &config, err));
    (*out)->inherits = (*out)->backend->inherits;
    return 0;
}

void foray__pool_after_run(struct foray_pool *pool,
                           const struct foray_pool *given)
{
    if (pool != given)
        foray_pool_close(pool);
}
