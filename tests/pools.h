/* Pools that must open. */
#ifndef FORAY_TESTS_POOLS_H
#define FORAY_TESTS_POOLS_H

#include <foray.h>

/* One of that backend and number of workers; `more` may be NULL. Owner: the
 * caller. */
struct foray_pool *open_pool(const char *backend, int n_jobs,
                             const struct foray_config *more);

#endif
