#include "engine/config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "engine/level.h"

static const struct foray_config defaults = {
    .n_jobs = -1,
    .max_nbytes = 1 << 20,
    .mmap_mode = "r",
    .pre_dispatch = "2*n_jobs",
    .retries = FORAY_NO_RETRIES,
    .timeout = INFINITY,
    .on_error = FORAY_STOP,
    .grace = 1.0,
    .progress_interval = 0.5,
    .idle_timeout = 300,
    .memory = FORAY_NEVER,
};

/* Fields that are inherited one by one where they are zero. */
#define FIELDS(XX)                                                             \
    XX(n_jobs)                                                                 \
    XX(backend)                                                                \
    XX(prefer)                                                                 \
    XX(require)                                                                \
    XX(inner_threads)                                                          \
    XX(temp_folder)                                                            \
    XX(max_nbytes)                                                             \
    XX(mmap_mode)                                                              \
    XX(pre_dispatch)                                                           \
    XX(batch_size)                                                             \
    XX(retries)                                                                \
    XX(timeout)                                                                \
    XX(on_error)                                                               \
    XX(grace)                                                                  \
    XX(capture)                                                                \
    XX(guard)                                                                  \
    XX(progress_interval)                                                      \
    XX(idle_timeout)                                                           \
    XX(max_tasks)                                                              \
    XX(max_rss)                                                                \
    XX(memory)                                                                 \
    XX(bind)

static void inherit(struct foray_config *inner,
                    const struct foray_config *outer)
{
#define INHERIT(field)                                                         \
    if (inner->field == 0)                                                     \
        inner->field = outer->field;
    FIELDS(INHERIT)
#undef INHERIT
    if (!inner->progress) {
        inner->progress = outer->progress;
        inner->progress_arg = outer->progress_arg;
    }
    if (!inner->log) {
        inner->log = outer->log;
        inner->log_arg = outer->log_arg;
    }
    if (!inner->death) {
        inner->death = outer->death;
        inner->death_arg = outer->death_arg;
    }
    if (!inner->n_keep_fds) {
        inner->keep_fds = outer->keep_fds;
        inner->n_keep_fds = outer->n_keep_fds;
    }
    if (!inner->init && !inner->fini) {
        inner->init = outer->init;
        inner->fini = outer->fini;
        inner->init_params = outer->init_params;
        inner->init_params_size = outer->init_params_size;
    }
}

/* Replace words by the library's own, which need no copy. */
static void use_static_words(struct foray_config *config)
{
    if (config->backend)
        config->backend = foray__backend_find(config->backend)->name;
    if (config->prefer)
        config->prefer =
            strcmp(config->prefer, "threads") != 0 ? "processes" : "threads";
    if (config->require)
        config->require = "sharedmem";
    if (config->mmap_mode)
        config->mmap_mode = foray__config_mode(config->mmap_mode);
}

bool foray__config_sets_n_jobs(int depth)
{
    const struct foray__level *level = foray__level();

    return level && level->n_jobs_depth == depth;
}

/* Of what `init` gets, as it is promised to be aligned; NULL when there is no
 * memory. */
static void *copy_params(const struct foray_config *config)
{
    size_t size = foray__round_up(config->init_params_size, 64);
    void *params = size ? aligned_alloc(64, size) : NULL;

    if (params)
        memcpy(params, config->init_params, config->init_params_size);
    return params;
}

int foray__config_copy(struct foray_config *config)
{
    size_t nbytes = config->n_keep_fds * sizeof *config->keep_fds;
    char *folder = NULL, *dispatch = NULL;
    void *params = NULL;
    int *fds = NULL;

    if (config->temp_folder && !(folder = strdup(config->temp_folder)))
        goto failed;
    if (config->pre_dispatch && !(dispatch = strdup(config->pre_dispatch)))
        goto failed;
    if (nbytes) {
        if (!(fds = malloc(nbytes)))
            goto failed;
        memcpy(fds, config->keep_fds, nbytes);
    }
    if (config->init_params_size && !(params = copy_params(config)))
        goto failed;
    use_static_words(config);
    config->temp_folder = folder;
    config->pre_dispatch = dispatch;
    config->keep_fds = fds;
    config->init_params = params;
    return 0;
failed:
    free(folder);
    free(dispatch);
    free(fds);
    return -1;
}

void foray__config_free(struct foray_config *config)
{
    free((void *)(uintptr_t)config->temp_folder);
    free((void *)(uintptr_t)config->pre_dispatch);
    free((void *)(uintptr_t)config->keep_fds);
    free((void *)(uintptr_t)config->init_params);
}

void foray__config_defaults(struct foray_config *config,
                            const struct foray_config *environment)
{
    const struct foray__level *level = foray__level();

    if (level)
        inherit(config, &level->config);
    inherit(config, environment);
    inherit(config, &defaults);
    use_static_words(config);
    /* What stands for nothing where zero would mean unset. */
    if (config->retries == FORAY_NO_RETRIES)
        config->retries = 0;
    if (isinf(config->timeout))
        config->timeout = 0;
}

static struct foray__level *make_level(const struct foray_config *config)
{
    struct foray__level *level = calloc(1, sizeof *level);
    struct foray__level *outer = foray__level();

    if (!level)
        return NULL;
    level->config = *config;
    level->outer = outer;
    level->n_jobs_depth = outer ? outer->n_jobs_depth : -1;
    if (config->n_jobs)
        level->n_jobs_depth = foray_depth();
    if (outer)
        inherit(&level->config, &outer->config);
    if (foray__config_copy(&level->config)) {
        free(level);
        return NULL;
    }
    return level;
}

int foray_config_push(const struct foray_config *config,
                      struct foray_error *err)
{
    struct foray_config result;
    struct foray__level *level;
    int code;

    FORAY_TRY(foray__config_check(config, err));
    level = make_level(config);
    if (!level)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a configuration");
    foray__level_swap(level);
    /* Whether an expression has a value depends on what else is set. */
    code = foray_config_get(&result, err);
    if (code)
        foray_config_pop();
    return code;
}

int foray_config_pop(void)
{
    struct foray__level *level = foray__level();

    if (!level || level->is_ambient)
        return FORAY_EINVAL;
    foray__level_swap(level->outer);
    foray__config_free(&level->config);
    free(level);
    return 0;
}

int foray_config_get(struct foray_config *out, struct foray_error *err)
{
    static const struct foray_config nothing;
    struct foray__settings settings;

    FORAY_TRY(foray__settings(&settings, &nothing, err));
    *out = settings.config;
    return 0;
}

int foray_effective_n_jobs(int n_jobs)
{
    struct foray_config config = {.n_jobs = n_jobs};
    struct foray__settings settings;

    FORAY_TRY(foray__settings(&settings, &config, NULL));
    return settings.n_jobs;
}
