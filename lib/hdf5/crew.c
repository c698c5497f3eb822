#include "hdf5/crew.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <foray/config.h>
#include <foray/parallel.h>
#include <foray/storage.h>

#include "base/error.h"
#include "hdf5/guard.h"
#include "storage/file.h"

static bool has_processes(const struct foray_pool *pool)
{
    return !strncmp(foray_pool_backend(pool), "fork", 4);
}

static int open_own(struct foray__h5_crew *crew, int n_jobs,
                    struct foray_error *err)
{
    struct foray_config config = {.n_jobs = n_jobs, .backend = "fork"};

    FORAY_TRY(foray_pool_open(&crew->own, &config, err));
    crew->pool = crew->own;
    return 0;
}

int foray__h5_crew_open(struct foray__h5_crew *crew, struct foray_pool *pool,
                        const char *path, struct foray_error *err)
{
    int code;

    memset(crew, 0, sizeof *crew);
    foray__h5_guard_spare();
    FORAY_TRY(foray__absolute(&crew->path, path, err));
    crew->tail = foray__tail(crew->buffer, crew->path);
    if (pool && has_processes(pool)) {
        crew->pool = pool;
        return 0;
    }
    crew->n_jobs = pool ? foray_pool_n_jobs(pool) : foray_effective_n_jobs(0);
    code = open_own(crew, 1, err);
    if (code)
        foray__h5_crew_close(crew);
    return code;
}

void foray__h5_crew_close(struct foray__h5_crew *crew)
{
    foray_pool_close(crew->own);
    free(crew->path);
    memset(crew, 0, sizeof *crew);
}

/* What killed a worker is the file, unless somebody else did. */
static int explain(const struct foray__h5_crew *crew, int code,
                   struct foray_error *err)
{
    bool lacked = strstr(err->msg, "killed it for lack of memory") != NULL;
    int by = err->signal;

    if (code == FORAY_ECRASH && by == SIGXCPU)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s is damaged: the HDF5 library does not come to "
                           "an end with it",
                           crew->tail);
    if (code == FORAY_ECRASH && by != SIGKILL && by != SIGTERM)
        return foray__fail(err, FORAY_EFORMAT,
                           "the HDF5 library crashed on %s (signal %d): it is "
                           "damaged, or memory was short",
                           crew->tail, by);
    if (code == FORAY_EEXIT)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s is damaged: the HDF5 library gave up on it",
                           crew->tail);
    if (code == FORAY_ECRASH || code == FORAY_ETIMEDOUT)
        return foray__fail(
            err, code, "%s: the worker that read or wrote it %s", crew->tail,
            code == FORAY_ETIMEDOUT ? "took longer than the pool's timeout"
            : lacked                ? "was killed for lack of memory"
                                    : "was killed");
    return code;
}

int foray__h5_answer(struct foray_task *task, int code,
                     const struct foray_error *err, size_t n,
                     const struct foray_value *values)
{
    struct foray_value wrong =
        foray_value_bytes((struct foray_bytes){err, sizeof *err});

    return foray_return_values(task, code ? 1 : n, code ? &wrong : values);
}

/* What became of a call: its own error is the only value of one that failed. */
static int verdict(struct foray__h5_crew *crew, int code,
                   const struct foray_result *result, struct foray_error *ours)
{
    if (!code && result->code) { /* the pool's policy is to skip */
        code = result->code;
        *ours = *foray_result_error(result);
    }
    if (code)
        return explain(crew, code, ours);
    if (result->n != 1)
        return 0;
    foray__error_copy(ours, foray_result_bytes(result, 0).data);
    return ours->code;
}

int foray__h5_crew_call(struct foray__h5_crew *crew, struct foray_call call,
                        struct foray_result *result, struct foray_error *err)
{
    struct foray_error ours = {0};
    int code;

    memset(result, 0, sizeof *result);
    code = foray_parallel(crew->pool, &call, 1, result, &ours);
    code = verdict(crew, code, result, &ours);
    if (!code)
        return 0;
    foray_result_free(result);
    if (err)
        *err = ours;
    return code;
}

/* A pool of our own has one worker until there is work for more. */
static int widen(struct foray__h5_crew *crew, size_t n_tasks,
                 struct foray_error *err)
{
    int n_jobs = crew->n_jobs;

    if (n_tasks < (size_t)n_jobs)
        n_jobs = (int)n_tasks;
    if (!crew->own || n_jobs <= foray_pool_n_jobs(crew->own))
        return 0;
    foray_pool_close(crew->own);
    crew->own = NULL;
    return open_own(crew, n_jobs, err);
}

/* A row for each worker: the last error that it met. */
static int make_errors(struct foray_array *out, const struct foray_pool *pool,
                       struct foray_error *err)
{
    size_t shape[2] = {(size_t)foray_pool_n_jobs(pool),
                       sizeof(struct foray_error)};

    return foray_array_create(out, NULL, FORAY_U8, 2, shape, err);
}

/* The words of the task whose error is told. */
static void find_words(const struct foray_array *errors,
                       struct foray_error *err)
{
    struct foray_error own;

    for (size_t i = 0; i < errors->shape[0]; i++) {
        foray__error_copy(&own, foray_row(errors, i));
        if (own.code == err->code && own.task == err->task) {
            *err = own;
            return;
        }
    }
}

int foray__h5_raise(struct foray_task *task, const struct foray_error *err)
{
    const struct foray_array *errors = foray_task_whole(task, 0);
    size_t slot = (size_t)foray_task_worker(task);

    if (errors && slot < errors->shape[0]) {
        struct foray_error *own = foray_row(errors, slot);

        *own = *err;
        own->task = (int64_t)foray_task_index(task);
    }
    return foray_task_raise(task, err);
}

int foray__h5_crew_each(struct foray__h5_crew *crew, struct foray_for *tasks,
                        struct foray_error *err)
{
    struct foray_array errors = {0};
    struct foray_error ours = {0};
    int code;

    if (!tasks->n)
        return 0;
    tasks->on_error = FORAY_STOP;
    code = widen(crew, tasks->n, &ours);
    if (!code)
        code = make_errors(&errors, crew->pool, &ours);
    tasks->whole[0] = &errors;
    if (!code)
        code = foray_for(crew->pool, tasks, NULL, &ours);
    if (code) {
        code = explain(crew, code, &ours);
        if (errors.segment)
            find_words(&errors, &ours);
        ours.task = -1;
        if (err)
            *err = ours;
    }
    foray_array_close(&errors, NULL);
    return code;
}
