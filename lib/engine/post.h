/* Messages between a process and its zygote: bytes over a stream socket,
 * descriptors by SCM_RIGHTS. */
#ifndef FORAY_ENGINE_POST_H
#define FORAY_ENGINE_POST_H

#include <stddef.h>

enum { FORAY__MAX_POSTED = 253 }; /* descriptors at once: the kernel's limit */

/* A pair of sockets, close-on-exec, off the standard streams. `patience`:
 * seconds after which sending and receiving at ends[0] fail with EAGAIN.
 * 0 or -1 with errno. */
int foray__post_open(int ends[2], int patience);

/* Send all bytes, with the descriptors at the first of them. 0, or -1 with
 * errno: nothing was sent, or the other side is gone or does not read. */
int foray__post_send(int socket, const void *bytes, size_t nbytes,
                     const int *fds, size_t n_fds);

/* Receive exactly so many bytes, and the descriptors that come with the first
 * of them: *n_fds is the room, then how many arrived, fewer than were sent when
 * this process has too many open. `fds` and `n_fds` may be NULL.
 * 0, or -1 with errno, EPIPE when the other side is gone. */
int foray__post_receive(int socket, void *bytes, size_t nbytes, int *fds,
                        size_t *n_fds);

#endif
