/* What a pool gets, of all that has a say. */
#include <stdlib.h>
#include <string.h>

#include <foray/machine.h>

#include "base/error.h"
#include "engine/config.h"
#include "engine/only_task.h"
#include "engine/shared.h"
#include "engine/zygote.h"
#include "machine/cpus.h"

static const struct foray__backend *first_of(const char *name,
                                             const char *otherwise)
{
    const struct foray__backend *backend = foray__backend_find(name);

    return backend ? backend : foray__backend_find(otherwise);
}

/* The backend when nobody named one. */
static const struct foray__backend *
unnamed_backend(const struct foray_config *config)
{
    const char *processes = foray__zygote_is_mine() ? "forkserver" : "fork";

    if (config->require)
        return first_of("threads", "serial");
    if (config->prefer && !strcmp(config->prefer, "threads"))
        return first_of("threads", processes);
    return foray__backend_find(processes);
}

static int force_backend(struct foray__settings *out, const char *name,
                         struct foray_error *err)
{
    out->backend = foray__backend_find(name);
    if (!out->backend)
        return foray__fail(err, FORAY_EINVAL,
                           "FORAY_FORCE_BACKEND is \"%.64s\": use one of %s",
                           name, foray__backend_names());
    if (out->config.require && !out->backend->shares_memory)
        return foray__fail(err, FORAY_EINVAL,
                           "FORAY_FORCE_BACKEND is \"%.64s\", but require is "
                           "\"sharedmem\", and its tasks do not see the "
                           "caller's memory",
                           name);
    return 0;
}

static int choose_backend(struct foray__settings *out,
                          const struct foray_config *given,
                          struct foray_error *err)
{
    const struct foray_config *config = &out->config;
    const char *forced = getenv("FORAY_FORCE_BACKEND");

    if (out->only_task != FORAY__ALL_TASKS) { /* where a debugger sees it */
        out->backend = &foray__backend_serial;
        return 0;
    }
    if (forced && *forced)
        return force_backend(out, forced, err);
    out->backend = config->backend ? foray__backend_find(config->backend)
                                   : unnamed_backend(config);
    if (config->require && !out->backend->shares_memory) {
        if (given->backend)
            return foray__fail(err, FORAY_EINVAL,
                               "foray_config_push set require to "
                               "\"sharedmem\", but tasks of the backend \"%s\" "
                               "do not see the caller's memory: name another "
                               "backend, or none",
                               out->backend->name);
        out->replaced = out->backend->name;
        out->backend = unnamed_backend(config);
    }
    return 0;
}

static void count_workers(struct foray__settings *out)
{
    int n_jobs = foray__n_jobs_among(out->config.n_jobs, out->n_cpus);

    if (out->backend == &foray__backend_serial)
        n_jobs = 1;
    out->n_jobs = n_jobs;
    out->inner_threads = out->config.inner_threads;
    if (!out->inner_threads)
        out->inner_threads =
            out->n_cpus / n_jobs > 1 ? out->n_cpus / n_jobs : 1;
}

int foray__settings(struct foray__settings *out,
                    const struct foray_config *given, struct foray_error *err)
{
    struct foray_config environment;

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray__config_check(given, err));
    FORAY_TRY(foray__config_environment(&environment, err));
    out->config = *given;
    foray__config_defaults(&out->config, &environment);
    FORAY_TRY(foray__only_task(&out->only_task, err));
    FORAY_TRY(choose_backend(out, given, err));
    out->config.backend = out->backend->name;
    out->n_cpus = foray_cpu_count();
    count_workers(out);
    if (out->n_jobs > FORAY__MAX_SLOTS)
        return foray__fail(err, FORAY_EINVAL,
                           "n_jobs is %d, which is %d workers here: at most %d "
                           "are possible",
                           out->config.n_jobs, out->n_jobs, FORAY__MAX_SLOTS);
    FORAY_TRY(foray__config_check_dispatch(
        "FORAY_PRE_DISPATCH", environment.pre_dispatch, out->n_jobs, err));
    FORAY_TRY(foray__config_check_dispatch(
        "pre_dispatch", out->config.pre_dispatch, out->n_jobs, err));
    return 0;
}
