/* The two ends of a pipe or a socket pair. */
#ifndef FORAY_ENGINE_PAIR_H
#define FORAY_ENGINE_PAIR_H

/* What made it, say pipe2, returned `failed`. Moves both ends off the numbers
 * of the standard streams: what the program or a task prints there must not end
 * in a pipe of ours. 0, or -1 with errno, and nothing is open. */
int foray__pair_made(int failed, int ends[2]);

/* Closes what is not -1, and keeps errno. */
void foray__pair_close(int ends[2]);

#endif
