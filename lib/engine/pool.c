#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/machine.h>

#include "base/error.h"
#include "base/process.h"
#include "engine/pool_body.h"
#include "engine/zygote.h"
#include "machine/cpus.h"

static const char *backend_name(const struct foray_config *config)
{
    const char *forced = getenv("FORAY_FORCE_BACKEND");

    if (forced && *forced)
        return forced;
    if (config->backend)
        return config->backend;
    return foray__zygote_is_mine() ? "forkserver" : "fork";
}

/* Copy what the config points to: the caller's may be gone tomorrow. */
static int copy_config(struct foray_pool *pool,
                       const struct foray_config *config)
{
    struct foray_config *own = &pool->config;

    *own = *config;
    own->backend = NULL;
    own->temp_folder = NULL;
    own->keep_fds = NULL;
    if (config->temp_folder &&
        !(own->temp_folder = strdup(config->temp_folder)))
        return -1;
    if (config->n_keep_fds) {
        size_t nbytes = config->n_keep_fds * sizeof *config->keep_fds;
        int *copy = malloc(nbytes);

        if (!copy)
            return -1;
        memcpy(copy, config->keep_fds, nbytes);
        own->keep_fds = copy;
    }
    if (own->on_error == FORAY_ON_ERROR_DEFAULT)
        own->on_error = FORAY_STOP;
    if (!(own->grace > 0))
        own->grace = 1.0;
    if (!(own->progress_interval > 0))
        own->progress_interval = 0.5;
    return 0;
}

static int check_config(const struct foray_config *config, int cpus,
                        struct foray_error *err)
{
    const char *name = backend_name(config);

    if (!foray__backend_find(name))
        return foray__fail(err, FORAY_EINVAL,
                           "there is no backend \"%.64s\": use one of %s", name,
                           foray__backend_names());
    if (foray__n_jobs_among(config->n_jobs, cpus) > FORAY__MAX_SLOTS)
        return foray__fail(err, FORAY_EINVAL,
                           "n_jobs is %d: at most %d workers are possible",
                           config->n_jobs, FORAY__MAX_SLOTS);
    if (config->n_keep_fds && !config->keep_fds)
        return foray__fail(err, FORAY_EINVAL,
                           "keep_fds is NULL, but n_keep_fds is %zu",
                           config->n_keep_fds);
    for (size_t i = 0; i < config->n_keep_fds; i++)
        if (fcntl(config->keep_fds[i], F_GETFD) < 0)
            return foray__fail(err, FORAY_EINVAL,
                               "keep_fds[%zu] is %d, which is no open "
                               "descriptor",
                               i, config->keep_fds[i]);
    if (config->inner_threads < 0)
        return foray__fail(err, FORAY_EINVAL,
                           "inner_threads is %d: give at least 1, or 0 for "
                           "the CPUs divided by the workers",
                           config->inner_threads);
    if (config->on_error < FORAY_ON_ERROR_DEFAULT ||
        config->on_error > FORAY_SKIP)
        return foray__fail(err, FORAY_EINVAL,
                           "on_error is %d: use FORAY_STOP or FORAY_SKIP",
                           (int)config->on_error);
    return 0;
}

static void free_pool(struct foray_pool *pool)
{
    free((void *)(uintptr_t)pool->config.temp_folder);
    free((void *)(uintptr_t)pool->config.keep_fds);
    free(pool);
}

static void count_workers(struct foray_pool *pool, int n_jobs, int cpus)
{
    pool->n_cpus = cpus;
    pool->n_jobs = foray__n_jobs_among(n_jobs, cpus);
    if (pool->backend == &foray__backend_serial)
        pool->n_jobs = 1;
    pool->inner_threads = pool->config.inner_threads;
    if (!pool->inner_threads)
        pool->inner_threads = cpus / pool->n_jobs > 1 ? cpus / pool->n_jobs : 1;
}

int foray_pool_open(struct foray_pool **out, const struct foray_config *config,
                    struct foray_error *err)
{
    static const struct foray_config defaults;
    struct foray_pool *pool;
    int code, cpus;

    *out = NULL;
    if (!config)
        config = &defaults;
    cpus = foray_cpu_count();
    FORAY_TRY(check_config(config, cpus, err));
    pool = calloc(1, sizeof *pool);
    if (!pool || copy_config(pool, config)) {
        if (pool)
            free_pool(pool);
        return foray__fail(err, FORAY_ENOMEM, "no memory for a pool");
    }
    pool->pid = getpid();
    pool->backend = foray__backend_find(backend_name(config));
    count_workers(pool, config->n_jobs, cpus);
    code = pool->backend->open(pool, err);
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
    pool->backend->close(pool);
    free_pool(pool);
    return 0;
}

void foray_pool_cancel(struct foray_pool *pool)
{
    atomic_store(&pool->cancel, true);
    pool->backend->wake(pool);
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
