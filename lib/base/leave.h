/* How a process that foray forked leaves: without the host's exit handlers. */
#ifndef FORAY_BASE_LEAVE_H
#define FORAY_BASE_LEAVE_H

/* Whether executed lines are counted: each process has counts to write. */
#ifdef FORAY_COVERAGE
enum { FORAY__COUNTS_LINES = 1 };
#else
enum { FORAY__COUNTS_LINES = 0 };
#endif

/* With the counts written, in such a build. */
_Noreturn void foray__leave(int status);

/* Write the counts now, of a process that is about to be killed; nothing in
 * other builds. */
void foray__leave_counts(void);

#endif
