/* Beacons: how a run that is under way tells others of its user how far it is
 * (`foray status`). A socket without a file, so that nothing is ever left. */
#ifndef FORAY_TOOLS_SHELL_BEACON_H
#define FORAY_TOOLS_SHELL_BEACON_H

#include <foray/pool.h>

/* Names of the sockets begin with it, and end with the process id. */
#define BEACON_PREFIX "foray-status-"

/* Be there to be asked. Without sockets nobody can ask, and that is all. */
void beacon_open(void);

/* Answer whoever asked since the last time, if it is this user or root: a line
 * of JSON, which ends with the slowest task, of this name. Called with each
 * progress. */
void beacon_answer(const struct foray_progress *now, const char *slowest);

void beacon_close(void);

#endif
