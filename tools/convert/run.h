/* foray convert once its options are read: inputs opened and joined, and the
 * output written. */
#ifndef FORAY_TOOLS_CONVERT_RUN_H
#define FORAY_TOOLS_CONVERT_RUN_H

#include "convert/input.h"
#include "convert/output.h"
#include "shell/parallel.h"

struct convert_run {
    struct parallel parallel;
    struct convert_raw raw; /* dtype also of other outputs */
    struct convert_out out;
    enum foray_order order; /* any: as it is */
};

/* Convert the inputs that texts name, or say what would be. Returns the exit
 * status. */
int convert_run(struct convert_run *c, char **texts, int n_inputs);

#endif
