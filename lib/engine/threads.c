/* The backend threads: workers are threads of the program, and the caller is
 * one of them where it would only wait. */
#include "base/error.h"
#include "engine/crew_threads.h"
#include "engine/order.h"
#include "engine/supervise.h"
#include "engine/watch.h"

static int threads_open(struct foray_pool *pool, struct foray_error *err)
{
    struct foray__crew *crew;
    int code;

    FORAY_TRY(foray__crew_new(&crew, pool, false, err));
    code = foray__threads_new(crew, err);
    if (code) {
        foray__crew_free(crew);
        return code;
    }
    foray__threads_begin(crew, true);
    code = foray__threads_fill(crew, err);
    foray__threads_end(crew);
    if (code) {
        foray__threads_free(crew);
        foray__crew_free(crew);
        return code;
    }
    pool->state = crew;
    return 0;
}

static void threads_close(struct foray_pool *pool)
{
    struct foray__crew *crew = pool->state;

    foray__threads_free(crew);
    foray__crew_free(crew);
}

static int threads_run(struct foray_pool *pool, struct foray__run *run,
                       struct foray_error *err)
{
    struct foray__crew *crew = pool->state;
    uint64_t n_done;
    int code;

    foray__pool_warn_timeout(pool);
    foray__threads_begin(crew, true);
    code = foray__crew_fill(crew, err);
    if (!code) {
        foray__order_write(crew, run);
        foray__crew_admit_all(crew);
        n_done = foray__watch_count(crew);
        foray__watch_clear(crew);
        foray__budget_begin(&crew->shared->budget);
        foray__claims_begin(&crew->shared->claims, run->n_tasks);
        foray__doorbell_ring(&crew->shared->doorbell);
        code = foray__supervise(crew, run, n_done, err);
    }
    foray__threads_end(crew);
    return code;
}

/* Tasks see it at once, also those that the caller runs. Should no run be on,
 * the generation is of one that is over. */
static void threads_wake(struct foray_pool *pool)
{
    const struct foray__crew *crew = pool->state;

    atomic_store(&crew->shared->cancelled,
                 atomic_load(&crew->shared->claims.generation));
    foray__budget_wake(&crew->shared->budget);
    foray__alarm_ring(crew->alarm.ringer);
}

static pid_t threads_worker_pid(const struct foray_pool *pool, int slot)
{
    (void)slot;
    return pool->pid;
}

static size_t threads_peak_bytes(const struct foray_pool *pool)
{
    (void)pool;
    return 0; /* no process of its own */
}

static struct foray__crew *threads_crew(struct foray_pool *pool)
{
    return pool->state;
}

const struct foray__backend foray__backend_threads = {
    .name = "threads",
    .private_arrays = true,
    .shares_memory = true,
    .crew = threads_crew,
    .open = threads_open,
    .close = threads_close,
    .run = threads_run,
    .wake = threads_wake,
    .worker_pid = threads_worker_pid,
    .peak_bytes = threads_peak_bytes,
};
