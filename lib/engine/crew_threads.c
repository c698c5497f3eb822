#include "engine/crew_threads.h"

#include <stdlib.h>

#include "base/error.h"
#include "engine/registry.h"
#include "engine/worker_thread.h"

static void free_memory(struct foray__threads *threads)
{
    if (!threads)
        return;
    free(threads->caller);
    free(threads->items);
    free((void *)threads->handed);
    free(threads);
}

int foray__threads_new(struct foray__crew *crew, struct foray_error *err)
{
    size_t n = (size_t)crew->pool->n_jobs;
    struct foray__threads *threads = calloc(1, sizeof *threads);

    if (threads) {
        threads->caller = calloc(1, sizeof *threads->caller);
        threads->items = calloc(n, sizeof *threads->items);
        threads->handed = calloc(n, sizeof *threads->handed);
    }
    if (!threads || !threads->caller || !threads->items || !threads->handed) {
        free_memory(threads);
        return foray__fail(err, FORAY_ENOMEM, "no memory for a pool");
    }
    threads->crew = crew;
    foray__worker_thread_init(threads->caller, threads, 0, true);
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        foray__worker_thread_init(&threads->items[slot], threads, slot, false);
    foray__registry_start();
    foray__cap_hold(&threads->cap, crew->pool->inner_threads);
    crew->threads = threads;
    return 0;
}

void foray__threads_free(struct foray__crew *crew)
{
    struct foray__threads *threads = crew->threads;

    atomic_store(&threads->leave, true);
    foray__doorbell_ring(&crew->shared->doorbell);
    for (int slot = 0; slot < crew->pool->n_jobs; slot++) {
        if (crew->members[slot].alive)
            pthread_join(threads->items[slot].id, NULL);
        crew->members[slot].alive = false;
        foray__worker_thread_fini(&threads->items[slot]);
    }
    foray__worker_thread_fini(threads->caller);
    foray__cap_release(&threads->cap);
    free_memory(threads);
    crew->threads = NULL;
}

void foray__threads_begin(struct foray__crew *crew, bool caller_works)
{
    crew->threads->caller_works = caller_works;
    if (caller_works)
        foray__cap_thread(&crew->threads->before, &crew->threads->cap);
}

void foray__threads_end(struct foray__crew *crew)
{
    if (crew->threads->caller_works)
        foray__uncap_thread(&crew->threads->before, &crew->threads->cap);
    crew->threads->caller_works = false;
}

int foray__threads_fill(struct foray__crew *crew, struct foray_error *err)
{
    struct foray__threads *threads = crew->threads;

    for (int slot = threads->caller_works; slot < crew->pool->n_jobs; slot++) {
        if (crew->members[slot].alive)
            continue;
        FORAY_TRY(foray__worker_thread_start(&threads->items[slot], err));
        crew->members[slot].alive = true;
    }
    return 0;
}

bool foray__threads_admit(const struct foray__crew *crew, int slot)
{
    return !crew->threads || slot || !crew->threads->caller_works;
}

bool foray__threads_work(struct foray__crew *crew, struct foray__watch *watch)
{
    struct foray__threads *threads = crew->threads;

    return threads && threads->caller_works &&
           foray__worker_thread_lend(threads->caller, watch);
}

struct foray__handed *foray__threads_take(struct foray__crew *crew, int slot)
{
    return atomic_exchange(&crew->threads->handed[slot], NULL);
}
