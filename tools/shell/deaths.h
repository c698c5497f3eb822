/* Workers that died while a command ran, and when. */
#ifndef FORAY_TOOLS_SHELL_DEATHS_H
#define FORAY_TOOLS_SHELL_DEATHS_H

#include <foray/pool.h>

/* More are counted, not kept. */
enum { DEATHS_MAX = 500 };

struct death {
    struct foray_death what;
    double seconds; /* since the run began */
};

struct deaths {
    double began;
    size_t n; /* kept of */
    size_t total;
    struct death items[DEATHS_MAX];
};

/* The run begins now, and nobody has died. */
void deaths_begin(struct deaths *deaths);

/* A foray_death_fn; `arg` is the struct deaths. */
void deaths_note(const struct foray_death *death, void *arg);

#endif
