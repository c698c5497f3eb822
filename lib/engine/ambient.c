#include "engine/ambient.h"

#include <stdio.h>
#include <string.h>

#include "engine/backend.h"

static void put(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text ? text : "");
}

/* NULL for what is not set. */
static const char *word(const char *text)
{
    return *text ? text : NULL;
}

void foray__ambient_take(struct foray__ambient *out)
{
    const struct foray__level *level = foray__level();
    struct foray_config *config = &out->config;

    out->any = level != NULL;
    if (!level)
        return;
    out->n_jobs_depth = level->n_jobs_depth;
    *config = level->config;
    put(out->backend, sizeof out->backend, config->backend);
    put(out->prefer, sizeof out->prefer, config->prefer);
    put(out->require, sizeof out->require, config->require);
    put(out->mmap_mode, sizeof out->mmap_mode, config->mmap_mode);
    put(out->pre_dispatch, sizeof out->pre_dispatch, config->pre_dispatch);
    put(out->temp_folder, sizeof out->temp_folder, config->temp_folder);
    config->backend = config->prefer = config->require = NULL;
    config->mmap_mode = config->pre_dispatch = config->temp_folder = NULL;
    config->progress = NULL;
    config->progress_arg = NULL;
    config->log = NULL;
    config->log_arg = NULL;
    config->death = NULL;
    config->death_arg = NULL;
    config->keep_fds = NULL;
    config->n_keep_fds = 0;
    config->init = NULL;
    config->fini = NULL;
    config->init_params = NULL;
    config->init_params_size = 0;
}

/* As a level, whose strings are the ambient's. */
static void open_level(struct foray__level *out,
                       const struct foray__ambient *ambient)
{
    const struct foray__backend *backend =
        foray__backend_find(ambient->backend);

    out->config = ambient->config;
    out->config.backend = backend ? backend->name : NULL;
    out->config.prefer = word(ambient->prefer);
    out->config.require = word(ambient->require);
    out->config.mmap_mode = word(ambient->mmap_mode);
    out->config.pre_dispatch = word(ambient->pre_dispatch);
    out->config.temp_folder = word(ambient->temp_folder);
    out->n_jobs_depth = ambient->n_jobs_depth;
}

void foray__ambient_enter(struct foray__level *here,
                          const struct foray__ambient *ambient)
{
    if (ambient->any)
        open_level(here, ambient);
    here->is_ambient = ambient->any;
    here->outer = foray__level_swap(ambient->any ? here : NULL);
}

void foray__ambient_reset(const struct foray__level *here)
{
    const struct foray__level *bottom = here->is_ambient ? here : NULL;

    while (foray__level() != bottom && !foray_config_pop())
        ;
}

void foray__ambient_leave(const struct foray__level *here)
{
    foray__ambient_reset(here);
    foray__level_swap(here->outer);
}
