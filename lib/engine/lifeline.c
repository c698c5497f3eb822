#include "engine/lifeline.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "engine/pair.h"

int foray__lifeline_open(int ends[2])
{
    return foray__pair_made(pipe2(ends, O_CLOEXEC), ends);
}

/* The processes that a task forked end too, as long as they stay in the
 * worker's process group. */
static pid_t owner(void)
{
    return getpgrp() == getpid() ? -getpid() : getpid();
}

void foray__lifeline_hold(int end)
{
    struct pollfd gone = {.fd = end, .events = POLLIN};

    if (fcntl(end, F_SETOWN, owner()) || fcntl(end, F_SETSIG, SIGKILL) ||
        fcntl(end, F_SETFL, O_RDONLY | O_NONBLOCK | O_ASYNC))
        _exit(125);
    /* The parent may have died before the signal was armed. */
    if (poll(&gone, 1, 0) != 0)
        _exit(125);
}

bool foray__lifeline_holds(int end)
{
    return fcntl(end, F_GETSIG) == SIGKILL;
}
