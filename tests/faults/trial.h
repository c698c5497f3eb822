/* A trial: one run of deeds in a pool, in one of the forms that runs have, and
 * what came of it in one shape for all of them. */
#ifndef FORAY_TESTS_TRIAL_H
#define FORAY_TESTS_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray.h>

#include "campaign.h"
#include "deeds.h"

enum form {
    FORM_FOR,
    FORM_MAP,       /* with in, inout and out arrays */
    FORM_REDUCE,    /* whose combination is not commutative */
    FORM_LIST,      /* foray_parallel */
    FORM_ORDERED,   /* an iterator */
    FORM_UNORDERED, /* one that yields results as they come */
    FORM_FUTURES,
    N_FORMS
};
extern const char *const form_names[N_FORMS];

/* Where the arrays of FORM_MAP are. */
enum place { PLACE_SEGMENT, PLACE_PRIVATE, PLACE_FILE, N_PLACES };

struct trial {
    enum form form;
    struct plan plan;
    size_t n;     /* tasks, MAX_DEEDS at most */
    size_t chunk; /* rows of a slice */
    enum place place;
    size_t n_read; /* an iterator's results before its reader goes away; 0: it
                      stays */
    int batch_size;
    /* What the verdict knows of the pool, and of what befalls it. */
    const char *backend;
    enum foray_on_error on_error;
    int retries;
    bool timeouts;  /* are held */
    bool lossy;     /* tasks share the fate of those in their batch */
    bool disturbed; /* workers are killed: tasks may crash that would not */
    bool stopped;   /* workers are stopped: tasks may take too long */
    bool cancelled; /* the run may be */
};

struct outcome {
    int code; /* of the run */
    struct foray_error err;
    bool has_report;
    struct foray_report report;
    size_t n_results; /* that an iterator gave */
    /* A task each. */
    uint8_t status[MAX_DEEDS], told[MAX_DEEDS];
    int codes[MAX_DEEDS], signals[MAX_DEEDS], tries[MAX_DEEDS]; /* or 0 */
    size_t n_halves; /* slices that are neither whole nor blank */
    char fault[200]; /* the first result or slice that is wrong, or empty */
};

/* Run it. `outcome` is filled anew. */
void run_trial(struct outcome *outcome, struct foray_pool *pool,
               const struct trial *trial);

/* The two forms that have arrays. */
void run_map(struct outcome *outcome, struct foray_pool *pool,
             const struct trial *trial);
void run_reduce(struct outcome *outcome, struct foray_pool *pool,
                const struct trial *trial);

/* For forms: something wrong; an error of task err->task. */
void outcome_fault(struct outcome *outcome, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void outcome_failed(const struct foray_error *err, void *outcome);

/* What has been tried, and what was wrong, a promise each. */
struct tally {
    size_t tasks, wrong_results; /* one each, in place, with its status */
    size_t again, wrong_tries;   /* those tried again */
    size_t deadly, unnamed;      /* those that kill each worker */
    size_t slices, halves;       /* of outputs */
    size_t stops, wrong_stops;   /* runs that a failure ended */
    size_t drops;                /* readers that went away */
};

/* Judge an outcome by the model and by the marks. Whether all is as it must
 * be; else a campaign_fault. */
bool judge(struct tally *tally, struct campaign *campaign,
           const struct trial *trial, const struct outcome *outcome);

#endif
