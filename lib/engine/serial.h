/* What a serial pool's runs of both kinds share. */
#ifndef FORAY_ENGINE_SERIAL_H
#define FORAY_ENGINE_SERIAL_H

#include <stdatomic.h>
#include <stdint.h>

#include "engine/pool_body.h"

enum { FORAY__SERIAL_RUNS = 1, FORAY__SERIAL_CANCELLED };

/* A run begins. The word that says RUNS until somebody cancels it. */
const _Atomic uint32_t *foray__serial_ready(struct foray_pool *pool);

#endif
