/* foray_map for the library's own runs. */
#ifndef FORAY_COMPUTE_MAP_H
#define FORAY_COMPUTE_MAP_H

#include <foray/map.h>

/* foray_map that calls `restore`, a function of the library, before a task is
 * tried again. */
int foray__map_restoring(struct foray_pool *pool, const struct foray_map *map,
                         void (*restore)(struct foray_task *task),
                         struct foray_report *report, struct foray_error *err);

#endif
