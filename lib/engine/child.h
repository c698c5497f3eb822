/* The begin and the end of a process, as the one that forked it sees them. */
#ifndef FORAY_ENGINE_CHILD_H
#define FORAY_ENGINE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/* fork() with signals held back, so that no handler of the host runs in the
 * child before it has reset them: it returns there with all of them blocked. */
pid_t foray__child_fork(void);

/* Ended and not reaped yet, or no child of ours any more. */
bool foray__child_ended(pid_t pid);

/* The wait status of a worker that is known to be dead, -1 when the host took
 * it. What its tasks forked ends with it. */
int foray__child_reap(pid_t pid);

#endif
