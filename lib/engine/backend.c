#include "engine/backend.h"

#include <string.h>

static const struct foray__backend *const backends[] = {
    &foray__backend_fork,
    &foray__backend_forkserver,
    &foray__backend_serial,
    &foray__backend_threads,
};

const struct foray__backend *foray__backend_find(const char *name)
{
    for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++)
        if (!strcmp(backends[i]->name, name))
            return backends[i];
    return NULL;
}

const char *foray__backend_names(void)
{
    return "fork, forkserver, serial, threads";
}
