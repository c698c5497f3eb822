/* From a fresh fork to a worker at work, whoever forked it. */
#ifndef FORAY_ENGINE_BIRTH_H
#define FORAY_ENGINE_BIRTH_H

#include "engine/worker.h"
#include "machine/runtimes.h"

enum { FORAY__OWN_FDS = 3 }; /* channel, lifeline, alarm */

struct foray__birth {
    struct foray__worker worker;
    const struct foray__runtimes *runtimes;
    char **environment; /* NULL: the one that is there */
    int *fds;           /* n_keep_fds to keep open, in any order, and room for
                           FORAY__OWN_FDS more */
    size_t n_keep_fds;
};

/* Leave behind what the process inherited, and serve. */
_Noreturn void foray__birth(const struct foray__birth *birth);

#endif
