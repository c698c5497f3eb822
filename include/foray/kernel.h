/* Kernels: task functions in a file of their own, compiled when they are
 * needed, with parameters that have names. `foray map` runs them.
 *
 *     // KERNEL.c: foray map KERNEL.c -i x.npy -o y.npy:f64 -p alpha=0.5
 *     int kernel(struct foray_task *task);
 *
 *     int kernel(struct foray_task *task)
 *     {
 *         const struct foray_array *x = foray_task_in(task, 0);
 *         const struct foray_array *y = foray_task_out(task, 0);
 *         double alpha = foray_task_number(task, "alpha");
 *
 *         for (size_t i = 0; i < x->shape[0]; i++)
 *             FORAY_AT(y, double, i) = alpha * FORAY_AT(x, double, i);
 *         return 0;
 *     }
 */
#ifndef FORAY_KERNEL_H
#define FORAY_KERNEL_H

#include <stddef.h>

#include <foray/error.h>
#include <foray/export.h>
#include <foray/task.h>

FORAY_BEGIN

enum { FORAY_KERNEL_PATH_SIZE = 4096 };

/** Compile a C file into a shared library for dlopen, or find the one that was
 *  made of the same text, the same headers, compiler, flags and CPU before: in
 *  ~/.cache/foray/modules, as foray_eval (eval.h). Lines in what the compiler
 *  says are those of the file. `#include <foray.h>` finds the headers of this
 *  foray where they were installed, and others where CPATH says.
 *  `words` (may be NULL) receives what the compiler said, also warnings of a
 *  success; NULL if nothing.
 *  Errors: FORAY_ENOENT (no compiler, no such file), FORAY_EINVAL (the
 *  compiler failed: its first error), FORAY_EACCES (the folder of modules is
 *  not safe).
 *  Owner:  of `words` the caller, free(), whatever is returned.
 *  Threads, fork: safe; the compiler is a child of this process. */
FORAY_API FORAY_CHECK int
foray_kernel_compile(char path[FORAY_KERNEL_PATH_SIZE], char **words,
                     const char *source, struct foray_error *err);

/** Parameters as plain bytes, for `params` of a run: `n` settings,
 *  "alpha=0.5", of which names are letters, digits and _.
 *  Errors: FORAY_EINVAL (says which setting).  Owner: the caller, free(). */
FORAY_API FORAY_CHECK int foray_kernel_params(void **out, size_t *nbytes,
                                              const char *const *settings,
                                              size_t n,
                                              struct foray_error *err);

/** In a task of a run with such `params`: the number that a parameter is. NaN,
 *  and the task fails, when there is none or it is no number. */
FORAY_API double foray_task_number(struct foray_task *task, const char *name);

/** The same; `otherwise` when there is none of that name. One that is no number
 *  fails the task all the same. */
FORAY_API double foray_task_number_or(struct foray_task *task, const char *name,
                                      double otherwise);

/** The text of a parameter; NULL when there is none of that name.
 *  Owner: the task's. */
FORAY_API const char *foray_task_setting(struct foray_task *task,
                                         const char *name);

FORAY_END
#endif
