#include "every_backend.h"

#include <stdio.h>
#include <stdlib.h>

#include "helpers.h"
#include "outside.h"

const struct backend every_backend[] = {
    {"serial", false, false},   {"fork", true, true},
    {"forkserver", true, true}, {"threads", true, false},
    {"outside", true, false},   {NULL, false, false},
};

void init_every_backend(void)
{
    static const char *const variables[] = {
        "FORAY_FORCE_BACKEND", "FORAY_BACKEND",      "FORAY_N_JOBS",
        "FORAY_BATCH_SIZE",    "FORAY_PRE_DISPATCH", "FORAY_ON_ERROR",
        "FORAY_RETRIES",       "FORAY_TIMEOUT",      "FORAY_TEMP_FOLDER",
        "FORAY_MAX_NBYTES",    "FORAY_MMAP_MODE",    "FORAY_ONLY_TASK"};
    struct foray_error err;

    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        unsetenv(variables[i]);
    if (!foray_init(&err)) {
        register_outside();
        return;
    }
    fprintf(stderr, "%s\n", err.msg);
    exit(99);
}

struct foray_pool *open_backend(const struct backend *backend, int n_jobs,
                                const struct foray_config *more)
{
    struct foray_config config = more ? *more : (struct foray_config){0};
    struct foray_pool *pool = NULL;
    struct foray_error err;

    config.backend = backend->name;
    config.n_jobs = n_jobs;
    assert_ok(foray_pool_open(&pool, &config, &err), err);
    return pool;
}
