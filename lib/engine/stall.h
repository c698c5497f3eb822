/* Runs that stand still: every worker sleeps, has heard the last ring and found
 * nothing to do, and yet something is missing. It does not come to that unless
 * a task wrote over the pool's own records; the caller would wait for ever. */
#ifndef FORAY_ENGINE_STALL_H
#define FORAY_ENGINE_STALL_H

#include <stdbool.h>
#include <stdint.h>

struct foray__crew;

/* How far the run was when all were seen idle; zeroed at first. */
struct foray__stall {
    bool suspected;
    uint32_t rung;              /* how often the bell had */
    uint64_t n_done, n_offered; /* tasks, words */
};

/* Whether every worker sleeps and has heard the last ring. False of threads,
 * and where workers may wait for memory. */
bool foray__stall_all_idle(const struct foray__crew *crew);

/* All are idle, n_done tasks are done, and more is missing. The first time they
 * are rung for; true: they were before, and nothing came of it. */
bool foray__stall_is_certain(struct foray__stall *stall,
                             struct foray__crew *crew, uint64_t n_done);

#endif
