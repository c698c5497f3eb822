/* Which shared objects a process had loaded at some moment: a function of one
 * that was loaded after the fork is garbage in the worker. */
#ifndef FORAY_ENGINE_MODULES_H
#define FORAY_ENGINE_MODULES_H

#include <stdbool.h>
#include <stdint.h>

enum { FORAY__MAX_MODULES = 512 };

struct foray__modules {
    unsigned long long changes; /* loads and unloads ever */
    unsigned long long unloads;
    int n;
    uintptr_t bases[FORAY__MAX_MODULES];
    uintptr_t checked; /* a function known to be in one of them ... */
    unsigned long long checked_changes; /* ... at that time */
};

/* Take stock of this process. */
void foray__modules_take(struct foray__modules *out);

/* Whether `function` was there already when stock was taken. Once something
 * was unloaded, only the program itself is known to be what it was: another
 * module may lie where the old one did. Quick for the function asked for last
 * when nothing was loaded since. */
bool foray__modules_have(struct foray__modules *modules, uintptr_t function);

/* Unloads ever. */
unsigned long long foray__modules_unloads(void);

#endif
