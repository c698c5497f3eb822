/* How much memory this process has for itself. */
#ifndef FORAY_ENGINE_RESIDENT_H
#define FORAY_ENGINE_RESIDENT_H

#include <stddef.h>

/* Resident bytes that are in no file and in no shared mapping, those that it
 * shares with its parent since the fork included: never less than the next,
 * and quick. 0: /proc does not say. */
size_t foray__resident_anonymous(void);

/* Resident bytes of private mappings that no other process has. 0: /proc does
 * not say. */
size_t foray__resident_private(void);

#endif
