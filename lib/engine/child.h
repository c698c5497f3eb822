/* The end of a worker, as the process that forked it sees it. */
#ifndef FORAY_ENGINE_CHILD_H
#define FORAY_ENGINE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/* Ended and not reaped yet, or no child of ours any more. */
bool foray__child_ended(pid_t pid);

/* The wait status of a worker that is known to be dead, -1 when the host took
 * it. What its tasks forked ends with it. */
int foray__child_reap(pid_t pid);

#endif
