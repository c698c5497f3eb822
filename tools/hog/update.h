/* foray hog --update: an output that follows a list of images that changes.
 *
 * Only what is new or changed is computed, as any run would, into OUT.partial
 * with a journal, OUT.update.journal; nothing of OUT is touched meanwhile. When
 * all of it is there, the new index and provenance are written beside their
 * names, of an HDF5 file a whole new one, too, and OUT.update decides: from
 * then on every step can be repeated, and is by the next foray hog of that
 * output, whatever interrupts it (update_apply.h). Who holds OUT.partial's lock
 * is the one that writes OUT. */
#ifndef FORAY_TOOLS_HOG_UPDATE_H
#define FORAY_TOOLS_HOG_UPDATE_H

#include "data/companion.h"
#include "hog/output.h"
#include "hog/run.h"
#include "hog/update_match.h"
#include "hog/update_record.h"
#include "images/index_in.h"

struct hog_update {
    struct hog_run *run;       /* of the images that are to be computed */
    struct index_in index;     /* of all rows there were, then of all */
    struct update_match match; /* what is to be done */
    struct update_record record;
    char *record_path, *journal;
    size_t *put; /* which row each that was computed becomes */
    struct foray_hog_place *places; /* of the rows that there were, if images
                                       keep their sizes; or NULL */
    size_t n_old, n;                /* rows of the output, before and after */
    char before[3][64]; /* which files these are that were looked at */
    int lock; /* of an HDF5 file until it is another one, while this commits */
    bool begun;   /* the record is ours */
    bool decided; /* and not finished: what is there has to stay */
};

/* Look at what there is: index, provenance, and the images now. From then on
 * the run is of those that are to be computed only. Nothing is written.
 * Returns 0: there is something to do; 1: nothing, which was said; -1 after a
 * message. */
int hog_update_look(struct hog_update *update, struct hog_run *run);

/* Say on standard output what will be done. */
void hog_update_print(const struct hog_update *update);

/* Begin, or go on: the caller holds the lock of OUT.partial. Returns 0, or -1
 * after a message: somebody else changed the output since it was looked at. */
int hog_update_begin(struct hog_update *update);

/* Whether the files are those that were looked at: 0, or -1 after a message. */
int hog_update_check(const struct hog_update *update);

/* What the run of the images that are new or changed made. */
struct hog_update_computed {
    const struct foray_hog_plan *plan;
    const struct foray_hog_row *rows; /* their index */
    struct hog_output *features;
    struct foray_pool *pool;
};

/* Put all of it into the output. Returns 0, or -1 after a message. */
int hog_update_commit(struct hog_update *update,
                      const struct hog_update_computed *computed,
                      struct companion *index, struct companion *provenance);

/* Remove what an update left that decided nothing: 0, or -1 after a message. */
int hog_update_discard(const char *output);

/* Say how many rows there are of which kind. */
void hog_update_say(const struct hog_update *update);

/* Free it. `stays`: an update that decided nothing is gone on with another
 * time. */
void hog_update_end(struct hog_update *update, bool stays);

#endif
