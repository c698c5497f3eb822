/* How a process that foray forked leaves: without the host's exit handlers. */
#ifndef FORAY_BASE_LEAVE_H
#define FORAY_BASE_LEAVE_H

/* In builds that count executed lines, with the counts written. */
_Noreturn void foray__leave(int status);

/* Write the counts now, of a process that is about to be killed; nothing in
 * other builds. */
void foray__leave_counts(void);

#endif
