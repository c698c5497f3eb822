/* Workers for HDF5: every call of the HDF5 library runs in a process that may
 * die of it. */
#ifndef FORAY_HDF5_CREW_H
#define FORAY_HDF5_CREW_H

#include <foray/call.h>
#include <foray/map.h>
#include <foray/pool.h>
#include <foray/result.h>

struct foray__h5_crew {
    struct foray_pool *pool; /* of processes */
    struct foray_pool *own;  /* the same, if it was opened for this call */
    int n_jobs;              /* workers that one of our own may have */
    char *path;              /* of the file, absolute */
    const char *tail;        /* of it, for messages */
    char buffer[128];
};

/* Workers to do something with a file: the caller's pool if its workers are
 * processes, or else one of our own, of one worker for now.
 * Errors: those of foray_pool_open; FORAY_EINVAL (no path). */
int foray__h5_crew_open(struct foray__h5_crew *crew, struct foray_pool *pool,
                        const char *path, struct foray_error *err);
void foray__h5_crew_close(struct foray__h5_crew *crew);

/* Run one call; *result is the caller's to free if this returns 0. Its task
 * ends in foray__h5_answer. A
 * worker that dies of it is FORAY_EFORMAT. */
int foray__h5_crew_call(struct foray__h5_crew *crew, struct foray_call call,
                        struct foray_result *result, struct foray_error *err);

/* In the task of a call: what it returns, no value or two at least; or if there
 * is a `code` its error, in no other words than its own. */
int foray__h5_answer(struct foray_task *task, int code,
                     const struct foray_error *err, size_t n,
                     const struct foray_value *values);

/* Run tasks by as many workers as the crew may have. They end in
 * foray__h5_raise if they fail. The first of `whole` is for that: the caller's
 * begin with the second. */
int foray__h5_crew_each(struct foray__h5_crew *crew, struct foray_for *tasks,
                        struct foray_error *err);

/* In such a task: fail with an error, in no other words than its own. */
int foray__h5_raise(struct foray_task *task, const struct foray_error *err);

#endif
