/* The backends fork and forkserver: workers forked from the caller, or from its
 * zygote, and kept between runs. */

#include "base/error.h"
#include "engine/order.h"
#include "engine/registry.h"
#include "engine/resident.h"
#include "engine/supervise.h"
#include "engine/trace.h"
#include "engine/watch.h"
#include "engine/zygote.h"

/* What workers have loaded when they begin. */
static void take_modules(struct foray__crew *crew)
{
    if (crew->by_zygote)
        crew->modules = *foray__zygote_modules();
    else
        foray__modules_take(&crew->modules);
    crew->unloads = foray__modules_unloads();
}

static void fork_close(struct foray_pool *pool)
{
    struct foray__crew *crew = pool->state;

    foray__crew_dismiss(crew);
    foray__registry_remove(crew);
    foray__crew_free(crew);
}

static int open_crew(struct foray_pool *pool, bool by_zygote,
                     struct foray_error *err)
{
    struct foray__crew *crew;
    int code;

    FORAY_TRY(foray__crew_new(&crew, pool, by_zygote, err));
    take_modules(crew);
    code = foray__crew_plan(crew, err);
    if (code) {
        foray__crew_free(crew);
        return code;
    }
    pool->state = crew;
    foray__registry_add(crew);
    code = foray__crew_fill(crew, err);
    if (code)
        fork_close(pool);
    return code;
}

static int fork_open(struct foray_pool *pool, struct foray_error *err)
{
    foray__trace_ready();
    return open_crew(pool, false, err);
}

static int forkserver_open(struct foray_pool *pool, struct foray_error *err)
{
    size_t n = foray__zygote_max_keep_fds();

    FORAY_TRY(foray__zygote_check(err));
    if (pool->config.n_keep_fds > n)
        return foray__fail(err, FORAY_EINVAL,
                           "n_keep_fds is %zu: a zygote's workers can keep %zu "
                           "at most",
                           pool->config.n_keep_fds, n);
    return open_crew(pool, true, err);
}

void foray__crew_renew(struct foray__crew *crew, const char *why)
{
    foray__pool_log(crew->pool, "%s: they are replaced", why);
    foray__crew_dismiss(crew);
    take_modules(crew);
}

/* Make sure that workers can find the function of a run. */
static int introduce(struct foray__crew *crew, const struct foray__run *run,
                     struct foray_error *err)
{
    struct foray__function *function = &crew->shared->order.function;
    bool known =
        foray__modules_have(&crew->modules, (uintptr_t)(void (*)(void))run->fn);

    function->by_file = false;
    if (!known && !crew->by_zygote)
        foray__crew_renew(
            crew, "the function was loaded after the workers were made");
    if (known || !crew->by_zygote)
        return 0;
    if (crew->unloads != foray__modules_unloads())
        foray__crew_renew(crew,
                          "a library was unloaded that workers may still have");
    return foray__function_locate(function, run->fn, err);
}

static int fork_run(struct foray_pool *pool, struct foray__run *run,
                    struct foray_error *err)
{
    struct foray__crew *crew = pool->state;
    uint64_t n_done;

    FORAY_TRY(introduce(crew, run, err));
    /* One that died since the last run is found, and replaced, in this one. */
    FORAY_TRY(foray__crew_fill(crew, err));
    foray__order_write(crew, run);
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        FORAY_TRY(foray__order_tell(crew, run, slot, err));
    n_done = foray__watch_count(crew);
    foray__watch_clear(crew);
    foray__budget_begin(&crew->shared->budget);
    foray__claims_begin(&crew->shared->claims, run->n_tasks);
    foray__doorbell_ring(&crew->shared->doorbell);
    return foray__supervise(crew, run, n_done, err);
}

static void fork_wake(struct foray_pool *pool)
{
    const struct foray__crew *crew = pool->state;

    foray__alarm_ring(crew->alarm.ringer);
}

static pid_t fork_worker_pid(const struct foray_pool *pool, int slot)
{
    const struct foray__crew *crew = pool->state;

    return foray__crew_has_left(crew, slot) ? 0 : crew->members[slot].pid;
}

static size_t fork_peak_bytes(const struct foray_pool *pool)
{
    const struct foray__crew *crew = pool->state;
    struct foray__resident resident;
    size_t peak = 0;

    for (int slot = 0; slot < pool->n_jobs; slot++) {
        size_t bytes = atomic_load(&crew->shared->slots[slot].peak_resident);

        if (crew->members[slot].pid &&
            foray__resident_read(&resident, crew->members[slot].pid) &&
            resident.peak > bytes)
            bytes = resident.peak;
        if (bytes > peak)
            peak = bytes;
    }
    return peak;
}

static struct foray__crew *fork_crew(struct foray_pool *pool)
{
    return pool->state;
}

const struct foray__backend foray__backend_fork = {
    .name = "fork",
    .inherits = true,
    .crew = fork_crew,
    .open = fork_open,
    .close = fork_close,
    .run = fork_run,
    .wake = fork_wake,
    .worker_pid = fork_worker_pid,
    .peak_bytes = fork_peak_bytes,
};

const struct foray__backend foray__backend_forkserver = {
    .name = "forkserver",
    .crew = fork_crew,
    .open = forkserver_open,
    .close = fork_close,
    .run = fork_run,
    .wake = fork_wake,
    .worker_pid = fork_worker_pid,
    .peak_bytes = fork_peak_bytes,
};
