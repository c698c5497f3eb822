/* What a run of foray hog makes, from its plan to its end. */
#ifndef FORAY_TOOLS_HOG_OUTPUTS_H
#define FORAY_TOOLS_HOG_OUTPUTS_H

#include <foray/hog_batch.h>

#include "data/companion.h"
#include "hog/account.h"
#include "hog/output.h"
#include "hog/run.h"
#include "hog/update.h"
#include "images/index.h"

struct hog_outputs {
    struct foray_hog_plan plan;
    struct foray_pool *pool;
    struct hog_output features;
    struct foray_hog_row *rows;
    struct index images;  /* the rows, and what they are called */
    size_t *kept, n_kept; /* images that have a row of the output */
    struct companion index, provenance;
    struct hog_account account;
    struct foray_report report;
    struct hog_update update; /* if the run says so */
    bool had_journal, stays;
};

/* Put all of it under its names: hog_commit.c. Returns 0, or -1 after a
 * message. */
int hog_commit(struct hog_outputs *outputs, const struct hog_run *run);

/* Say what was made, and what failed: hog_summary.c. */
void hog_summarize(const struct hog_outputs *outputs,
                   const struct hog_run *run);

#endif
