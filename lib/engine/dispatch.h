/* How many batches are made ahead. */
#ifndef FORAY_ENGINE_DISPATCH_H
#define FORAY_ENGINE_DISPATCH_H

#include <stddef.h>

#include <foray/error.h>

/* `text` as joblib's pre_dispatch: "all" (SIZE_MAX), a number, an expression
 * of n_jobs; NULL: twice n_jobs. At least 1. Errors: FORAY_EINVAL. */
int foray__dispatch_window(size_t *out, const char *text, int n_jobs,
                           struct foray_error *err);

#endif
