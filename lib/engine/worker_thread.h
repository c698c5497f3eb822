/* One thread of a crew whose members are threads, from its start to its end:
 * claims are run as worker.h has it, with the program's own memory as it is,
 * and signals left to the program's threads. The caller is one of them, too,
 * for the time of a claim; nobody starts it. */
#ifndef FORAY_ENGINE_WORKER_THREAD_H
#define FORAY_ENGINE_WORKER_THREAD_H

#include <pthread.h>

#include "engine/crew.h"
#include "engine/worker.h"
#include "machine/cap.h"

struct foray__watch;
struct foray__handed;

/* Whoever serves a slot: a thread, or the caller. Large: never on a stack. */
struct foray__worker_thread {
    struct foray__labor labor; /* first: ops get its address */
    struct foray__worker worker;
    struct foray__threads *all;
    pthread_t id;
    struct foray__attachments noted; /* where segments of the process are */
    /* Of the caller. */
    struct foray__watch *watch; /* what it is to look at between tasks */
    double looked;
    struct foray__nesting outside;
};

/* The threads of a crew, and what they share. */
struct foray__threads {
    struct foray__crew *crew;
    struct foray__cap cap;
    atomic_bool leave;
    bool caller_works;               /* in the present run */
    struct foray__thread_cap before; /* the caller's, before it worked */
    struct foray__worker_thread *caller;
    struct foray__worker_thread *items; /* of each slot */
    _Atomic(struct foray__handed *) *handed;
};

/* For slot `slot`, zeroed before; it does not run yet. */
void foray__worker_thread_init(struct foray__worker_thread *thread,
                               struct foray__threads *all, int slot,
                               bool is_caller);

/* Free what it has. It runs no more. */
void foray__worker_thread_fini(struct foray__worker_thread *thread);

/* Let it run until `leave`. Errors: FORAY_EAGAIN. */
int foray__worker_thread_start(struct foray__worker_thread *thread,
                               struct foray_error *err);

/* Run one claim in this thread, the caller's. False: there is none. */
bool foray__worker_thread_lend(struct foray__worker_thread *caller,
                               struct foray__watch *watch);

#endif
