/* A worker dies with its parent, at once and in the middle of a task.
 *
 * Only the parent holds the write end of a pipe; the kernel sends SIGKILL to
 * the worker when it closes. Unlike PR_SET_PDEATHSIG this survives the exit of
 * the thread that forked, and needs no thread in either process.
 */
#ifndef FORAY_ENGINE_LIFELINE_H
#define FORAY_ENGINE_LIFELINE_H

#include <stdbool.h>

/* A new pipe: ends[0] the worker's, ends[1] the parent's; both CLOEXEC.
 * 0 or -1 with errno. Parent. */
int foray__lifeline_open(int ends[2]);

/* Hang on to it: ends the process if the parent is gone already. Worker. */
void foray__lifeline_hold(int end);

/* Whether it still does: a task may have closed every descriptor. Worker. */
bool foray__lifeline_holds(int end);

#endif
