/* Runs: a function over slices of arrays (map), or over indices (for).
 *
 *     static int halve(struct foray_task *task)
 *     {
 *         const struct foray_array *x = foray_task_inout(task, 0);
 *
 *         for (size_t i = 0; i < x->shape[0]; i++)
 *             FORAY_AT(x, double, i) /= 2;
 *         return 0;
 *     }
 *
 *     int halve_all(struct foray_pool *pool, const struct foray_array *x,
 *                   struct foray_error *err)
 *     {
 *         struct foray_map map = {.fn = halve, .inout = {x}};
 *
 *         return foray_map(pool, &map, NULL, err);
 *     }
 *
 * foray_map cuts its arrays along one axis into slices of `chunk` rows; each
 * task gets its own slice of each. Slices of outputs never overlap; arrays
 * where they would are refused before anything runs. What a task computes
 * depends on its slice only, never on the number of workers.
 * foray_for calls the function once per index; workers take indices in
 * batches that nobody sees.
 *
 * `blocks` cuts along several axes, gives `in` slices rows of their neighbours
 * (stencils), and broadcasts `in` arrays:
 *
 *     // Each element the mean of itself and its left neighbour.
 *     static int smooth(struct foray_task *task)
 *     {
 *         const struct foray_array *x = foray_task_in(task, 0);
 *         const struct foray_array *y = foray_task_out(task, 0);
 *         size_t left = foray_task_halo(task, 1).before;
 *
 *         for (size_t i = 0; i < y->shape[0]; i++)
 *             for (size_t j = 0; j < y->shape[1]; j++) {
 *                 double here = FORAY_AT(x, double, i, j + left);
 *                 double before =
 *                     j + left ? FORAY_AT(x, double, i, j + left - 1) : here;
 *
 *                 FORAY_AT(y, double, i, j) = (here + before) / 2;
 *             }
 *         return 0;
 *     }
 *
 *     int smooth_all(struct foray_pool *pool, const struct foray_array *x,
 *                    const struct foray_array *y, struct foray_error *err)
 *     {
 *         struct foray_map map = {
 *             .fn = smooth,
 *             .in = {x},
 *             .out = {y},
 *             .blocks = {.n_axes = 2, .axes = {0, 1}, .halo = {0, 1}}};
 *
 *         return foray_map(pool, &map, NULL, err);
 *     }
 *
 * Arrays in shared memory or in files (storage.h) cost nothing to pass. An
 * array in the caller's private memory is copied into a segment for the run,
 * `inout` and `out` back at its end. In a run without a pool (NULL) on the
 * backend "fork", `in` and `whole` of 64 KiB and more stay where they are: the
 * workers are forked with them. A store into one is a fault but at its first
 * and last page, in arrays with gaps, and few of them above 64 MiB: such a
 * store is lost.
 * Every task's result is recorded exactly once, whatever dies. A task runs
 * again only where the pool has retries: `out` rows are blank then, as if the
 * try before had not been, arrays of `whole` are as that left them, and
 * foray_task_attempt says which try it is. The error of the last try is told.
 *
 * With a `journal` a run that was interrupted, by whatever, goes on where it
 * was when the same run is begun again, by this program or the next:
 *
 *     int norm(struct foray_task *task); // fills its rows of y
 *
 *     int norms(struct foray_pool *pool, const struct foray_array *x,
 *                  struct foray_error *err)
 *     {
 *         struct foray_placement place = {.partial = true, .resumable = true};
 *         struct foray_array y = {0};
 *         int code = foray_array_create_at(&y, "y.npy", FORAY_F64, 1, x->shape,
 *                                          &place, err);
 *
 *         if (!code)
 *             code = foray_map(pool,
 *                              &(struct foray_map){.fn = norm,
 *                                                  .in = {x},
 *                                                  .out = {&y},
 *                                                  .journal = "y.journal"},
 *                              NULL, err);
 *         if (!code)
 *             code = foray_array_commit(&y, err);
 *         foray_array_close(&y, NULL);
 *         return code;
 *     }
 *
 * Arrays that are written are files (of `whole`: those not of mode r). About
 * once a second what tasks wrote is flushed to the disk, and only then their
 * numbers to the journal, a text that belongs to one run at a time (locked). It
 * says what the run is of: the files that are written, number of tasks, how
 * arrays are cut, types and shapes, size and time of change of files that are
 * read, of arrays in memory nothing more, and the lines of `journal_key`, or
 * the bytes of `params`, in which there should be no padding then. If that
 * differs, the run is refused and the difference told; if only the files that
 * are written are others, the journal begins anew. Tasks that failed run again.
 * The journal is removed when the run has come to its end, with 0.
 */
#ifndef FORAY_MAP_H
#define FORAY_MAP_H

#include <stddef.h>
#include <stdint.h>

#include <foray/array.h>
#include <foray/error.h>
#include <foray/export.h>
#include <foray/pool.h>
#include <foray/task.h>

FORAY_BEGIN

enum { FORAY_MAX_ARRAYS = 8, FORAY_MAX_CUTS = 8 };

/* How arrays are cut into blocks, one a task; zero everywhere means slices
 * along one axis, as `axis` and `chunk` beside it say. Blocks are numbered as
 * the elements of an array in C order, the last of `axes` fastest. */
struct foray_blocks {
    int n_axes; /* 0: one, `axis`; else `axis` and `chunk` are 0 */
    int axes[FORAY_MAX_CUTS]; /* the arrays are cut along these, each once */
    size_t chunks[FORAY_MAX_CUTS]; /* rows of a block along each; 0: by shape,
                                      dtype and halo: the longest of those that
                                      are 0 is halved until a block has at most
                                      1 MiB of the largest array and there are
                                      64 */
    size_t halo[FORAY_MAX_CUTS];   /* rows that `in` slices have more, before
                                      and behind, along each axis that is cut:
                                      fewer at the arrays' ends, see
                                      foray_task_halo. Automatic chunks are no
                                      smaller */
    bool broadcast; /* `in` arrays have the same shape in a task, as NumPy
                       broadcasts: those with fewer axes lack the first ones,
                       and a length of 1, or an axis that lacks, is repeated
                       (stride 0) along the axes that are cut, and along others
                       where another `in` array is longer, or one that is
                       written and has as many axes. */
};

/* What became of a task. */
enum foray_status {
    FORAY_TASK_NOT_RUN, /* the run ended before it began */
    FORAY_TASK_OK,
    FORAY_TASK_FAILED,    /* its function said so */
    FORAY_TASK_CRASHED,   /* its worker died, or it called exit */
    FORAY_TASK_CANCELLED, /* killed, or gave up, or not tried again, because
                             the run ended */
    FORAY_TASK_TIMEOUT    /* killed: it took longer than the pool's timeout */
};

/* How tasks go through arrays in files on disks: a hint that changes no result.
 * Arrays in shared memory, in memory of the program, and of mode c are not
 * concerned. */
enum foray_access {
    FORAY_ACCESS_AUTO, /* STREAM when those of the run are larger together than
                          half of the memory that this process may still use
                          (of the machine, of its control groups), or than the
                          pool's `memory`; else SEQUENTIAL, where files are not
                          in memory already */
    FORAY_SEQUENTIAL,  /* what a task reads of `in` and `inout`, and the task
                          that its worker will probably have next, is read ahead
                          of it */
    FORAY_RANDOM,      /* tasks read little of what they have: nothing is read
                          that they do not ask for */
    FORAY_STREAM       /* as SEQUENTIAL, and once: what a task is done with
                          leaves memory, what it wrote when it is on the disk.
                          Each worker has the slices of a few tasks in memory,
                          however large the arrays are */
};

/* Told of each failed task as soon as it is known, in no order, in the thread
 * that runs the pool; err->task is the index. */
typedef void (*foray_failed_fn)(const struct foray_error *err, void *arg);

/* Zero everywhere means default; lists of arrays end at the first NULL. */
struct foray_map {
    foray_task_fn fn;
    const struct foray_array *in[FORAY_MAX_ARRAYS]; /* cut, read-only */
    const struct foray_array
        *inout[FORAY_MAX_ARRAYS];                    /* cut, read and written */
    const struct foray_array *out[FORAY_MAX_ARRAYS]; /* cut, written only */
    const struct foray_array *whole[FORAY_MAX_ARRAYS]; /* entire, in each task,
                                                          in their own mode */
    int axis;     /* the cut arrays are cut along this axis, all equally long */
    size_t chunk; /* rows of a slice; 0: by shape and dtype, at most 1 MiB of
                     the largest array and at most 1/64 of the rows */
    struct foray_blocks blocks;
    const void *params; /* plain bytes for every task, copied; no pointers */
    size_t params_size; /* at most 1 MiB */
    enum foray_access access;
    enum foray_on_error on_error; /* the pool's */
    uint8_t *status;        /* enum foray_status per task (foray_map_tasks), or
                               NULL */
    foray_failed_fn failed; /* or NULL */
    void *failed_arg;
    bool repeatable; /* a task may be tried again on what a try before left in
                        its `inout` slices */
    const uint8_t *done; /* per task: not 0 of those that are done already, do
                            not run and count as ok; NULL: none. For what is no
                            array, files say; a journal finds out itself */
    const char *journal; /* a file that says which tasks are done, or NULL */
    const char *journal_key; /* lines of text, "NAME VALUE": what the results
                                depend on beside the arrays; NULL: on the bytes
                                of `params` */
    bool keep_journal;       /* also when the run has come to its end */
};

struct foray_for {
    foray_task_fn fn;
    size_t n; /* the indices 0 .. n-1 */
    const struct foray_array *whole[FORAY_MAX_ARRAYS];
    const void *params;
    size_t params_size;
    enum foray_access
        access; /* what tasks read ahead is known of arrays that
                   are cut only: here RANDOM alone does anything */
    enum foray_on_error on_error;
    uint8_t *status; /* n, or NULL */
    foray_failed_fn failed;
    void *failed_arg;
    const uint8_t *done; /* n, or NULL: as in foray_map */
};

struct foray_report {
    size_t tasks;      /* in the run */
    size_t ok, failed; /* failed includes crashed, timed out, cancelled */
    size_t crashed;    /* their worker died or called exit */
    size_t not_run;
    size_t timed_out;  /* they were killed by the pool's timeout */
    size_t retried;    /* tries beyond the first of a task */
    size_t resumed;    /* of the ok ones, those that the journal, or the
                          caller, had already */
    int workers;       /* that served the run */
    int replaced;      /* workers that died and were made anew */
    double seconds;    /* from call to return */
    size_t peak_bytes; /* the largest resident size a worker of the pool had so
                          far, shared pages included; 0 for serial */
};

/** Run a function over slices. `pool` may be NULL, see pool.h; `report` may be
 *  NULL (faster by some 20 us).
 *  Errors: FORAY_EINVAL (also `inout` in a pool with retries, unless the tasks
 *  are `repeatable`), FORAY_ESHAPE (lengths of a cut axis differ, shapes
 *  cannot be broadcast), FORAY_EOVERLAP (also of an `in` array with halo or
 *  broadcast and one that is written), FORAY_EACCES (a read-only array as
 *  output), FORAY_EBUSY, FORAY_EFORK, FORAY_ENOSPC, FORAY_ENOMEM: nothing ran.
 *  With `done` also: FORAY_EINVAL (there is a journal), FORAY_ENOTSUP (workers
 *  without the program's memory).
 *  With a journal also: FORAY_EINVAL (it is of another run; what is written is
 *  in memory; `inout` is not repeatable), FORAY_EBUSY (another run has it),
 *  FORAY_EFORMAT (the file is none), FORAY_ENOTSUP (workers without the
 *  program's memory), FORAY_EIO, FORAY_ENOSPC (the run ends).
 *  FORAY_ECANCELED: foray_pool_cancel.
 *  With stop: FORAY_ETASK, FORAY_ECRASH, FORAY_EEXIT, FORAY_ETIMEDOUT or the
 *  code a task raised, for the lowest failed index known; `err` says which and
 *  why. With skip a run whose tasks failed returns 0: ask `report` or `status`.
 *  Failed rows of `out` and of no other array are NaN (floats) or 0; what a
 *  failed task left in its `inout` slice stays.
 *  Owner:   the arrays, `params`, `done` and `status` stay the caller's.
 *  Threads: any one at a time for a pool.  Fork: FORAY_EFORK in a child. */
FORAY_API FORAY_CHECK int foray_map(struct foray_pool *pool,
                                    const struct foray_map *map,
                                    struct foray_report *report,
                                    struct foray_error *err);

/** Remove a journal that no run uses; nothing happens where there is none.
 *  Errors: FORAY_EBUSY (a run has it), FORAY_EFORMAT (the file is no journal),
 *  FORAY_EACCES: it stays. */
FORAY_API int foray_journal_discard(const char *path, struct foray_error *err);

/** Number of tasks foray_map would make: slices of `chunk` rows, or blocks.
 *  Errors: as foray_map's checks of the arrays.  Fork, threads: pure. */
FORAY_API FORAY_CHECK int foray_map_tasks(size_t *out,
                                          const struct foray_map *map,
                                          struct foray_error *err);

/** Run a function once per index. Errors, threads, fork: as foray_map. */
FORAY_API FORAY_CHECK int foray_for(struct foray_pool *pool,
                                    const struct foray_for *loop,
                                    struct foray_report *report,
                                    struct foray_error *err);

FORAY_END
#endif
