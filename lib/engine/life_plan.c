/* Life as the parent plans it. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "engine/crew.h"
#include "machine/cpus.h"

/* That workers may be bound to: more than any kernel has. */
enum { MAX_CPUS = 1 << 14 };

/* CPUs lie behind the params, as many as this process may use at most. */
static size_t cpus_at(const struct foray_pool *pool)
{
    return foray__round_up(pool->config.init_params_size, 64);
}

size_t foray__life_size(const struct foray_pool *pool)
{
    return cpus_at(pool) + (pool->config.bind ? MAX_CPUS * sizeof(int32_t) : 0);
}

/* How a zygote's workers find a function that the zygote may lack. */
static int locate(struct foray__function *out, uintptr_t function,
                  struct foray__crew *crew, struct foray_error *err)
{
    out->by_file = false;
    if (!function || !crew->by_zygote ||
        foray__modules_have(&crew->modules, function))
        return 0;
    return foray__function_locate(out, (foray_task_fn)function, err);
}

static size_t or_none(size_t limit)
{
    return limit ? limit : SIZE_MAX;
}

/* Which CPUs workers are bound to, in the order of use. */
static void write_cpus(struct foray__shared *shared,
                       const struct foray_pool *pool)
{
    struct foray__life *life = &shared->life;
    int32_t *cpus = NULL;
    int n = 0;

    life->n_cpus = 0;
    if (pool->config.bind)
        cpus = foray__usable_cpus(&n);
    if (!cpus)
        return;
    life->cpus_offset = shared->readonly_offset + cpus_at(pool);
    life->n_cpus = n < MAX_CPUS ? n : MAX_CPUS;
    memcpy((char *)shared + life->cpus_offset, cpus,
           (size_t)life->n_cpus * sizeof *cpus);
    free(cpus);
}

int foray__crew_plan(struct foray__crew *crew, struct foray_error *err)
{
    const struct foray_config *config = &crew->pool->config;
    struct foray__shared *shared = crew->shared;
    struct foray__life *life = &shared->life;

    life->init = config->init;
    life->fini = config->fini;
    life->params_offset = shared->readonly_offset;
    life->params_size = config->init_params_size;
    life->idle_timeout = config->idle_timeout;
    life->grace = config->grace;
    life->max_tasks = or_none(config->max_tasks);
    life->max_rss = or_none(config->max_rss);
    if (life->params_size)
        memcpy((char *)shared + life->params_offset, config->init_params,
               life->params_size);
    write_cpus(shared, crew->pool);
    FORAY_TRY(locate(&life->init_at, (uintptr_t)config->init, crew, err));
    return locate(&life->fini_at, (uintptr_t)config->fini, crew, err);
}
