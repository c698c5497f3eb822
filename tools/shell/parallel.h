/* What every command that runs in parallel has in common. */
#ifndef FORAY_TOOLS_SHELL_PARALLEL_H
#define FORAY_TOOLS_SHELL_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/pool.h>

#include "shell/deaths.h"
#include "shell/options.h"
#include "shell/progress.h"

struct parallel {
    int n_jobs;
    const char *backend;
    int inner_threads;
    const char *temp_folder;
    uint64_t memory; /* bytes of all tasks; 0: any */
    double timeout;  /* 0: none asked for */
    int retries;
    double grace; /* 0: none asked for */
    int nice;
    enum foray_on_error on_error;
    enum progress_mode progress_mode;
    bool dry_run, quiet, verbose;
    bool begun;
    struct progress progress;
    struct deaths *deaths; /* NULL, or where deaths of workers are noted */
};

/* Its options, for options_parse. */
extern const struct option_spec parallel_options[];

/* Options that contradict each other: 0, or STATUS_USAGE after a message. */
int parallel_check(const struct parallel *parallel);

/* What comes before any work: this process's priority, progress, and answers to
 * SIGUSR1. Once. */
void parallel_begin(struct parallel *parallel);

/* Begin, start the workers, at most `n_tasks`, and let SIGINT, SIGTERM and
 * SIGHUP cancel their run (stop.h). Takes the temporary folder into the
 * environment, where arrays look for it. The struct must outlive the pool.
 * Returns 0 or the error. */
int parallel_open(struct foray_pool **out, struct parallel *parallel,
                  size_t n_tasks, struct foray_error *err);

/* Whether all tasks run: 0, or FORAY_ECANCELED where FORAY_ONLY_TASK has only
 * one of each run. What was computed then is not to be taken for the result. */
int parallel_whole(struct foray_error *err);

/* End them; signals are left as they are. */
void parallel_close(struct foray_pool *pool);

/* Workers it would start for `n_tasks`, or the error, which is negative. */
int parallel_n_jobs(const struct parallel *parallel, size_t n_tasks,
                    struct foray_error *err);

#endif
