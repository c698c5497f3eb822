/* What the options of `foray hog` say. */
#ifndef FORAY_TOOLS_HOG_OPTIONS_H
#define FORAY_TOOLS_HOG_OPTIONS_H

#include <stdbool.h>

#include "hog/run.h"
#include "images/inputs.h"
#include "shell/options.h"

struct hog_command {
    const char *output, *index, *visualize, *trace, *report;
    bool no_index, norm_given, transform_sqrt;
    int orientations;
    size_t cell[2], block[2], resize[2];
    enum foray_hog_norm norm;
    enum foray_hog_method method;
    enum foray_dtype dtype;
    struct foray_image_options image; /* but for the size */
    struct parallel parallel;
    struct inputs_options where;
    struct inputs inputs;
    struct foray_array stack, part; /* of it */
    char *default_index, *provenance, *journal;
    enum hog_resume resume;
    bool restart, update, drops, print_python, ragged;
    struct foray_hog_place *places; /* of images that keep their sizes */
    struct hog_accept accept;       /* most below 0: not asked for */
    size_t shard[2];                /* the K-th of N; N 0: all */
};

/* The tables, of fields of this struct. */
extern const struct option_spec hog_file_options[];
extern const struct option_spec hog_image_options[];
extern const struct option_spec hog_feature_options[];

#endif
