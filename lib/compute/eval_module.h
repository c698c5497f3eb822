/* The compiled form of a loop. */
#ifndef FORAY_COMPUTE_EVAL_MODULE_H
#define FORAY_COMPUTE_EVAL_MODULE_H

#include "compute/eval_code.h"
#include "compute/module.h"

/* The module with a loop's C, compiled now or before.
 * Errors: those of foray_eval_compile.
 * Owner: the caller, foray__module_release. */
int foray__eval_module_make(struct foray__module *out, const char *code,
                            struct foray_error *err);

/* Load it; it stays loaded until dlclose(*handle).
 * Errors: FORAY_EINVAL (says what the dynamic linker says). */
int foray__eval_module_load(void **handle, foray__eval_fn *fn, const char *path,
                            struct foray_error *err);

/* The same in a task. What its caller has loaded is quick to find; what a
 * worker had to load stays until it loads another. Close with
 * foray__eval_module_leave. */
int foray__eval_module_enter(void **handle, foray__eval_fn *fn,
                             const char *path, struct foray_error *err);
void foray__eval_module_leave(void *handle);

#endif
