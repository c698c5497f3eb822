/* What wakes the parent out of poll: a byte in a socket pair, written by its
 * workers, by its own signal handlers and by its other threads.
 *
 * Not an eventfd: a worker whose task closed every descriptor, and opened a
 * file under the same number, would write into that file. send() refuses what
 * is no socket. */
#ifndef FORAY_ENGINE_ALARM_H
#define FORAY_ENGINE_ALARM_H

struct foray__alarm {
    int sleeper; /* the parent's: readable when it rang */
    int ringer;  /* everybody's */
};

/* 0, or -1 with errno. Close-on-exec, off the standard streams. */
int foray__alarm_open(struct foray__alarm *alarm);
void foray__alarm_close(struct foray__alarm *alarm);

/* Never blocks, keeps errno, safe in signal handlers. */
void foray__alarm_ring(int ringer);

/* Forget that it rang. */
void foray__alarm_reset(const struct foray__alarm *alarm);

#endif
