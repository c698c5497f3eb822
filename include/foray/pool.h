/* Pools: the workers, kept between runs.
 *
 *     struct foray_config config = {.n_jobs = 4};
 *     struct foray_pool *pool = NULL;
 *     struct foray_error err;
 *
 *     if (foray_pool_open(&pool, &config, &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     else
 *         printf("%d workers\n", foray_pool_n_jobs(pool));
 *     foray_pool_close(pool);
 *
 * Until it is closed a pool serves foray_map and foray_for, as often as one
 * likes, one run at a time, from the thread that opened it or another, but
 * never two at once (FORAY_EBUSY); different pools are independent. So are
 * their CPUs: two pools that work at the same time, in two threads say, have
 * them all each. Whoever means to run both gives each its part
 * (foray_n_jobs_parse reads "50%"), or lets one pool do the work of both.
 * foray_map, foray_for, foray_reduce, foray_parallel and foray_run_start also
 * take NULL: a pool of this thread's configuration (config.h) for the one run,
 * with no more workers than tasks. Its progress callback is told of it, and may
 * cancel it; so may others an iterator, by foray_run_cancel. Whoever wants to
 * cancel another run from a signal handler or another thread opens a pool. When
 * its workers are forked from the program (backend "fork") they have the
 * program's memory: arrays that tasks only read, however large, are not copied;
 * but for iterators, whose calls are made when the workers are there already.
 * A worker dies with this process at once, also in mid-task. In a child that
 * the program forked itself every function here answers FORAY_EFORK.
 * A pool that lives long keeps the memory it was forked from: pages that the
 * program rewrites afterwards exist twice until the pool is closed. Programs
 * that grow large call foray_init first (init.h): their workers are forked from
 * a small process that knows nothing of what came later.
 *
 * A task may open pools of its own. They share its CPUs, which are those of its
 * pool divided by the workers of that, or by the tasks that are left if those
 * are fewer (foray_task_threads; a pool that is kept for later tasks is opened
 * in `init`, where it is the former): n_jobs counts these, and where nobody
 * asked for more no more workers run in the whole tree than there are CPUs. In
 * a task that has one CPU the default backend is "serial". What a variable, or
 * foray_config_push outside of the task, says of n_jobs, is a limit there.
 * Workers have no zygote: "forkserver" is "fork" in a task. Pools nest 10 deep,
 * and have 4096 workers at most when those of each are multiplied.
 *
 * With a budget of memory a worker does not begin more calls, or more slices,
 * while the rest of the budget is less than the most that those finished in
 * this run were seen to need: the first goes alone, and one that finds nobody
 * else at work always goes. Measured is what a worker process has for itself:
 * its arrays and what else it shares do not count, nor do pages that it
 * inherited and changed. A task that knows what it will need says so before,
 * foray_task_reserve; of threads only that counts. Pools inside of a task have
 * the least of their own budget and of the pool's around, divided by its
 * workers.
 *
 * In a worker: signal dispositions and mask are reset, SIGINT is ignored,
 * standard input is /dev/null, other descriptors than 0, 1, 2 and `keep_fds`
 * are closed, it is its own process group and `foray:3` in ps; every BLAS and
 * OpenMP runtime is capped to `inner_threads`, or at the end of a run to what
 * foray_task_threads says. Processes that a task starts and leaves behind are
 * killed when the worker ends, unless they left its process group. A task that
 * closes all descriptors costs its worker: it ends when the task is done, and
 * another takes its place.
 *
 * Threads share all of that with the program: an exit, a crash or a stray store
 * in a task is the program's, no timeout is held, and a task that does not ask
 * foray_task_cancelled ends by itself only. In return nothing is copied: tasks
 * see the program's variables, private arrays of foray_map, foray_for and
 * foray_reduce lie where they are, and so do those of foray_parallel, which a
 * task can write then, whatever their mode says. The caller is one of the
 * n_jobs threads where it would only wait for the others, in those functions,
 * and what a task does to its thread (its locale, its signal mask) lasts; it
 * is not in iterators and futures, whose caller may have other things to do.
 * Lists of calls whose private arrays are snapshots (mmap_mode "r+", "c") are
 * made piece by piece, by the caller, between its own tasks: where one of these
 * takes long, the other threads may run out of calls until it ends. In mode "r"
 * all are made before.
 * The threads block the signals that are the program's. BLAS runtimes have one
 * number of threads for the process: from the opening of the first pool of
 * threads until the last is closed it is the least `inner_threads` of them.
 * OpenMP's is set in the threads, and in the caller while it works.
 */
#ifndef FORAY_POOL_H
#define FORAY_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

struct foray_pool;

/* What an error of a task does to the rest of the run. */
enum foray_on_error {
    FORAY_ON_ERROR_DEFAULT, /* stop; in foray_map and foray_for: the pool's */
    FORAY_STOP, /* end the run at once; report the lowest failed index known */
    FORAY_SKIP  /* go on; failed rows of outputs are NaN or 0 */
};

struct foray_progress {
    size_t total, completed; /* tasks; completed includes failed ones, and what
                                the journal of an earlier run has */
    size_t failed;
    double seconds;          /* since the run began */
    double rate;             /* tasks per second of this run so far, 0 before
                                the first */
    double remaining;        /* seconds, estimated; -1 while unknown */
    int64_t slowest;         /* the task that has been running for the longest,
                                -1: none was seen twice; it may have ended by
                                now */
    double slowest_seconds;  /* for so long at least: since the first of these
                                calls that saw it */
    struct foray_pool *pool; /* whose run it is, until the run returns */
};

/* Called in the thread that runs the pool, between tasks of the workers: at
 * most once every `progress_interval`, and once at the end of every run. It
 * may call foray_pool_cancel(progress->pool). */
typedef void (*foray_progress_fn)(const struct foray_progress *progress,
                                  void *arg);

/* Told of what is no error but worth knowing, one sentence, no newline: a
 * worker replaced, a fallback taken. In the thread that runs the pool. */
typedef void (*foray_log_fn)(const char *sentence, void *arg);

/* A worker that died before its time: of a crash, of exit, of the timeout, of a
 * signal from outside. */
struct foray_death {
    int worker;      /* its slot */
    pid_t pid;       /* that it had */
    pid_t successor; /* who has its slot now, 0: nobody */
    int64_t task;    /* that it was running, -1: none */
};

/* Told of each death, whatever becomes of the task, in the thread that runs the
 * pool. Not of workers that the end of a run kills, nor of those that leave in
 * order (max_tasks, idle_timeout). */
typedef void (*foray_death_fn)(const struct foray_death *death, void *arg);

/* Begin the life of a worker, or of a pool whose tasks run in this process:
 * `*state`, NULL at first, is what foray_task_state returns in its tasks.
 * `worker` is its slot, `params` the copy of init_params, 64-byte aligned; it
 * lives as long as the worker. Returns 0, or what the run is to fail with: a
 * code, and in err->msg a sentence. No other worker is tried then in this run;
 * the next run begins with new ones. */
typedef int (*foray_worker_init_fn)(void **state, int worker,
                                    const void *params,
                                    struct foray_error *err);

/* Its end. Called when the pool is closed, and in a worker that makes room for
 * another (idle_timeout, max_tasks, max_rss); killed when it takes longer than
 * the grace. Not called in a worker that died, was killed, or whose init
 * failed. */
typedef void (*foray_worker_fini_fn)(void *state);

/* max_nbytes of arrays that are always copied, never dumped; a limit of memory
 * that is none, also where an outer level has one. */
#define FORAY_NEVER SIZE_MAX

/* retries that are none, also where an outer level has some. */
enum { FORAY_NO_RETRIES = -1 };

/* Zero everywhere means unset: what foray_config_push set, or else the
 * environment, or else the default, decides (config.h). */
struct foray_config {
    int n_jobs;              /* workers; -1 all usable CPUs (default), -2 all
                                but one; above 0 that many */
    const char *backend;     /* "fork": workers from this process, the default;
                                "forkserver": from its zygote, the default
                                after foray_init; "threads": threads of this
                                process, unprotected, which share its memory;
                                "serial": tasks run in the caller, one after
                                another, unprotected.
                                FORAY_FORCE_BACKEND overrides it */
    const char *prefer;      /* "processes" or "threads"; ignored when a
                                backend is named */
    const char *require;     /* "sharedmem": tasks must see the caller's memory.
                                An explicit backend in which they do not is
                                FORAY_EINVAL, one set by foray_config_push or
                                the environment is replaced by "threads" */
    int inner_threads;       /* threads of BLAS and OpenMP in a worker;
                                0: max(cpu_count / n_jobs, 1), and more for
                                the last tasks: foray_task_threads */
    const char *temp_folder; /* of arrays dumped for a run; see storage.h */
    size_t max_nbytes;       /* arguments of calls: private arrays are dumped
                                above it; 0: 1 MiB; or FORAY_NEVER (but for
                                those above 8 MiB) */
    const char *mmap_mode;   /* how calls see dumped arrays: "r" (default),
                                "r+", "c"; "w+" acts as "r+" */
    const char *pre_dispatch; /* calls made ahead: "all", a number, or an
                                 expression of n_jobs; NULL: "2*n_jobs" */
    int batch_size;           /* calls a worker takes at once, 4096 at most; 0:
                                 automatic */
    int retries;    /* of a task that failed, crashed or took too long; or
                       FORAY_NO_RETRIES */
    double timeout; /* seconds that one try of a task may take, from its own
                       start, whatever the caller does meanwhile: its worker is
                       killed then. Not held by "threads" and "serial",
                       which say so to `log`. 0: no limit;
                       INFINITY: no limit, also where an outer level has one */
    enum foray_on_error on_error; /* stop */
    bool capture; /* what calls write to standard output and error comes back
                     with their results, foray_result_output; not of
                     foray_map and foray_for, nor of serial and threads */
    bool guard;   /* foray_map: a store outside of the task's slice of an
                     `inout` or `out` array is that task's error, with array
                     and index, and changes nothing. Costs a copy of each
                     slice; not in serial and threads */
    double grace; /* seconds between the cancel flag and SIGKILL; 0: 1 s;
                     threads are not killed */
    foray_progress_fn progress;
    void *progress_arg;
    double progress_interval; /* seconds; 0: 0.5 */
    foray_log_fn log;
    void *log_arg;
    foray_death_fn death;
    void *death_arg;
    const int *keep_fds; /* descriptors that workers keep open */
    size_t n_keep_fds;
    /* The life of a worker. `serial` and `threads` call init and fini once, in
     * the thread that opens and closes the pool, and all tasks have one state;
     * the rest means nothing there. */
    foray_worker_init_fn init; /* in each new worker, before its first task */
    foray_worker_fini_fn fini; /* in a worker that ends in an orderly way */
    const void *init_params;   /* what init gets: a copy of these bytes. It
                                  counts as one field with init and fini */
    size_t init_params_size;
    double idle_timeout; /* seconds that a worker waits for work before it
                            ends: another is forked when there is work again.
                            0: 300 s; INFINITY: it never ends */
    size_t max_tasks;    /* a worker is replaced after so many tasks; 0 or
                            SIZE_MAX: never */
    size_t max_rss;      /* or when it has more bytes of memory of its own after
                            a task: what it shares, with this process or
                            through arrays, does not count. 0 or SIZE_MAX: no
                            limit */
    size_t memory;       /* bytes that the tasks of all workers may have at one
                            time, beyond what their workers had before them:
                            see foray_task_reserve; 0 or FORAY_NEVER: any
                            number */
    bool bind; /* each worker to inner_threads CPUs of its own, one after the
                  other over those usable, each physical core's first thread
                  first; when they are used up, from the begin again */
};

/** Start the workers. `config` may be NULL.
 *  Errors: FORAY_EINVAL (unknown backend: lists them; "forkserver" without
 *  foray_init; n_jobs > 4096; another field, or a variable, that makes no
 *  sense: names it; pools nested too deep), FORAY_EAGAIN (fork refused),
 *  FORAY_ENOMEM, FORAY_ECRASH (the zygote has died), FORAY_EFORK (it is a
 *  parent's), with "serial" and "threads" what `init` fails with. Nothing is
 *  left then.
 *  Fork: OpenMP runtimes of this process are quiesced first; threads of its
 *  own do not exist in the workers, nor do locks they hold become free.
 *  Owner: the caller, foray_pool_close. */
FORAY_API FORAY_CHECK int foray_pool_open(struct foray_pool **out,
                                          const struct foray_config *config,
                                          struct foray_error *err);

/** End the workers and free the pool; NULL does nothing. Workers with a `fini`
 *  are waited for, at most the grace.
 *  Returns 0; FORAY_EBUSY during a run; FORAY_EFORK in a child process, where
 *  nothing happens. */
FORAY_API int foray_pool_close(struct foray_pool *pool);

/** Cancel the run under way, or else the next one: no new tasks, running ones
 *  see foray_task_cancelled, then SIGKILL after the grace (threads and serial:
 *  the run waits for them); the run returns
 *  FORAY_ECANCELED, also if its last task was done by then. Any thread; safe in
 *  signal handlers. Fork: does nothing in a child. */
FORAY_API void foray_pool_cancel(struct foray_pool *pool);

/** Number of workers (1 for serial).  Threads: any, also of the next two. */
FORAY_API int foray_pool_n_jobs(const struct foray_pool *pool);

/** Threads that BLAS and OpenMP may use in a worker while there is work for
 *  all; foray_task_threads is what they may use in a task. */
FORAY_API int foray_pool_inner_threads(const struct foray_pool *pool);

/** "fork", "forkserver", "threads", "serial", or the name of a registered one.
 *  Owner: the library. */
FORAY_API const char *foray_pool_backend(const struct foray_pool *pool);

/** Process id of the worker in a slot, this process's if it is a thread, 0 when
 *  there is none at the moment.  Threads: the one that uses the pool. */
FORAY_API pid_t foray_pool_worker_pid(const struct foray_pool *pool, int slot);

FORAY_END
#endif
