/* How a process that foray forked leaves: without the host's exit handlers. */
#ifndef FORAY_BASE_LEAVE_H
#define FORAY_BASE_LEAVE_H

#include <unistd.h>

#ifdef FORAY_COVERAGE
void __gcov_dump(void);
#endif

/* In builds that count executed lines, with the counts written. */
_Noreturn static inline void foray__leave(int status)
{
#ifdef FORAY_COVERAGE
    __gcov_dump();
#endif
    _exit(status);
}

#endif
