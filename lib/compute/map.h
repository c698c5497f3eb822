/* foray_map for the library's own runs. */
#ifndef FORAY_COMPUTE_MAP_H
#define FORAY_COMPUTE_MAP_H

#include <foray/map.h>

/* foray_map whose last array of `whole` has a row for each task, its partial
 * result, and one more, which is what they all begin with: before a task is
 * tried again it gets that. */
int foray__map_partials(struct foray_pool *pool, const struct foray_map *map,
                        struct foray_report *report, struct foray_error *err);

#endif
