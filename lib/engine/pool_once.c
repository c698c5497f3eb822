#include "engine/pool_once.h"

#include <stdint.h>

#include <foray/config.h>

#include "base/error.h"

/* One of this thread's configuration, of at most so many workers. */
static int open_own(struct foray_pool **out, size_t most,
                    struct foray_error *err)
{
    struct foray_config config = {.n_jobs = foray_effective_n_jobs(0)};

    if (config.n_jobs < 0)
        config.n_jobs = 0; /* opening the pool says why */
    else if ((size_t)config.n_jobs > most)
        config.n_jobs = most ? (int)most : 1;
    return foray_pool_open(out, &config, err);
}

int foray__pool_for_run(struct foray_pool **out, struct foray_pool *given,
                        size_t n_tasks, struct foray_error *err)
{
    *out = given;
    if (given)
        return 0;
    FORAY_TRY(open_own(out, n_tasks, err));
    (*out)->inherits = (*out)->backend->inherits;
    return 0;
}

int foray__pool_for_iterator(struct foray_pool **out, struct foray_pool *given,
                             size_t n, struct foray_error *err)
{
    *out = given;
    return given ? 0 : open_own(out, n ? n : SIZE_MAX, err);
}

void foray__pool_after_run(struct foray_pool *pool,
                           const struct foray_pool *given)
{
    if (pool != given)
        foray_pool_close(pool);
}
