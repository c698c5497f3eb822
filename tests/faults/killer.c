#include "killer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "deeds.h"
#include "helpers.h"

/* splitmix64: S. Vigna, prng.di.unimi.it */
static uint64_t below(struct killer *killer, uint64_t n)
{
    uint64_t z = killer->state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % n;
}

static bool is_hitting(const struct killer *killer)
{
    return atomic_load(&killer->running) && !atomic_load(&killer->ending);
}

/* Whoever serves a random slot at the moment. Of backends from outside, which
 * do not tell, whoever runs a task there. */
static pid_t choose(struct killer *killer)
{
    int n_jobs = foray_pool_n_jobs(killer->pool);
    int slot = (int)below(killer, (uint64_t)n_jobs);
    pid_t pid = foray_pool_worker_pid(killer->pool, slot);

    if (pid <= 0)
        pid = atomic_load(&marks->pids[slot % MAX_SLOTS]);
    return pid > 0 && pid != getpid() ? pid : 0;
}

static void hit(struct killer *killer)
{
    enum blow blow = killer->stops && below(killer, 2) ? BLOW_STOP : BLOW_KILL;
    pid_t pid = choose(killer);

    if (!pid ||
        (blow == BLOW_KILL &&
         atomic_load(&killer->blows[BLOW_KILL]) >= killer->most) ||
        kill(pid, blow == BLOW_KILL ? SIGKILL : SIGSTOP))
        return;
    atomic_fetch_add(&killer->blows[blow], 1);
    if (blow == BLOW_STOP) {
        nap(1e-6 * (double)below(killer, 5000));
        kill(pid, SIGCONT);
    }
}

/* Where newcomers take long to come, none would live to begin a task. */
static void await_progress(const struct killer *killer, size_t before)
{
    while (is_hitting(killer) && atomic_load(&marks->n_begun) == before)
        nap(100e-6);
}

static void *hit_now_and_then(void *arg)
{
    struct killer *killer = arg;

    while (!atomic_load(&killer->ending)) {
        size_t n_begun = atomic_load(&marks->n_begun);

        nap(killer->pause * 1e-6 * (double)below(killer, 1000000));
        if (!is_hitting(killer))
            continue;
        hit(killer);
        await_progress(killer, n_begun);
    }
    return NULL;
}

void killer_start(struct killer *killer)
{
    if (!pthread_create(&killer->thread, NULL, hit_now_and_then, killer))
        return;
    fputs("no thread for a killer\n", stderr);
    abort();
}

void killer_run(struct killer *killer)
{
    atomic_store(&killer->running, true);
}

void killer_rest(struct killer *killer)
{
    atomic_store(&killer->running, false);
}

void killer_end(struct killer *killer)
{
    atomic_store(&killer->ending, true);
    pthread_join(killer->thread, NULL);
}
