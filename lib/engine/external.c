#include "engine/external.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/lodger.h"
#include "engine/run_external.h"
#include "engine/stream_external.h"

enum { MAX_REGISTERED = 16, MAX_NAME = 32 };

/* Those before `n_registered` are complete, and stay. */
static const struct foray__external *registered[MAX_REGISTERED];
static _Atomic size_t n_registered;
static atomic_flag registering = ATOMIC_FLAG_INIT;

/* A pool's. */
struct external_pool {
    void *given; /* what the backend's open made */
    struct foray__bytes lodging;
};

const struct foray__external *foray__external_of(const struct foray_pool *pool)
{
    return (const void *)pool->backend; /* its first member */
}

void *foray__external_state(const struct foray_pool *pool)
{
    return ((const struct external_pool *)pool->state)->given;
}

const struct foray__bytes *
foray__external_lodging(const struct foray_pool *pool)
{
    return &((const struct external_pool *)pool->state)->lodging;
}

const struct foray__backend *foray__external_at(size_t k)
{
    return k < atomic_load(&n_registered) ? &registered[k]->backend : NULL;
}

int foray__external_fail(const struct foray_pool *pool, int code,
                         const struct foray_error *why, struct foray_error *err)
{
    bool says = why->code && memchr(why->msg, '\0', sizeof why->msg);

    code = foray__fail(err, code < 0 ? code : FORAY_ESYSTEM,
                       "the backend \"%s\" failed%s%.400s", pool->backend->name,
                       says ? ": " : "", says ? why->msg : "");
    if (err)
        err->sys_errno = says ? why->sys_errno : 0;
    return code;
}

/* What `open` of the backend answered: it may make fewer workers. */
static int accept(struct foray_pool *pool, int n_jobs, struct foray_error *err)
{
    const struct foray_backend *given = &foray__external_of(pool)->given;

    if (n_jobs >= 1 && n_jobs <= pool->n_jobs) {
        pool->n_jobs = n_jobs;
        pool->nesting =
            foray__nesting_of_tasks(pool->n_cpus, n_jobs, pool->config.memory);
        return 0;
    }
    given->close(foray__external_state(pool));
    return foray__fail(err, FORAY_EINVAL,
                       "the backend \"%s\" makes %d workers of %d", given->name,
                       n_jobs, pool->n_jobs);
}

static int open_given(struct foray_pool *pool, struct foray_error *err)
{
    const struct foray_backend *given = &foray__external_of(pool)->given;
    struct external_pool *external = pool->state;
    struct foray_error why = {.code = 0};
    int n_jobs = pool->n_jobs, code;

    if (!given->shares_memory && (pool->config.init || pool->config.fini))
        FORAY_TRY(foray__lodging_write(&external->lodging, &pool->config, err));
    code = given->open(&external->given, &n_jobs, given->arg, &why);
    return code ? foray__external_fail(pool, code, &why, err)
                : accept(pool, n_jobs, err);
}

static void free_external(struct foray_pool *pool)
{
    struct external_pool *external = pool->state;

    foray__bytes_free(&external->lodging);
    free(external);
}

static int open_external(struct foray_pool *pool, struct foray_error *err)
{
    int code;

    pool->state = calloc(1, sizeof(struct external_pool));
    if (!pool->state)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a pool");
    code = open_given(pool, err);
    if (code)
        free_external(pool);
    return code;
}

static void close_external(struct foray_pool *pool)
{
    foray__external_of(pool)->given.close(foray__external_state(pool));
    free_external(pool);
}

static void wake_external(struct foray_pool *pool)
{
    (void)pool; /* it looks often */
}

static pid_t worker_pid(const struct foray_pool *pool, int slot)
{
    (void)slot;
    return pool->backend->shares_memory ? pool->pid : 0;
}

static size_t peak_bytes(const struct foray_pool *pool)
{
    (void)pool;
    return 0;
}

static const struct foray__backend model = {
    .private_arrays = true, /* they go by value, or not at all */
    .carrier = &foray__external_carrier,
    .open = open_external,
    .close = close_external,
    .run = foray__run_external,
    .wake = wake_external,
    .worker_pid = worker_pid,
    .peak_bytes = peak_bytes,
};

static bool is_name(const char *name)
{
    return name && *name && strlen(name) <= MAX_NAME &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")] == '\0';
}

static int check(const struct foray_backend *given, struct foray_error *err)
{
    if (!is_name(given->name))
        return foray__fail(err, FORAY_EINVAL,
                           "\"%.40s\" is no name for a backend: use at most %d "
                           "letters, digits, - and _",
                           given->name ? given->name : "", MAX_NAME);
    if (!given->open || !given->submit || !given->poll || !given->cancel ||
        !given->close)
        return foray__fail(err, FORAY_EINVAL,
                           "a function of the backend \"%s\" is missing: set "
                           "all of them",
                           given->name);
    return 0;
}

static int add(const struct foray_backend *given, struct foray_error *err)
{
    size_t n = atomic_load(&n_registered);
    struct foray__external *external;
    char *name;

    if (foray__backend_find(given->name))
        return foray__fail(err, FORAY_EEXIST,
                           "there is a backend \"%s\" already", given->name);
    if (n == MAX_REGISTERED)
        return foray__fail(err, FORAY_ENOMEM,
                           "%d backends are registered, and no more fit",
                           MAX_REGISTERED);
    external = calloc(1, sizeof *external);
    name = strdup(given->name);
    if (!external || !name) {
        free(external);
        free(name);
        return foray__fail(err, FORAY_ENOMEM, "no memory for a backend");
    }
    external->given = *given;
    external->given.name = name;
    external->backend = model;
    external->backend.name = name;
    external->backend.shares_memory = given->shares_memory;
    registered[n] = external;
    atomic_store(&n_registered, n + 1);
    return 0;
}

int foray_backend_register(const struct foray_backend *backend,
                           struct foray_error *err)
{
    int code;

    FORAY_TRY(check(backend, err));
    while (atomic_flag_test_and_set(&registering))
        ; /* as long as another thread is in `add` */
    code = add(backend, err);
    atomic_flag_clear(&registering);
    return code;
}
