#include "machine/cap.h"

#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct foray__cap *caps;

/* Runtimes of the process that were capped, and what they had. Large, and one
 * for the process. */
static struct foray__runtimes known;
static int before[FORAY__MAX_RUNTIMES];

static void lock_caps(void)
{
    pthread_mutex_lock(&lock);
}

static void unlock_caps(void)
{
    pthread_mutex_unlock(&lock);
}

/* The pools of threads are the parent's. */
static void forget(void)
{
    caps = NULL;
    known.count = 0;
    unlock_caps();
}

static void watch_forks(void)
{
    pthread_atfork(lock_caps, unlock_caps, forget);
}

void foray__cap_watch_forks(void)
{
    pthread_once(&once, watch_forks);
}

static int threads_of(const struct foray__runtime_calls *calls)
{
    int n = calls->get_threads ? calls->get_threads() : 0;

    return n > 0 ? n : 0;
}

/* Remember those that nobody has capped yet. */
static void add_new(const struct foray__runtimes *runtimes)
{
    for (int i = 0; i < runtimes->count; i++) {
        const struct foray__runtime_calls *calls = &runtimes->items[i];

        if (calls->per_thread || foray__runtimes_has(&known, calls) ||
            known.count == FORAY__MAX_RUNTIMES)
            continue;
        before[known.count] = threads_of(calls);
        known.items[known.count++] = *calls;
    }
}

static void apply(void)
{
    int least = caps->n_threads;

    for (const struct foray__cap *cap = caps; cap; cap = cap->next)
        if (cap->n_threads < least)
            least = cap->n_threads;
    for (int i = 0; i < known.count; i++)
        known.items[i].set_threads(least);
}

/* Those that the program has unloaded meanwhile must not be called. */
static void restore(const struct foray__runtimes *present)
{
    for (int i = 0; i < known.count; i++)
        if (before[i] && foray__runtimes_has(present, &known.items[i]))
            known.items[i].set_threads(before[i]);
    known.count = 0;
}

/* Forget those that are gone. */
static void keep_present(const struct foray__runtimes *present)
{
    int n = 0;

    for (int i = 0; i < known.count; i++) {
        if (!foray__runtimes_has(present, &known.items[i]))
            continue;
        before[n] = before[i];
        known.items[n++] = known.items[i];
    }
    known.count = n;
}

void foray__cap_hold(struct foray__cap *cap, int n_threads)
{
    foray__runtimes_scan(&cap->runtimes);
    cap->n_threads = n_threads;
    lock_caps();
    cap->next = caps;
    caps = cap;
    keep_present(&cap->runtimes);
    add_new(&cap->runtimes);
    apply();
    unlock_caps();
}

void foray__cap_release(struct foray__cap *cap)
{
    struct foray__cap **at = &caps;

    foray__runtimes_scan(&cap->runtimes);
    lock_caps();
    while (*at != cap)
        at = &(*at)->next;
    *at = cap->next;
    if (!caps) {
        restore(&cap->runtimes);
    } else {
        keep_present(&cap->runtimes);
        apply();
    }
    unlock_caps();
}

void foray__cap_thread(struct foray__thread_cap *had,
                       const struct foray__cap *cap)
{
    for (int i = 0; i < cap->runtimes.count; i++) {
        const struct foray__runtime_calls *calls = &cap->runtimes.items[i];

        had->n_threads[i] = 0;
        if (!calls->per_thread)
            continue;
        had->n_threads[i] = threads_of(calls);
        calls->set_threads(cap->n_threads);
    }
}

void foray__uncap_thread(const struct foray__thread_cap *had,
                         const struct foray__cap *cap)
{
    for (int i = 0; i < cap->runtimes.count; i++)
        if (had->n_threads[i])
            cap->runtimes.items[i].set_threads(had->n_threads[i]);
}
