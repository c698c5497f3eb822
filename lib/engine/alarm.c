#include "engine/alarm.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "storage/file.h"

int foray__alarm_open(struct foray__alarm *alarm)
{
    int ends[2];

    alarm->sleeper = alarm->ringer = -1;
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends))
        return -1;
    alarm->sleeper = foray__above_streams(ends[0]);
    alarm->ringer = foray__above_streams(ends[1]);
    if (alarm->sleeper >= 0 && alarm->ringer >= 0)
        return 0;
    foray__alarm_close(alarm);
    return -1;
}

void foray__alarm_close(struct foray__alarm *alarm)
{
    int why = errno;

    if (alarm->sleeper >= 0)
        close(alarm->sleeper);
    if (alarm->ringer >= 0)
        close(alarm->ringer);
    alarm->sleeper = alarm->ringer = -1;
    errno = why;
}

void foray__alarm_ring(int ringer)
{
    int saved = errno;
    char byte = 1;

    /* A full queue: the sleeper is awake by then. */
    if (send(ringer, &byte, sizeof byte, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        errno = saved;
    errno = saved;
}

void foray__alarm_reset(const struct foray__alarm *alarm)
{
    char byte;

    while (recv(alarm->sleeper, &byte, sizeof byte, MSG_DONTWAIT) >= 0)
        ;
}
