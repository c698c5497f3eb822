#include "shell/parallel.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/config.h>

#include "shell/beacon.h"
#include "shell/message.h"
#include "shell/stop.h"
#include "shell/values.h"

static const double default_grace = 10;

#define AT(field) offsetof(struct parallel, field)

const struct option_spec parallel_options[] = {
    {"jobs", 'j', "N", value_jobs, AT(n_jobs),
     "workers; -1 all CPUs (default), -2 all but one, 50%"},
    {"backend", 0, "fork|threads|serial", value_backend, AT(backend),
     "how workers are made (fork); serial: nothing isolated"},
    {"inner-threads", 0, "N", value_count, AT(inner_threads),
     "threads of BLAS and OpenMP in a worker (CPUs / jobs)"},
    {"temp-folder", 0, "DIR", value_text, AT(temp_folder),
     "for temporary arrays (/dev/shm when they fit)"},
    {"memory", 0, "SIZE", value_size, AT(memory),
     "of all tasks together; hog: half of what is free"},
    {"timeout", 0, "SECONDS", value_seconds, AT(timeout),
     "for one task: it is killed then, and has failed"},
    {"retries", 0, "N", value_retries, AT(retries),
     "tries of a failed task after the first (0)"},
    {"grace", 0, "SECONDS", value_seconds, AT(grace),
     "for running tasks when the run is to end (10)"},
    {"nice", 0, "N", value_nice, AT(nice),
     "lower the priority by N, 0 to 19 (0)"},
    {"on-error", 0, "stop|skip", value_on_error, AT(on_error),
     "stop (default): no output; skip: NaN, exit status 3"},
    {"progress", 0, "auto|always|never|json", progress_read_mode,
     AT(progress_mode), "how far it is, on standard error (auto)"},
    {"dry-run", 0, NULL, value_flag, AT(dry_run),
     "say what would be made, and whether it fits"},
    {"quiet", 'q', NULL, value_flag, AT(quiet), "errors only"},
    {"verbose", 'v', NULL, value_flag, AT(verbose),
     "tell what is chosen and what workers do"},
    {0}};

int parallel_check(const struct parallel *parallel)
{
    if (parallel->quiet && parallel->verbose)
        return options_wrong("-q and -v contradict each other");
    if (parallel->timeout > 0 && parallel->backend &&
        strcmp(parallel->backend, "fork") != 0)
        return options_wrong("--timeout needs --backend fork: %s cannot end a "
                             "task",
                             parallel->backend);
    return 0;
}

int parallel_n_jobs(const struct parallel *parallel, size_t n_tasks,
                    struct foray_error *err)
{
    struct foray_config config = {.n_jobs = parallel->n_jobs,
                                  .backend = parallel->backend};
    int code = foray_config_push(&config, err), n_jobs;

    if (code)
        return code;
    n_jobs = foray_effective_n_jobs(0);
    foray_config_pop();
    return n_tasks && (size_t)n_jobs > n_tasks ? (int)n_tasks : n_jobs;
}

void parallel_begin(struct parallel *parallel)
{
    if (parallel->begun)
        return;
    parallel->begun = true;
    if (parallel->progress_mode == PROGRESS_JSON && !parallel->verbose)
        parallel->quiet = true; /* a program reads it */
    if (parallel->nice)
        (void)nice(parallel->nice); /* a lower priority is refused to nobody */
    progress_start(&parallel->progress, parallel->progress_mode,
                   parallel->quiet);
    stop_heed_questions();
    stop_outlive_readers();
}

int parallel_open(struct foray_pool **out, struct parallel *parallel,
                  size_t n_tasks, struct foray_error *err)
{
    struct foray_config config = {
        .backend = parallel->backend,
        .inner_threads = parallel->inner_threads,
        .temp_folder = parallel->temp_folder,
        .memory = parallel->memory < SIZE_MAX ? (size_t)parallel->memory
                                              : FORAY_NEVER,
        .timeout = parallel->timeout,
        .retries = parallel->retries,
        .grace = parallel->grace > 0 ? parallel->grace : default_grace,
        .on_error = parallel->on_error,
    };
    int code;

    config.n_jobs = parallel_n_jobs(parallel, n_tasks, err);
    if (config.n_jobs < 0)
        return config.n_jobs;
    if (parallel->temp_folder)
        setenv("FORAY_TEMP_FOLDER", parallel->temp_folder, 1);
    parallel_begin(parallel);
    config.progress = progress_show;
    config.progress_arg = &parallel->progress;
    config.progress_interval = progress_interval(&parallel->progress);
    if (parallel->verbose) {
        config.log = progress_log;
        config.log_arg = &parallel->progress;
    }
    if (parallel->deaths) {
        config.death = deaths_note;
        config.death_arg = parallel->deaths;
    }
    beacon_open();
    code = foray_pool_open(out, &config, err);
    if (!code)
        stop_watch(*out);
    return code;
}

int parallel_whole(struct foray_error *err)
{
    const char *only = getenv("FORAY_ONLY_TASK");

    if (!only || !*only)
        return 0;
    return message_error(err, FORAY_ECANCELED,
                         "FORAY_ONLY_TASK=%s ran one task of a run, and no "
                         "other: without it there is an output",
                         only);
}

void parallel_close(struct foray_pool *pool)
{
    stop_watch(NULL);
    foray_pool_close(pool);
    beacon_close();
}
