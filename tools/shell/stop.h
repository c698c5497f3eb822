/* Stopping by SIGINT, SIGTERM and SIGHUP: the run is cancelled, what was begun
 * is removed unless it can go on, and the exit status is 128 + signal. A second
 * one ends the command at once. */
#ifndef FORAY_TOOLS_SHELL_STOP_H
#define FORAY_TOOLS_SHELL_STOP_H

#include <stdbool.h>

#include <foray/pool.h>

/* Take the signals over, but those that were ignored (nohup). From now on
 * they only cancel and are remembered. */
void stop_install(void);

/* The pool to cancel, NULL for none; a signal that came before counts. */
void stop_watch(struct foray_pool *pool);

/* The signal that came first, 0 when none did. */
int stop_signal(void);

/* Say that the command was stopped, and what that means. Returns the exit
 * status, 128 + signal. */
int stop_say(const char *what);
int stop_status(void);

/* Tell an error, and that the command was stopped if it was. Returns the exit
 * status, STATUS_FAILED if it was not. */
int stop_failure(const struct foray_error *err);

/* From now on a reader of messages that goes away ends nothing. */
void stop_outlive_readers(void);

/* Take SIGUSR1 over, too, by which somebody asks how far the run is; whether it
 * came since this was asked last. */
void stop_heed_questions(void);
bool stop_asked(void);

#endif
