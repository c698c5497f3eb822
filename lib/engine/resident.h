/* How much memory a process has for itself. */
#ifndef FORAY_ENGINE_RESIDENT_H
#define FORAY_ENGINE_RESIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Resident bytes that are in no file and in no shared mapping, those that it
 * shares with its parent since the fork included: never less than the next,
 * and quick. 0: /proc does not say. */
size_t foray__resident_anonymous(void);

/* Resident bytes of private mappings that no other process has. 0: /proc does
 * not say. */
size_t foray__resident_private(void);

/* As the kernel counts a process, roughly where it has threads. */
struct foray__resident {
    size_t peak;      /* the most there was of both below at one time */
    size_t anonymous; /* as above */
    size_t shared;    /* of files and shared mappings */
};

/* False: /proc does not say; nothing is there then. */
bool foray__resident_read(struct foray__resident *out, pid_t pid);

/* Let the peak of this process be what it has now; where that is refused it
 * stays what it was. */
void foray__resident_forget_peak(void);

#endif
