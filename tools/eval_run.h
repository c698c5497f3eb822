/* foray eval once its options are read: arrays opened, outputs made. */
#ifndef FORAY_TOOLS_EVAL_RUN_H
#define FORAY_TOOLS_EVAL_RUN_H

#include <foray/eval.h>

#include "parallel.h"

/* `eval` without arrays: paths[k] is that of in[k], NULL for a number. */
struct eval_run {
    struct foray_eval eval;
    const char *paths[2 * FORAY_MAX_ARRAYS];
    const char *outputs[FORAY_MAX_ARRAYS]; /* files; NULL: none, only printed */
    struct parallel parallel;
};

/* Compute and write, or say what would be. Returns the exit status. */
int eval_run(struct eval_run *run);

#endif
