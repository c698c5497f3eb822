/* What a call of `foray hog` tells of itself: --trace and --report. */
#ifndef FORAY_TOOLS_HOG_ACCOUNT_H
#define FORAY_TOOLS_HOG_ACCOUNT_H

#include "data/companion.h"
#include "hog/run.h"
#include "images/index.h"
#include "shell/deaths.h"

struct hog_account {
    struct companion trace, report;
    struct deaths deaths; /* to be noted by the pool */
};

/* Begin the files that are asked for. Returns 0, or -1 after a message. */
int hog_account_open(struct hog_account *account, const struct hog_run *run);

/* The run begins now. */
void hog_account_begin(struct hog_account *account);

/* Write them, also of a run that was stopped, and give them their names; of one
 * that never began (the report has no tasks) there is nothing to tell. `where`
 * are the rows of the images, NULL: 0, 1, ... The pool
 * is closed: for pictures there is another. Returns as above; the features are
 * where they are. */
int hog_account_end(struct hog_account *account, const struct hog_run *run,
                    const struct foray_hog_plan *plan,
                    const struct index *images, const size_t *where,
                    const struct foray_report *report);

#endif
