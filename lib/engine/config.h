/* Settings of a pool, from its configuration, levels of defaults and the
 * environment. */
#ifndef FORAY_ENGINE_CONFIG_H
#define FORAY_ENGINE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include <foray/config.h>

#include "engine/backend.h"

/* Set what `config` leaves unset: from this thread's levels, `environment` and
 * the defaults. Words become the library's, other strings and lists belong to
 * others. */
void foray__config_defaults(struct foray_config *config,
                            const struct foray_config *environment);

/* Whether n_jobs was set by foray_config_push at that depth of nesting. */
bool foray__config_sets_n_jobs(int depth);

/* Make what a config points to copies of its own; -1 when there is no memory,
 * and nothing to free. */
int foray__config_copy(struct foray_config *config);

/* Free the copies. */
void foray__config_free(struct foray_config *config);

/* config_check.c */

/* Whether what `given` sets makes sense alone. */
int foray__config_check(const struct foray_config *given,
                        struct foray_error *err);

/* Whether `name`, a field or a variable, can be evaluated with so many workers
 * as pre_dispatch. */
int foray__config_check_dispatch(const char *name, const char *text, int n_jobs,
                                 struct foray_error *err);

/* "r", "r+" or "c" for a mmap_mode, static; NULL: it is none. */
const char *foray__config_mode(const char *text);

/* settings.c */

struct foray__settings {
    struct foray_config config; /* strings and lists belong to others */
    const struct foray__backend *backend;
    const char *replaced; /* backend that cannot be, or NULL */
    const char *why;
    int depth; /* tasks around */
    int n_cpus, n_jobs, inner_threads;
    int64_t only_task; /* only_task.h */
};

/* What a pool opened with `given` has. */
int foray__settings(struct foray__settings *out,
                    const struct foray_config *given, struct foray_error *err);

/* config_environment.c: what variables set. Strings are the environment's. */
int foray__config_environment(struct foray_config *out,
                              struct foray_error *err);

#endif
