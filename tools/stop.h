/* Stopping by SIGINT, SIGTERM and SIGHUP: the run is cancelled, what was begun
 * is removed, and the exit status is 128 + signal. */
#ifndef FORAY_TOOLS_STOP_H
#define FORAY_TOOLS_STOP_H

#include <foray/pool.h>

/* Take the signals over, but those that were ignored (nohup). From now on
 * they only cancel and are remembered. */
void stop_install(void);

/* The pool to cancel, NULL for none; a signal that came before counts. */
void stop_watch(struct foray_pool *pool);

/* The signal that came first, 0 when none did. */
int stop_signal(void);

/* Say that the command was stopped. Returns the exit status, 128 + signal. */
int stop_status(void);

#endif
