/* One call of `foray resize`: from options to files. */
#ifndef FORAY_TOOLS_RESIZE_RUN_H
#define FORAY_TOOLS_RESIZE_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/image.h>

#include "shell/parallel.h"

struct resize_run {
    struct foray_image_options image;
    enum foray_image_format format; /* UNKNOWN: as the name says */
    const char *suffix;             /* of the names then; NULL: as the inputs */
    int quality;
    const char *folder; /* where the images go */
    const char *index;  /* CSV or JSON lines, NULL for none */
    const char *trace;  /* JSON of trace events, NULL for none */
    char *const *paths;
    size_t n;
    struct parallel parallel;
    bool resume;  /* what was interrupted, or fail */
    bool restart; /* whatever was interrupted */
};

/* Resample and write. Returns the exit status. */
int resize_run(struct resize_run *run);

#endif
