/* BLAS and OpenMP runtimes of this process: found and quiesced in the parent,
 * capped in the worker, which must not call the dynamic linker. */
#ifndef FORAY_MACHINE_RUNTIMES_H
#define FORAY_MACHINE_RUNTIMES_H

#include <foray/machine.h>

enum { FORAY__MAX_RUNTIMES = 16 };

struct foray__runtimes {
    int count;
    bool busy; /* threads that could not be ended: one thread in a child */
    struct foray__runtime_calls {
        struct foray_runtime about;
        bool pause_first; /* before fork, or a child hangs */
        bool per_thread;  /* its number is the calling thread's own */
        void (*set_threads)(int n);
        int (*get_threads)(void); /* may be NULL */
        int (*pause)(int kind);   /* omp_pause_resource_all, may be NULL */
        int (*in_parallel)(void); /* omp_in_parallel, may be NULL */
    } items[FORAY__MAX_RUNTIMES];
};

/* Find them and resolve their calls, which hold as long as the host unloads
 * none. Loads nothing, keeps nothing open. Parent, before each fork. */
void foray__runtimes_scan(struct foray__runtimes *out);

/* Whether one with the same calls is among them. */
bool foray__runtimes_has(const struct foray__runtimes *runtimes,
                         const struct foray__runtime_calls *calls);

/* End the threads of every libgomp, so that a child can make its own: a child
 * of a busy libgomp hangs otherwise. Where that is impossible (inside
 * a parallel region; a libgomp before gcc 9) and threads are there, `busy` says
 * so. Parent, in the thread that forks, right before fork. */
void foray__runtimes_quiesce(struct foray__runtimes *runtimes);

/* Cap every runtime to `nthreads` by its own call; to 1 when `busy`, which
 * never hangs. Worker, after fork, in the thread that will use them. */
void foray__runtimes_cap(const struct foray__runtimes *runtimes, int nthreads);

/* What each of them says to be capped to, 0: nothing. Those that still say what
 * they said get another number, and `said` what they say then; one that is busy
 * keeps its one thread. Worker, in the thread that will use them. */
void foray__runtimes_ask(int said[FORAY__MAX_RUNTIMES],
                         const struct foray__runtimes *runtimes);
void foray__runtimes_change(const struct foray__runtimes *runtimes,
                            int said[FORAY__MAX_RUNTIMES], int nthreads);

/* The environment with OMP_NUM_THREADS and its kin set to `nthreads` (those
 * the user set stay if `keep_user`), for what a worker loads or executes
 * later. Made in the parent: a forked child must not take setenv's lock.
 * One malloc'ed block, NULL when out of memory; free() it. */
char **foray__runtimes_environ(int nthreads, bool keep_user);

#endif
