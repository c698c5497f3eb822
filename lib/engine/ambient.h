/* What tasks inherit: the level of defaults (config.h) around the run that they
 * are of, as it was when the run began. As plain bytes, so that workers get it
 * who are older than it, or live in another process: callbacks, init with fini,
 * and descriptors are the program's, and no task has them. */
#ifndef FORAY_ENGINE_AMBIENT_H
#define FORAY_ENGINE_AMBIENT_H

#include <stdbool.h>

#include "engine/level.h"

struct foray__ambient {
    bool any; /* else nothing was set, and the rest is not */
    int n_jobs_depth;
    struct foray_config config; /* no pointer in it is set */
    char backend[64];           /* its words and strings, "": not set */
    char prefer[16], require[16], mmap_mode[4];
    char pre_dispatch[FORAY__DISPATCH_SIZE], temp_folder[FORAY__FOLDER_SIZE];
};

/* That of this thread, where a run begins. */
void foray__ambient_take(struct foray__ambient *out);

/* This thread has `ambient` and no other levels while it runs tasks, until it
 * leaves; both structs stay where they are. After each task: what it pushed and
 * did not pop is forgotten. */
void foray__ambient_enter(struct foray__level *here,
                          const struct foray__ambient *ambient);
void foray__ambient_reset(const struct foray__level *here);
void foray__ambient_leave(const struct foray__level *here);

#endif
