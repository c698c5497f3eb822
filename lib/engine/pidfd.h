/* Descriptors of processes, from Linux 5.3 on. */
#ifndef FORAY_ENGINE_PIDFD_H
#define FORAY_ENGINE_PIDFD_H

#include <sys/types.h>

/* Readable when the process ends; off the standard streams. -1: absent or
 * refused. */
int foray__pidfd_open(pid_t pid);

#endif
