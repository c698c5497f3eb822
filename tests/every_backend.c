#include "every_backend.h"

#include <stdio.h>
#include <stdlib.h>

#include "gate.h"
#include "outside.h"
#include "pools.h"
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
    return open_pool(backend->name, n_jobs, more);
}
