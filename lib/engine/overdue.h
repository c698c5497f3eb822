/* Workers that do not end at the timeout by themselves: those whose timer did
 * not work (deadline.h), and those that were stopped (SIGSTOP) while they hold
 * a claim but run no task of it, so that no timer is armed. */
#ifndef FORAY_ENGINE_OVERDUE_H
#define FORAY_ENGINE_OVERDUE_H

#include "engine/crew.h"

/* Kill those of a crew of processes whose order has a timeout. *looked is when
 * it was last looked for stopped ones, 0 at the begin of a run. */
void foray__overdue_end(struct foray__crew *crew, double *looked);

#endif
