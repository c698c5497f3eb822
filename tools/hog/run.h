/* One call of `foray hog`: from options to files. */
#ifndef FORAY_TOOLS_HOG_RUN_H
#define FORAY_TOOLS_HOG_RUN_H

#include <stdbool.h>

#include <foray/hog_batch.h>

#include "shell/parallel.h"

enum hog_resume {
    HOG_GO_ON,  /* where there is something to go on with */
    HOG_RESUME, /* or fail */
    HOG_VERIFY  /* likewise, and compare the content of the images */
};

/* How many may fail without the exit status of images that were skipped. */
struct hog_accept {
    bool is_share;
    double most; /* images, or of 100 */
};

struct hog_run {
    struct foray_hog_batch batch;
    struct parallel parallel;
    const char *output;    /* the .npy file */
    const char *index;     /* CSV or JSON lines, NULL for none */
    const char *old_index; /* OUT.csv if the index is not: of an older output */
    const char *provenance; /* the JSON file, NULL: attributes */
    const char *trace;      /* JSON of trace events, NULL for none */
    const char *report;     /* HTML, NULL for none */
    const char *journal;    /* beside the output */
    size_t shard[2];        /* the K-th of N; N 0: all */
    enum hog_resume resume;
    bool restart;
    bool update;  /* what is there already, if it is */
    size_t whole; /* bytes of what is there that it writes again; 0: none */
    bool drops;   /* images that failed get no row, instead of NaN */
    struct hog_accept accept;
    const char *stack;  /* name of the stack, NULL for files */
    size_t first;       /* image of it */
    char *const *paths; /* of files */
};

/* Say what would be made. Returns the exit status. */
int hog_run_dry(struct hog_run *run);

/* Compute and write. Returns the exit status. */
int hog_run(struct hog_run *run);

#endif
