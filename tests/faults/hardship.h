/* Jobs (jobs.h) in processes to which something is refused: each must end, with
 * the right result or with an error in words, and leave nothing. */
#ifndef FORAY_TESTS_HARDSHIP_H
#define FORAY_TESTS_HARDSHIP_H

#include "campaign.h"
#include "jobs.h"

/* What makes it hard, in the process of the job: begins in its child once;
 * presses and lifts as often as needed. Any may be NULL. */
struct hardship {
    const char *name;
    /* Before anything: false: cannot be had here. */
    bool (*begin)(size_t number);
    void (*press)(size_t number);
    void (*lift)(size_t number);
    /* The job must succeed: there is a documented fallback. */
    bool (*has_fallback)(const struct job *job, size_t number);
};

/* Try a job; how many promises broke, 0 or 1. *done (may be NULL) counts those
 * that had their result. A hardship that cannot be had is a fault. */
size_t hardship_try(struct campaign *campaign, const struct hardship *hardship,
                    size_t number, const struct job *job, size_t *done);

#endif
