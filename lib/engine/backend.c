#include "engine/backend.h"

#include <stdio.h>
#include <string.h>

#include "engine/external.h"

static const struct foray__backend *const backends[] = {
    &foray__backend_fork,
    &foray__backend_forkserver,
    &foray__backend_serial,
    &foray__backend_threads,
};

enum { N_BACKENDS = sizeof backends / sizeof backends[0], NAMES_SIZE = 256 };

/* The k-th, registered ones last; NULL: there are no more. */
static const struct foray__backend *backend_at(size_t k)
{
    return k < N_BACKENDS ? backends[k] : foray__external_at(k - N_BACKENDS);
}

const struct foray__backend *foray__backend_find(const char *name)
{
    const struct foray__backend *backend;

    for (size_t k = 0; (backend = backend_at(k)); k++)
        if (!strcmp(backend->name, name))
            return backend;
    return NULL;
}

const char *foray__backend_names(void)
{
    static _Thread_local char out[NAMES_SIZE];
    const struct foray__backend *backend;
    size_t used = 0;

    for (size_t k = 0; (backend = backend_at(k)); k++)
        if (used < NAMES_SIZE)
            used += (size_t)snprintf(out + used, NAMES_SIZE - used, "%s%s",
                                     k ? ", " : "", backend->name);
    return out;
}
