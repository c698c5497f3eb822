/* For tests of what must hold under every backend. */
#ifndef FORAY_TESTS_EVERY_BACKEND_H
#define FORAY_TESTS_EVERY_BACKEND_H

#include <foray.h>

struct backend {
    const char *name;
    bool parallel;  /* calls run beside one another, and beside the caller */
    bool processes; /* in processes of their own, which may die */
};

/* The last has no name. */
extern const struct backend every_backend[];

#define FOR_EVERY_BACKEND(b)                                                   \
    for (const struct backend *b = every_backend; b->name; b++)
#define FOR_PARALLEL_BACKENDS(b)                                               \
    FOR_EVERY_BACKEND(b)                                                       \
    if (b->parallel)
#define FOR_PROCESS_BACKENDS(b)                                                \
    FOR_EVERY_BACKEND(b)                                                       \
    if (b->processes)

/* At the begin of main, but behind what workers are to inherit: make them all
 * available, and forget the FORAY_ variables that would choose among them. */
void init_every_backend(void);

/* A pool of that backend; `more` may be NULL. Owner: the caller. */
struct foray_pool *open_backend(const struct backend *backend, int n_jobs,
                                const struct foray_config *more);

#endif
