/* foray eval once its options are read: arrays opened, outputs made. */
#ifndef FORAY_TOOLS_KERNELS_EVAL_RUN_H
#define FORAY_TOOLS_KERNELS_EVAL_RUN_H

#include <foray/eval.h>

#include "data/dataset.h"
#include "data/output.h"
#include "shell/parallel.h"

/* `eval` without arrays: inputs[k] is that of in[k], unless it is a number. */
struct eval_run {
    struct foray_eval eval;
    struct dataset inputs[FORAY_EVAL_MAX_NAMES];
    struct output outputs[FORAY_MAX_ARRAYS]; /* without a path: only printed */
    struct parallel parallel;
};

/* Compute and write, or say what would be. Returns the exit status. */
int eval_run(struct eval_run *run);

#endif
