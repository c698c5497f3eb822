/* The zygote's own life: a small process with one thread that forks workers
 * for the program, and tells how they ended. Here is also what the two say to
 * each other: a request, behind it the numbers of descriptors and the
 * environment; one answer to each. */
#ifndef FORAY_ENGINE_NURSERY_H
#define FORAY_ENGINE_NURSERY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/claims.h"
#include "engine/nesting.h"
#include "engine/post.h"
#include "machine/runtimes.h"

enum foray__request_kind {
    FORAY__REQUEST_FORK,  /* a worker */
    FORAY__REQUEST_ENDED, /* has `pid` ended? */
    FORAY__REQUEST_REAP   /* it has: the wait status */
};

/* Descriptors of a request for a worker: first these, then those that have the
 * numbers in the worker that they have in the program, so that a number of the
 * program's that is not to be kept is nothing there. */
enum foray__posted {
    FORAY__POSTED_AREA,   /* the pool's shared memory */
    FORAY__POSTED_FOLDER, /* the working directory */
    FORAY__POSTED_OWN
};
enum foray__numbers {
    FORAY__NUMBER_CHANNEL, /* the worker's ends */
    FORAY__NUMBER_LIFELINE,
    FORAY__NUMBER_ALARM,
    FORAY__NUMBER_KEPT, /* from here on: streams, and what is to be kept */
    FORAY__MAX_NUMBERED = FORAY__MAX_POSTED - FORAY__POSTED_OWN
};

/* No padding in what is sent: each byte of it is set. */
struct foray__numbered {
    int number;
    int close_on_exec;
};

struct foray__request {
    enum foray__request_kind kind;
    pid_t pid;
    struct foray__owner owner;
    int inner_threads, spins;
    struct foray__nesting nesting;
    int pidfd; /* not 0: one is wanted, if the kernel has them */
    uint32_t n_numbered;
    uint64_t area_size;
    uint64_t environment_size; /* bytes of strings, each with its NUL */
};

struct foray__answer {
    int sys_errno; /* why no worker could be forked, 0 */
    pid_t pid;     /* the worker's; a pidfd comes along, if there is one */
    int status;    /* wait status, -1 when it is not known */
    int ended;
};

/* Serve requests until the program ends. In a fresh child of it. */
_Noreturn void foray__nursery_main(int socket, int lifeline,
                                   const struct foray__runtimes *runtimes);

#endif
