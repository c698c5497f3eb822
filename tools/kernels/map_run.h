/* foray map once its options are read. */
#ifndef FORAY_TOOLS_KERNELS_MAP_RUN_H
#define FORAY_TOOLS_KERNELS_MAP_RUN_H

#include <foray/map.h>

#include "data/dataset.h"
#include "data/output.h"
#include "shell/parallel.h"

/* An output: PATH[:DTYPE[:SHAPE]]. */
struct map_output {
    char *path; /* or PATH:/dataset */
    struct output file;
    enum foray_dtype dtype; /* opaque: that of the first input */
    int ndim;               /* -1: the shape of the first input */
    size_t shape[FORAY_MAX_NDIM];
    bool rows[FORAY_MAX_NDIM]; /* as long as the first input is there */
};

struct map_run {
    char *kernel;         /* a file of C, or a module */
    const char *function; /* in it */
    const char *in[FORAY_MAX_ARRAYS], *whole[FORAY_MAX_ARRAYS];
    struct map_output out[FORAY_MAX_ARRAYS];
    int n_in, n_whole, n_out;
    const char *params[64]; /* NAME=VALUE */
    int n_params;
    int axis, chunk;
    struct parallel parallel;
};

/* Read "OUT.npy:f64:ROWSx128". NULL, or what it must be. Owner: the caller,
 * free(out->path). */
const char *map_output_read(struct map_output *out, const char *text);

/* Compile, map, write, or say what would be. Returns the exit status. */
int map_run(struct map_run *run);

#endif
