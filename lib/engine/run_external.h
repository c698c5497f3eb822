/* Tasks of a run in parcels of a registered backend. */
#ifndef FORAY_ENGINE_RUN_EXTERNAL_H
#define FORAY_ENGINE_RUN_EXTERNAL_H

#include "engine/pool_body.h"

/* As a backend's `run`. */
int foray__run_external(struct foray_pool *pool, struct foray__run *run,
                        struct foray_error *err);

#endif
