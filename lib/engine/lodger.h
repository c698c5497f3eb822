/* Lodgers: workers of pools whose batches this process executes, though it
 * belongs to nobody's. Their life begins with the first batch of a pool that
 * comes to a worker. */
#ifndef FORAY_ENGINE_LODGER_H
#define FORAY_ENGINE_LODGER_H

#include <stdint.h>

#include "engine/bytes.h"
#include "engine/pool_body.h"

/* How it begins and ends, in a parcel. Offsets count from its own begin and are
 * multiples of 8. */
struct foray__lodging {
    uint64_t pool;       /* whose: unlike that of any other */
    uint64_t init, fini; /* offsets of struct foray__function; fini: or 0 */
    uint64_t params, params_size;
};

/* Describe the lives of a pool that has an init, or a fini.
 * Errors: FORAY_ENOMEM; FORAY_EINVAL, FORAY_ENOENT (a function lies in no
 * file). */
int foray__lodging_write(struct foray__bytes *out,
                         const struct foray_config *config,
                         struct foray_error *err);

/* What init left for that worker; called now if it was not yet. Errors: what
 * init failed with, as it is to be reported; FORAY_ENOMEM; those of
 * foray__function_find. Threads: any number at once, but one a worker. */
int foray__lodger_state(void **state, const struct foray__lodging *lodging,
                        int worker, struct foray_error *err);

#endif
