/* foray_map for the library's own runs. */
#ifndef FORAY_COMPUTE_MAP_H
#define FORAY_COMPUTE_MAP_H

#include <foray/map.h>

#include "engine/shared.h"

/* The arrays of a run: lists as in struct foray_map, longer, but no more than
 * FORAY__MAX_ARGS together. */
struct foray__map_arrays {
    const struct foray_array *in[FORAY__MAX_ARGS], *whole[FORAY__MAX_ARGS];
    const struct foray_array *out[FORAY_MAX_ARRAYS];
};

/* foray_map over `arrays`, not those of `map`, whose last array of `whole` has
 * a row for each task, its partial result, and one more, which is what they all
 * begin with: before a task is tried again it gets that. */
int foray__map_partials(struct foray_pool *pool, const struct foray_map *map,
                        const struct foray__map_arrays *arrays,
                        struct foray_report *report, struct foray_error *err);

/* foray_map_tasks of such a run, but for the row of partial results. */
int foray__map_tasks(size_t *out, const struct foray_map *map,
                     const struct foray__map_arrays *arrays,
                     struct foray_error *err);

#endif
