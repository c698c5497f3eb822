/* Standard input, output and error of the command. */
#ifndef FORAY_TOOLS_SHELL_STREAMS_H
#define FORAY_TOOLS_SHELL_STREAMS_H

/* Of those that are closed no file that is opened later takes the number, into
 * which messages would go then: they stay unreadable and unwritable. */
void streams_hold(void);

/* What a full disk did not take of standard output must not look like success.
 * Returns the exit status, which was `status`. */
int streams_close(int status);

#endif
