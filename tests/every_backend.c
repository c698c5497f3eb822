#include "every_backend.h"

#include <stdio.h>
#include <stdlib.h>

#include "gate.h"
#include "helpers.h"
#include "outside.h"
#include "settings.h"

const struct backend every_backend[] = {
    {"serial", false, false},   {"fork", true, true},
    {"forkserver", true, true}, {"threads", true, false},
    {"outside", true, false},   {NULL, false, false},
};

void init_every_backend(void)
{
    struct foray_error err;

    forget_variables();
    make_gate();
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
