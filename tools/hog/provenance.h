/* What `foray hog` did, as provenance. */
#ifndef FORAY_TOOLS_HOG_PROVENANCE_H
#define FORAY_TOOLS_HOG_PROVENANCE_H

#include "hog/run.h"
#include "images/provenance.h"

struct hog_provenance {
    struct provenance items;
    char digest[FORAY_HOG_DIGEST_SIZE];
    char shard[48];
};

/* Say it of a run that is done: `rows` is its index, of which
 * n_kept have features. Options are told as they
 * are meant, defaults too; where files go and how the work is done is not told,
 * for it makes no difference.
 * Errors: FORAY_EINVAL, FORAY_ENOMEM. */
int hog_provenance_fill(struct hog_provenance *out, const struct hog_run *run,
                        const struct foray_hog_plan *plan,
                        const struct foray_hog_row *rows, size_t n_kept,
                        struct foray_error *err);

#endif
