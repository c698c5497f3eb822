/* One call of `foray hog`: from options to files. */
#ifndef FORAY_TOOLS_HOG_RUN_H
#define FORAY_TOOLS_HOG_RUN_H

#include <stdbool.h>

#include <foray/hog_batch.h>

#include "parallel.h"

struct hog_run {
    struct foray_hog_batch batch;
    struct parallel parallel;
    const char *output; /* the .npy file */
    const char *index;  /* the CSV file, NULL for none */
    const char *stack;  /* name of the stack, NULL for files */
    char *const *paths; /* of files */
};

/* Say what would be made. Returns the exit status. */
int hog_run_dry(const struct hog_run *run);

/* Compute and write. Returns the exit status. */
int hog_run(struct hog_run *run);

#endif
