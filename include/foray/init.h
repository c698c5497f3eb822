/* The zygote: where workers come from in a program that grows large.
 *
 *     struct foray_pool *pool = NULL;
 *     struct foray_error err;
 *
 *     if (foray_init(&err) || foray_pool_open(&pool, NULL, &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     foray_pool_close(pool);
 *
 * A worker that is forked from the program shares its memory: pages that the
 * program rewrites later exist twice while the worker lives, and a fork takes
 * the longer, the more memory there is. foray_init forks a process when the
 * program is still small. It waits, and forks the workers on request: they are
 * small, start within a millisecond however large the program has become, and
 * have no thread pools and locks of the program's.
 *
 * A worker of the zygote has what the program had loaded and stored when
 * foray_init was called: nothing that was allocated, mapped or assigned later,
 * but for params and the arrays of a run, and task functions of libraries that
 * were loaded later. Those are loaded in the worker by their path. Working
 * directory, environment, standard output and errors and `keep_fds` are as the
 * program has them when the worker is made; limits, priority, CPU affinity,
 * umask, user and capabilities are those of foray_init's time.
 *
 * The zygote is a child of the program, `foray:zygote` in ps, and dies with it
 * at once. A program that waits for its children waits for those by their ids.
 */
#ifndef FORAY_INIT_H
#define FORAY_INIT_H

#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

/** Fork the zygote: the first line of main, before threads, MPI_Init and much
 *  memory. From then on pools take their workers from it by default (backend
 *  "forkserver"). Does nothing if there is one already. A child that the
 *  program forks has none; there it makes one of the child's own.
 *  Errors: FORAY_EAGAIN (fork refused), FORAY_ENOMEM; FORAY_ECRASH (the zygote
 *  has died: running workers go on, new ones cannot be had).
 *  Threads: any, but see above. */
FORAY_API FORAY_CHECK int foray_init(struct foray_error *err);

FORAY_END
#endif
