/* Backends from outside of the library: other ways to run tasks and calls.
 *
 * A backend carries batches, bytes that it need not understand, to where
 * somebody executes them, and brings back what comes of it. One that does all
 * of it in the caller's thread:
 *
 *     struct here {
 *         struct foray_done done[2];
 *         int n;
 *     };
 *
 *     static int submit(void *state, uint64_t id, const void *bytes,
 *                       size_t size, struct foray_error *err)
 *     {
 *         struct here *here = state;
 *         struct foray_done *done = &here->done[here->n++];
 *
 *         done->id = id;
 *         return foray_backend_execute(&done->bytes, &done->size, bytes, size,
 *                                      0, NULL, err);
 *     }
 *
 *     static int poll_one(void *state, double seconds,
 *                         struct foray_done *done, struct foray_error *err)
 *     {
 *         struct here *here = state;
 *
 *         (void)seconds;
 *         (void)err;
 *         if (!here->n)
 *             return 0;
 *         *done = here->done[--here->n];
 *         return 1;
 *     }
 *
 * Such pools serve all that others do: foray_map, foray_for and foray_reduce,
 * foray_parallel, iterators and futures, with the same task indices, attempts,
 * random numbers and failures. A batch is calls, or consecutive tasks of a run
 * with the slices that they have.
 * A batch that is lost was one try of every call and task in it. Where the pool
 * has retries each is tried again in a batch of its own, so that one that ends
 * its executor takes nobody along twice.
 * There is no timeout, no guard, no captured output, and nothing to wait for
 * but foray_run_next.
 * A pool's init and fini are called once, in the process that opens it, if the
 * backend shares its memory. Otherwise init is called by the first batch that
 * a worker executes, in the process that does it, and fini by
 * foray_backend_leave; a failure of init is that of the run.
 */
#ifndef FORAY_BACKEND_H
#define FORAY_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

/* A batch that came back. */
struct foray_done {
    uint64_t id;
    void *bytes; /* of foray_backend_execute, from malloc: the library frees
                    them. NULL: it was not executed, or nobody knows; unless
                    its run was cancelled its calls are tried again then, or
                    fail, FORAY_ECRASH */
    size_t size;
};

/* Functions return 0, or a negative code with err filled. Those of one pool are
 * called by one thread at a time. */
struct foray_backend {
    const char *name; /* of letters, digits, - and _ */

    /* Batches are executed in the process that submits them, by threads of it:
     * arrays are passed by reference, and tasks see the program's memory, so
     * that it serves require = "sharedmem". Otherwise any process may execute
     * them that has the same program and libraries, and arrays are passed by
     * value: what a task stores into `inout` and `out` comes back, into an
     * array of `whole` (but for mode c) it is a fault, and into an argument of
     * a call it is lost. An array of `whole` goes with every batch. Elements of
     * `out` that a task leaves alone are 0. */
    bool shares_memory;

    /* Begin to serve a pool of *n_jobs workers, or of fewer: *n_jobs says how
     * many there are. `arg` is the field below. */
    int (*open)(void **state, int *n_jobs, void *arg, struct foray_error *err);

    /* Take a batch, whose bytes are 64-byte aligned and stay what and where
     * they are until it comes back. At most 2 * n_jobs are under way. */
    int (*submit)(void *state, uint64_t id, const void *bytes, size_t size,
                  struct foray_error *err);

    /* Wait at most `seconds` for a batch: 1 with *done filled, each that was
     * submitted once, in any order; 0 if there is none. A negative code ends
     * the run. `seconds` is 0.05 at most. */
    int (*poll)(void *state, double seconds, struct foray_done *done,
                struct foray_error *err);

    /* No batch that was submitted needs to be executed any more; they come back
     * all the same, and before that no other is submitted. Tasks that run may
     * see it: `ending` below. */
    void (*cancel)(void *state);

    /* No batch is under way, and none will be. */
    void (*close)(void *state);

    void *arg; /* for `open` */
};

/** Make a backend known by its name, for as long as the process lives. What
 *  `backend` points to is copied, but for `arg`.
 *  Errors: FORAY_EINVAL (no name, a strange one or that of a backend of the
 *  library's, a function is missing), FORAY_EEXIST (there is one of that name),
 *  FORAY_ENOMEM.
 *  Threads: safe.  Fork: a child knows what its parent knew. */
FORAY_API FORAY_CHECK int
foray_backend_register(const struct foray_backend *backend,
                       struct foray_error *err);

/** Run what is in a batch, in this thread, as worker number `worker`: below
 *  n_jobs, and one that runs no other batch at the moment. *out are the bytes
 *  to bring back, *out_size of them. Failures of calls and tasks, and of init,
 *  are in there, and no errors here. `ending`: 1 as soon as the run is to end,
 *  0 before that, read atomically; or NULL. Tasks see it by
 *  foray_task_cancelled, and no further ones begin.
 *  Errors: FORAY_EFORMAT (no batch, or of another version of the library or
 *  kind of machine), FORAY_EFORK (of another process, though its backend says
 *  that it shares memory), FORAY_ENOMEM. *out is NULL then.
 *  Owner: *out is the caller's, free().
 *  Threads: safe, any number at once.  Fork: safe in a child that a backend
 *  forked while no other thread of the program was in a function of the
 *  library. */
FORAY_API FORAY_CHECK int foray_backend_execute(void **out, size_t *out_size,
                                                const void *bytes, size_t size,
                                                int worker,
                                                const uint32_t *ending,
                                                struct foray_error *err);

/** This process executes no more batches as worker number `worker`; -1: as any.
 *  Calls the fini of every pool whose worker of that number began here. Before
 *  its process ends, or when its pool is closed; no batch is being executed by
 *  it.
 *  Threads: safe, each with a worker of its own. */
FORAY_API void foray_backend_leave(int worker);

FORAY_END
#endif
