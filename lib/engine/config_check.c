#include <fcntl.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/expression.h"
#include "engine/checks.h"
#include "engine/config.h"
#include "engine/level.h"
#include "engine/shared.h"

const char *foray__config_mode(const char *text)
{
    if (!strcmp(text, "r"))
        return "r";
    if (!strcmp(text, "c"))
        return "c";
    /* Nobody wants what was dumped to be zeroed. */
    return !strcmp(text, "r+") || !strcmp(text, "w+") ? "r+" : NULL;
}

int foray__config_check_dispatch(const char *name, const char *text, int n_jobs,
                                 struct foray_error *err)
{
    struct foray_error why;
    double n;

    if (!text || !strcmp(text, "all"))
        return 0;
    if (strlen(text) >= FORAY__DISPATCH_SIZE)
        return foray__fail(err, FORAY_EINVAL,
                           "%s has %zu characters: give at most %d", name,
                           strlen(text), FORAY__DISPATCH_SIZE - 1);
    if (foray__expression(&n, text, n_jobs, &why))
        return foray__fail(err, FORAY_EINVAL, "%s: %.400s", name, why.msg);
    if (!(n > 0))
        return foray__fail(err, FORAY_EINVAL,
                           "%s is \"%.64s\", which is %g where n_jobs is %d: "
                           "give a number above 0, or \"all\"",
                           name, text, n, n_jobs);
    return 0;
}

static int check_backend(const struct foray_config *config,
                         struct foray_error *err)
{
    const struct foray__backend *backend;

    if (!config->backend)
        return 0;
    backend = foray__backend_find(config->backend);
    if (!backend)
        return foray__fail(err, FORAY_EINVAL,
                           "there is no backend \"%.64s\": use one of %s",
                           config->backend, foray__backend_names());
    if (config->require && !backend->shares_memory)
        return foray__fail(err, FORAY_EINVAL,
                           "require is \"sharedmem\", but tasks of the backend "
                           "\"%s\" do not see the caller's memory: name "
                           "another backend, or none",
                           backend->name);
    return 0;
}

static int check_kind_of_backend(const struct foray_config *config,
                                 struct foray_error *err)
{
    const char *prefer = config->prefer, *require = config->require;

    if (prefer && strcmp(prefer, "processes") != 0 &&
        strcmp(prefer, "threads") != 0)
        return foray__fail(err, FORAY_EINVAL,
                           "prefer is \"%.64s\": use processes or threads",
                           prefer);
    if (require && strcmp(require, "sharedmem") != 0)
        return foray__fail(err, FORAY_EINVAL,
                           "require is \"%.64s\": use sharedmem", require);
    if (prefer && require && !strcmp(prefer, "processes"))
        return foray__fail(err, FORAY_EINVAL,
                           "prefer is \"processes\" and require is "
                           "\"sharedmem\", which processes do not have: give "
                           "one of them");
    return check_backend(config, err);
}

static int check_workers(const struct foray_config *config,
                         struct foray_error *err)
{
    if (config->n_jobs > FORAY__MAX_SLOTS)
        return foray__fail(err, FORAY_EINVAL,
                           "n_jobs is %d: at most %d workers are possible",
                           config->n_jobs, FORAY__MAX_SLOTS);
    if (config->inner_threads < 0)
        return foray__fail(err, FORAY_EINVAL,
                           "inner_threads is %d: give at least 1, or 0 for "
                           "the CPUs divided by the workers",
                           config->inner_threads);
    if (config->n_keep_fds && !config->keep_fds)
        return foray__fail(err, FORAY_EINVAL,
                           "keep_fds is NULL, but n_keep_fds is %zu",
                           config->n_keep_fds);
    for (size_t i = 0; i < config->n_keep_fds; i++)
        if (fcntl(config->keep_fds[i], F_GETFD) < 0)
            return foray__fail(err, FORAY_EINVAL,
                               "keep_fds[%zu] is %d, which is no open "
                               "descriptor",
                               i, config->keep_fds[i]);
    return 0;
}

static int check_folder(const struct foray_config *config,
                        struct foray_error *err)
{
    const char *folder = config->temp_folder;

    if (!folder || strlen(folder) < FORAY__FOLDER_SIZE)
        return 0;
    return foray__fail(err, FORAY_EINVAL,
                       "temp_folder has %zu characters, and a folder's name "
                       "has at most %d",
                       strlen(folder), FORAY__FOLDER_SIZE - 1);
}

static int check_calls(const struct foray_config *config,
                       struct foray_error *err)
{
    if (config->mmap_mode && !foray__config_mode(config->mmap_mode))
        return foray__fail(err, FORAY_EINVAL,
                           "mmap_mode is \"%.64s\": use r, r+, w+ or c",
                           config->mmap_mode);
    FORAY_TRY(foray__check_batch_size(config->batch_size, err));
    if (config->retries < FORAY_NO_RETRIES)
        return foray__fail(err, FORAY_EINVAL,
                           "retries is %d: give at least 1, or "
                           "FORAY_NO_RETRIES",
                           config->retries);
    return foray__check_on_error(config->on_error, err);
}

static int check_seconds(const struct foray_config *config,
                         struct foray_error *err)
{
    if (!(config->timeout >= 0))
        return foray__fail(err, FORAY_EINVAL,
                           "timeout is %g: give seconds, or INFINITY for no "
                           "limit",
                           config->timeout);
    if (!(config->grace >= 0) || isinf(config->grace))
        return foray__fail(err, FORAY_EINVAL,
                           "grace is %g: give seconds above 0, or 0 for 1 "
                           "second",
                           config->grace);
    if (!(config->progress_interval >= 0) || isinf(config->progress_interval))
        return foray__fail(err, FORAY_EINVAL,
                           "progress_interval is %g: give seconds above 0, or "
                           "0 for half a second",
                           config->progress_interval);
    return 0;
}

static int check_life(const struct foray_config *config,
                      struct foray_error *err)
{
    if (config->init_params_size && !config->init_params)
        return foray__fail(err, FORAY_EINVAL,
                           "init_params is NULL, but init_params_size is %zu",
                           config->init_params_size);
    if (config->init_params_size && !config->init)
        return foray__fail(err, FORAY_EINVAL,
                           "init_params are given, but no init that gets them");
    if (config->init_params_size > FORAY__MAX_PARAMS)
        return foray__fail(err, FORAY_ETOOLARGE,
                           "init_params_size is %zu: pass more than %d bytes "
                           "as an array",
                           config->init_params_size, FORAY__MAX_PARAMS);
    if (!(config->idle_timeout >= 0))
        return foray__fail(err, FORAY_EINVAL,
                           "idle_timeout is %g: give seconds above 0, INFINITY "
                           "for never, or 0 for 300 seconds",
                           config->idle_timeout);
    return 0;
}

int foray__config_check(const struct foray_config *given,
                        struct foray_error *err)
{
    FORAY_TRY(check_kind_of_backend(given, err));
    FORAY_TRY(check_workers(given, err));
    FORAY_TRY(check_folder(given, err));
    FORAY_TRY(check_calls(given, err));
    FORAY_TRY(check_life(given, err));
    return check_seconds(given, err);
}
