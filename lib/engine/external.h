/* Registered backends: what the library makes of them. */
#ifndef FORAY_ENGINE_EXTERNAL_H
#define FORAY_ENGINE_EXTERNAL_H

#include <foray/backend.h>

#include "engine/bytes.h"
#include "engine/pool_body.h"

struct foray__external {
    struct foray__backend backend;
    struct foray_backend given;
};

/* That of a pool, and what its `open` made. */
const struct foray__external *foray__external_of(const struct foray_pool *pool);
void *foray__external_state(const struct foray_pool *pool);

/* A struct foray__lodging that goes with every parcel of a pool; empty: its
 * workers have no init and no fini of their own. */
const struct foray__bytes *
foray__external_lodging(const struct foray_pool *pool);

/* What a function of a backend answered that is no success, as an error: its
 * own words if it has some. Returns the code, which is negative. */
int foray__external_fail(const struct foray_pool *pool, int code,
                         const struct foray_error *why,
                         struct foray_error *err);

/* The k-th that was registered, in that order; NULL: there are no more. */
const struct foray__backend *foray__external_at(size_t k);

#endif
