#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/process.h"
#include "engine/config.h"
#include "engine/life.h"
#include "engine/pool_body.h"

static void free_pool(struct foray_pool *pool)
{
    foray__config_free(&pool->config);
    free(pool);
}

/* A pool without workers. The caller's config may be gone tomorrow. */
static struct foray_pool *make_pool(const struct foray__settings *settings)
{
    struct foray_pool *pool = calloc(1, sizeof *pool);

    if (!pool)
        return NULL;
    pool->config = settings->config;
    if (foray__config_copy(&pool->config)) {
        free(pool);
        return NULL;
    }
    pool->pid = getpid();
    pool->backend = settings->backend;
    pool->n_cpus = settings->n_cpus;
    pool->n_jobs = settings->n_jobs;
    pool->inner_threads = settings->inner_threads;
    pool->nesting = foray__nesting_of_tasks(settings->n_cpus, settings->n_jobs,
                                            settings->config.memory);
    pool->only_task = settings->only_task;
    return pool;
}

/* Where tasks run in this process, the pool's life is that of a worker. */
static int open_backend(struct foray_pool *pool, struct foray_error *err)
{
    bool here = pool->backend->shares_memory;
    int code;

    if (here && pool->config.init)
        FORAY_TRY(foray__life_init(&pool->config, 0, &pool->worker_state, err));
    code = pool->backend->open(pool, err);
    if (code && here && pool->config.fini)
        pool->config.fini(pool->worker_state);
    return code;
}

static void close_backend(struct foray_pool *pool)
{
    pool->backend->close(pool);
    if (pool->backend->shares_memory && pool->config.fini)
        pool->config.fini(pool->worker_state);
}

int foray_pool_open(struct foray_pool **out, const struct foray_config *config,
                    struct foray_error *err)
{
    static const struct foray_config nothing;
    struct foray__settings settings;
    struct foray_pool *pool;
    int code;

    *out = NULL;
    FORAY_TRY(foray__settings(&settings, config ? config : &nothing, err));
    pool = make_pool(&settings);
    if (!pool)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a pool");
    if (settings.replaced)
        foray__pool_log(pool, "%s: the backend is \"%s\" instead of \"%s\"",
                        settings.why, pool->backend->name, settings.replaced);
    code = open_backend(pool, err);
    if (code) {
        free_pool(pool);
        return code;
    }
    *out = pool;
    return 0;
}

int foray_pool_close(struct foray_pool *pool)
{
    if (!pool)
        return 0;
    FORAY_TRY(foray__check_process(pool->pid, "the pool", NULL));
    if (atomic_exchange(&pool->busy, true))
        return FORAY_EBUSY;
    close_backend(pool);
    free_pool(pool);
    return 0;
}

void foray_pool_cancel(struct foray_pool *pool)
{
    /* A child's signal handler is no reason to end its parent's run: what wakes
     * that is in both of them. */
    if (pool->pid != getpid())
        return;
    atomic_store(&pool->cancel, true);
    pool->backend->wake(pool);
}

int foray__pool_take(struct foray_pool *pool, struct foray_error *err)
{
    FORAY_TRY(foray__check_process(pool->pid, "the pool", err));
    if (!atomic_exchange(&pool->busy, true))
        return 0;
    return foray__fail(err, FORAY_EBUSY,
                       "the pool serves another run at the moment: wait for "
                       "it, drop its iterator, or open a second pool");
}

void foray__pool_leave(struct foray_pool *pool, bool cancelled)
{
    if (cancelled)
        atomic_store(&pool->cancel, false);
    atomic_store(&pool->busy, false);
}

enum foray_mode foray__pool_mmap_mode(const struct foray_pool *pool)
{
    const char *mode = pool->config.mmap_mode;

    if (mode && !strcmp(mode, "r+"))
        return FORAY_READ_WRITE;
    return mode && !strcmp(mode, "c") ? FORAY_COPY : FORAY_READ;
}

int foray_pool_n_jobs(const struct foray_pool *pool)
{
    return pool->n_jobs;
}

int foray_pool_inner_threads(const struct foray_pool *pool)
{
    return pool->inner_threads;
}

const char *foray_pool_backend(const struct foray_pool *pool)
{
    return pool->backend->name;
}

pid_t foray_pool_worker_pid(const struct foray_pool *pool, int slot)
{
    if (slot < 0 || slot >= pool->n_jobs)
        return 0;
    return pool->backend->worker_pid(pool, slot);
}

void foray__pool_log(const struct foray_pool *pool, const char *fmt, ...)
{
    char sentence[512];
    va_list args;

    if (!pool->config.log)
        return;
    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    pool->config.log(sentence, pool->config.log_arg);
}

void foray__pool_warn_timeout(const struct foray_pool *pool)
{
    if (pool->config.timeout > 0)
        foray__pool_log(pool,
                        "the backend \"%s\" cannot end a task: the timeout of "
                        "%g s does not hold",
                        pool->backend->name, pool->config.timeout);
}
