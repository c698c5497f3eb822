/* A thread of the host that sends signals to workers at random moments. */
#ifndef FORAY_TESTS_KILLER_H
#define FORAY_TESTS_KILLER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <foray.h>

/* What is done to a worker. */
enum blow {
    BLOW_KILL,
    BLOW_STOP, /* stopped, and continued some milliseconds later */
    N_BLOWS
};

struct killer {
    struct foray_pool *pool;
    uint64_t state; /* of its random numbers */
    double pause;   /* seconds between two blows, at most */
    bool stops;     /* half of the blows */
    size_t most;    /* kills */
    /* Its own. */
    pthread_t thread;
    atomic_bool running, ending;
    _Atomic size_t blows[N_BLOWS];
};

/* Begin; only what comes between killer_run and killer_rest is hit. */
void killer_start(struct killer *killer);
void killer_run(struct killer *killer);
void killer_rest(struct killer *killer);
void killer_end(struct killer *killer);

#endif
