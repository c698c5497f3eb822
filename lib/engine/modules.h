/* Which shared objects a process had loaded at some moment: a function of one
 * that was loaded after the fork is garbage in the worker. */
#ifndef FORAY_ENGINE_MODULES_H
#define FORAY_ENGINE_MODULES_H

#include <stdbool.h>
#include <stdint.h>

enum { FORAY__MAX_MODULES = 512 };

struct foray__modules {
    unsigned long long changes; /* loads and unloads ever */
    int n;
    uintptr_t bases[FORAY__MAX_MODULES];
    uintptr_t checked; /* a function known to be in one of them */
};

/* Take stock of this process. */
void foray__modules_take(struct foray__modules *out);

/* Whether `function` was there already when stock was taken. Quick when
 * nothing was loaded since, or for the function asked for last. */
bool foray__modules_have(struct foray__modules *modules, uintptr_t function);

#endif
