/* Which of the tasks that run has been running for the longest. Workers write
 * no times for it: the parent remembers when it first saw them at a task. */
#ifndef FORAY_ENGINE_LONGEST_H
#define FORAY_ENGINE_LONGEST_H

#include <foray/pool.h>

/* Look at all workers of a pool, and fill `slowest` and `slowest_seconds`: of
 * those that were at the same task when looked at before. In pools without a
 * crew none is known. */
void foray__longest_look(struct foray_progress *out, struct foray_pool *pool,
                         double now);

#endif
