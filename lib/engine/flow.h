/* The pages of arrays in files, on their way through memory: read ahead of the
 * tasks, and with FORAY_STREAM let go behind them, written back where tasks
 * wrote. What tasks compute does not depend on it. Arrays in shared memory, and
 * those of mode c, have nothing to do with it.
 *
 * A task's pages leave this process as soon as it is over; what it wrote begins
 * to be written back. One task later that is waited for, and the page cache
 * lets go of both: the neighbours have read in their halo what they share by
 * then. That late, only descriptors and offsets are used, no addresses.
 */
#ifndef FORAY_ENGINE_FLOW_H
#define FORAY_ENGINE_FLOW_H

#include <sys/types.h>

#include "engine/run.h"
#include "engine/task_body.h"

enum { FORAY__FLOW_RANGES = 256 };

/* Bytes of a file. */
struct foray__flow_range {
    int fd;
    off_t offset, length;
    bool written;
};

/* One worker's. */
struct foray__flow {
    struct foray__flow_file {
        int fd; /* -1: none */
        const void *base;
    } files[FORAY__MAX_ARGS]; /* of the order's `filed`; set before begin */
    bool active;
    enum foray_access access;
    uint64_t expected; /* the task that was read ahead last */
    int n_behind;
    struct foray__flow_range behind[FORAY__FLOW_RANGES]; /* the last task's */
};

/* Which arrays of a run lie in files, and what automatic access means for
 * them. In the parent; `budget`: bytes, FORAY_NEVER for none. */
void foray__flow_plan(struct foray__run *run, size_t budget);

/* Begin a run: the task's order and `full` are there. */
void foray__flow_begin(struct foray__flow *flow, const struct foray_task *task);

/* Before task `index` is cut, and when it is over; `next`: the task that is
 * probably this worker's next one. */
void foray__flow_enter(struct foray__flow *flow, const struct foray_task *task,
                       uint64_t index, uint64_t next);
void foray__flow_leave(struct foray__flow *flow, const struct foray_task *task);

/* Let go of what the last task left. */
void foray__flow_end(struct foray__flow *flow);

#endif
