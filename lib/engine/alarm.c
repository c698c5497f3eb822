#include "engine/alarm.h"

#include <errno.h>
#include <sys/socket.h>

#include "engine/pair.h"

int foray__alarm_open(struct foray__alarm *alarm)
{
    int type = SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, ends[2];
    int failed = foray__pair_made(socketpair(AF_UNIX, type, 0, ends), ends);

    alarm->sleeper = failed ? -1 : ends[0];
    alarm->ringer = failed ? -1 : ends[1];
    return failed;
}

void foray__alarm_close(struct foray__alarm *alarm)
{
    int ends[2] = {alarm->sleeper, alarm->ringer};

    foray__pair_close(ends);
    alarm->sleeper = alarm->ringer = -1;
}

void foray__alarm_ring(int ringer)
{
    int saved = errno;
    char byte = 1;

    /* It fails when the queue is full: the sleeper is awake by then. */
    send(ringer, &byte, sizeof byte, MSG_DONTWAIT | MSG_NOSIGNAL);
    errno = saved;
}

void foray__alarm_reset(const struct foray__alarm *alarm)
{
    char byte;

    while (recv(alarm->sleeper, &byte, sizeof byte, MSG_DONTWAIT) >= 0)
        ;
}
