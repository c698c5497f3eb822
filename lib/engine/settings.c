/* What a pool gets, of all that has a say. */
#include <stdlib.h>
#include <string.h>

#include <foray/machine.h>

#include "base/error.h"
#include "engine/config.h"
#include "engine/nesting.h"
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

/* Whether more workers may run than there are CPUs: what is said of n_jobs
 * outside of the task that this is in, is said of the pool there. */
static bool sets_n_jobs(const struct foray__settings *out,
                        const struct foray_config *given)
{
    return !out->depth || given->n_jobs > 0 ||
           foray__config_sets_n_jobs(out->depth);
}

static int n_jobs_of(const struct foray__settings *out,
                     const struct foray_config *given)
{
    int n_jobs = foray__n_jobs_among(out->config.n_jobs, out->n_cpus);

    return n_jobs > out->n_cpus && !sets_n_jobs(out, given) ? out->n_cpus
                                                            : n_jobs;
}

/* The backend when nobody named one. In a task that has one CPU the caller
 * does the work: it would only wait for a worker. */
static const struct foray__backend *
unnamed_backend(const struct foray__settings *out,
                const struct foray_config *given)
{
    const char *processes = foray__zygote_is_mine() ? "forkserver" : "fork";
    const struct foray_config *config = &out->config;

    if (out->depth && out->n_cpus == 1 && n_jobs_of(out, given) == 1)
        return &foray__backend_serial;
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
                                   : unnamed_backend(out, given);
    if (config->require && !out->backend->shares_memory) {
        if (given->backend)
            return foray__fail(err, FORAY_EINVAL,
                               "foray_config_push set require to "
                               "\"sharedmem\", but tasks of the backend \"%s\" "
                               "do not see the caller's memory: name another "
                               "backend, or none",
                               out->backend->name);
        out->replaced = out->backend->name;
        out->why = "require is \"sharedmem\"";
        out->backend = unnamed_backend(out, given);
    }
    return 0;
}

/* A zygote serves the process that made it, and a worker is another. */
static void leave_zygote(struct foray__settings *out)
{
    if (out->backend != &foray__backend_forkserver || !out->depth ||
        foray__zygote_is_mine())
        return;
    out->replaced = out->backend->name;
    out->why = "this is a task, and the zygote its program's";
    out->backend = &foray__backend_fork;
}

static int check_depth(const struct foray__settings *out,
                       struct foray_error *err)
{
    if (out->depth < FORAY__MAX_DEPTH)
        return 0;
    return foray__fail(err, FORAY_EINVAL,
                       "a pool in a task of a pool in a task, and so on: at "
                       "most %d may be nested",
                       FORAY__MAX_DEPTH);
}

/* Pools whose tasks open pools, with more than one worker each, grow fast. */
static int check_number(const struct foray__settings *out,
                        struct foray_error *err)
{
    int around = foray__nesting().n_workers;

    if (out->n_jobs > FORAY__MAX_SLOTS)
        return foray__fail(err, FORAY_EINVAL,
                           "n_jobs is %d, which is %d workers here: at most %d "
                           "are possible",
                           out->config.n_jobs, out->n_jobs, FORAY__MAX_SLOTS);
    if (around && out->n_jobs > FORAY__MAX_SLOTS / around)
        return foray__fail(err, FORAY_EINVAL,
                           "%d workers in each of the tasks of %d are more "
                           "than the %d that are possible",
                           out->n_jobs, around, FORAY__MAX_SLOTS);
    return 0;
}

static void count_cpus(struct foray__settings *out)
{
    struct foray__nesting nesting = foray__nesting();

    out->depth = nesting.depth;
    out->n_cpus = foray_cpu_count();
    if (nesting.n_cpus && nesting.n_cpus < out->n_cpus)
        out->n_cpus = nesting.n_cpus;
}

static void count_memory(struct foray__settings *out)
{
    size_t share = foray__nesting().memory;

    if (share && share < out->config.memory)
        out->config.memory = share;
}

static void count_workers(struct foray__settings *out,
                          const struct foray_config *given)
{
    int n_jobs = n_jobs_of(out, given);

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
    count_cpus(out);
    count_memory(out);
    FORAY_TRY(check_depth(out, err));
    FORAY_TRY(choose_backend(out, given, err));
    leave_zygote(out);
    out->config.backend = out->backend->name;
    count_workers(out, given);
    FORAY_TRY(check_number(out, err));
    FORAY_TRY(foray__config_check_dispatch(
        "FORAY_PRE_DISPATCH", environment.pre_dispatch, out->n_jobs, err));
    FORAY_TRY(foray__config_check_dispatch(
        "pre_dispatch", out->config.pre_dispatch, out->n_jobs, err));
    return 0;
}
