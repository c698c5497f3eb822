/* The channel from the parent to one worker: segments to map and to drop, over
 * a socket pair, descriptors by SCM_RIGHTS. */
#ifndef FORAY_ENGINE_CHANNEL_H
#define FORAY_ENGINE_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/descriptor.h"

struct foray__message {
    bool drop; /* else map; `access` and the rest are of no use then */
    enum foray__access access;
    uint64_t segment;
    uint64_t length; /* of the file, bytes */
};

/* ends[0] the parent's, ends[1] the worker's. 0 or -1 with errno. */
int foray__channel_open(int ends[2]);

/* Never blocks: -1 with EAGAIN when the worker does not read. `fd` -1: none. */
int foray__channel_send(int end, const struct foray__message *message, int fd);

/* 1 received, 0 nothing there, -1 the other side is gone. *fd is -1 when the
 * message has none. Never blocks. */
int foray__channel_receive(int end, struct foray__message *message, int *fd);

#endif
