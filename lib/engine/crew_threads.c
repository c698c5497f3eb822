#include "engine/crew_threads.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/registry.h"
#include "engine/stream_handed.h"
#include "engine/watch.h"
#include "engine/worker.h"
#include "machine/cap.h"
#include "storage/segment.h"

/* Segments that a thread knows the places of at most. */
enum { MAX_NOTED = 64 };

/* Seconds that the caller runs short tasks before it looks at the others. */
static const double patience = 1e-3;

/* Whoever serves a slot: a thread, or the caller. */
struct thread {
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

struct foray__threads {
    struct foray__crew *crew;
    struct foray__cap cap;
    atomic_bool leave;
    bool caller_works;               /* in the present run */
    struct foray__thread_cap before; /* the caller's, before it worked */
    struct thread *caller;
    struct thread *items; /* of each slot */
    _Atomic(struct foray__handed *) *handed;
};

static struct thread *of(struct foray__labor *labor)
{
    return (struct thread *)labor;
}

static void catch_up(struct foray__labor *labor)
{
    (void)labor; /* all segments of the process are there */
}

/* Where a segment is for tasks: where the program has it, but in mode c a
 * mapping for this thread. NULL: there can be none. Both hold for a claim, and
 * the list of the former tells the mailbag what is the program's. */
static const void *find(struct foray__labor *labor, uint64_t id,
                        enum foray__access access)
{
    struct foray__attachments *noted = &of(labor)->noted;
    const struct foray__attachment *item =
        foray__attachments_find(noted, id, access);
    const struct foray_segment *segment;

    if (item)
        return item->base;
    segment = foray__segment_find(id);
    if (!segment)
        return NULL;
    if (access == FORAY__ACCESS_COPY) {
        labor->resets = true;
        return foray__attachments_copy(&labor->attachments, segment);
    }
    if (noted->n == MAX_NOTED)
        noted->n = 0;
    foray__attachments_note(noted, id, access, segment->base, segment->length);
    return segment->base;
}

static const void *base_of(const struct foray__packet_array *from, void *arg)
{
    return find(arg, from->segment, (enum foray__access)from->access);
}

static int open_argument(struct foray__labor *labor, int k)
{
    const struct foray__descriptor *arg = &labor->shared->order.args[k];
    const void *base;

    if (!arg->segment) { /* the program's own memory */
        labor->task.full[k] = arg->view;
        return 0;
    }
    base = find(labor, arg->segment, arg->access);
    if (!base)
        return foray__fail(&labor->setup_error, FORAY_ENOMEM,
                           "thread %d cannot map an array of mode c",
                           (int)labor->worker->owner.slot);
    foray__descriptor_open(&labor->task.full[k], arg, (void *)(uintptr_t)base);
    if (labor->shared->order.filed >> k & 1)
        labor->flow.files[k] = (struct foray__flow_file){
            foray__segment_find(arg->segment)->fd, base};
    return 0;
}

static void hand_over(struct foray__labor *labor)
{
    unsigned slot = labor->worker->owner.slot;

    foray__handed_post(&of(labor)->all->handed[slot], (int)slot,
                       &labor->mailbag);
}

/* Private mappings end with the claim: nobody tells a thread when the segment
 * is closed. */
static void rest(struct foray__labor *labor)
{
    of(labor)->noted.n = 0;
    if (!labor->attachments.n)
        return;
    foray__attachments_fini(&labor->attachments);
    labor->prepared = 0;
}

static void look(struct foray__labor *labor)
{
    struct thread *caller = of(labor);
    struct foray__nesting inside = foray__nesting_swap(caller->outside);
    struct foray__level *level = foray__level_swap(labor->level.outer);

    caller->watch->ops->glance(caller->watch);
    labor->level.outer = foray__level_swap(level);
    foray__nesting_swap(inside);
    caller->looked = foray__now();
}

static void look_sometimes(struct foray__labor *labor)
{
    if (foray__now() - of(labor)->looked > patience)
        look(labor);
}

static const struct foray__labor_ops thread_ops = {
    .catch_up = catch_up,
    .open_argument = open_argument,
    .hand_over = hand_over,
    .rest = rest,
};

static const struct foray__labor_ops caller_ops = {
    .catch_up = catch_up,
    .open_argument = open_argument,
    .hand_over = hand_over,
    .between = look_sometimes,
    .collect = look,
    .rest = rest,
};

/* Run what can be claimed of the present run. */
static void serve(struct foray__labor *labor)
{
    uint32_t generation = atomic_load_explicit(
        &labor->shared->claims.generation, memory_order_acquire);

    if (!atomic_load(&labor->slot->admitted))
        return;
    while (foray__labor_step(labor, generation))
        ;
}

static void *serve_until_left(void *arg)
{
    struct thread *thread = arg;
    struct foray__labor *labor = &thread->labor;
    struct foray__doorbell *bell = &labor->shared->doorbell;
    struct foray__thread_cap before;
    uint32_t seen;

    foray__cap_thread(&before, &thread->all->cap);
    foray__nesting_swap(thread->all->crew->pool->nesting);
    for (;;) {
        seen = atomic_load(&bell->count);
        if (atomic_load(&thread->all->leave))
            break;
        serve(labor);
        foray__labor_notify(labor);
        foray__doorbell_wait(bell, seen, labor->worker->spins, INFINITY,
                             &labor->slot->asleep);
    }
    return NULL;
}

static void init(struct foray__threads *threads, struct thread *thread,
                 unsigned slot, const struct foray__labor_ops *ops)
{
    const struct foray__crew *crew = threads->crew;

    thread->all = threads;
    thread->worker = (struct foray__worker){
        .shared = crew->shared,
        .owner = {.slot = slot},
        .channel = -1,
        .lifeline = -1,
        .alarm = crew->alarm.ringer,
        .spins = crew->spins,
        .inner_threads = crew->pool->inner_threads,
    };
    foray__labor_init(&thread->labor, &thread->worker, ops, base_of);
    thread->labor.mailbag.attachments = &thread->noted;
    thread->labor.mailbag.folder = crew->pool->config.temp_folder;
    thread->labor.task.state = crew->pool->worker_state;
    thread->labor.task.n_threads = crew->pool->inner_threads;
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
        if (threads) {
            free(threads->caller);
            free(threads->items);
            free((void *)threads->handed);
        }
        free(threads);
        return foray__fail(err, FORAY_ENOMEM, "no memory for a pool");
    }
    threads->crew = crew;
    init(threads, threads->caller, 0, &caller_ops);
    for (size_t slot = 0; slot < n; slot++)
        init(threads, &threads->items[slot], (unsigned)slot, &thread_ops);
    foray__registry_start();
    foray__cap_hold(&threads->cap, crew->pool->inner_threads);
    crew->threads = threads;
    return 0;
}

static void free_labor(struct foray__labor *labor)
{
    foray__attachments_forget(&of(labor)->noted);
    foray__mailbag_empty(&labor->mailbag);
    foray__attachments_fini(&labor->attachments);
    foray__bytes_free(&labor->task.returned);
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
        free_labor(&threads->items[slot].labor);
    }
    free_labor(&threads->caller->labor);
    foray__cap_release(&threads->cap);
    free(threads->caller);
    free(threads->items);
    free((void *)threads->handed);
    free(threads);
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

/* Signals of the program are for its own threads; those of faults and of
 * profilers are this thread's. */
static void block_signals(sigset_t *before)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE,  SIGILL,
                              SIGABRT, SIGSYS, SIGTRAP, SIGPROF};
    sigset_t others;

    sigfillset(&others);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        sigdelset(&others, own[i]);
    pthread_sigmask(SIG_BLOCK, &others, before);
}

static int start(struct foray__crew *crew, int slot, struct foray_error *err)
{
    struct thread *thread = &crew->threads->items[slot];
    sigset_t before;
    char name[24];
    int why;

    block_signals(&before);
    why = pthread_create(&thread->id, NULL, serve_until_left, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (why)
        return foray__fail_errno(err, why,
                                 "cannot start thread %d of %d: lower n_jobs, "
                                 "or raise the limit of processes (ulimit -u)",
                                 slot, crew->pool->n_jobs);
    snprintf(name, sizeof name, "foray:%d", slot); /* 15 are shown */
    pthread_setname_np(thread->id, name);
    crew->members[slot].alive = true;
    return 0;
}

int foray__threads_fill(struct foray__crew *crew, struct foray_error *err)
{
    for (int slot = crew->threads->caller_works; slot < crew->pool->n_jobs;
         slot++)
        if (!crew->members[slot].alive)
            FORAY_TRY(start(crew, slot, err));
    return 0;
}

bool foray__threads_admit(const struct foray__crew *crew, int slot)
{
    return !crew->threads || slot || !crew->threads->caller_works;
}

bool foray__threads_work(struct foray__crew *crew, struct foray__watch *watch)
{
    struct foray__threads *threads = crew->threads;
    struct thread *caller;
    bool worked;

    if (!threads || !threads->caller_works)
        return false;
    caller = threads->caller;
    caller->watch = watch;
    caller->looked = foray__now();
    caller->outside = foray__nesting_swap(crew->pool->nesting);
    worked = foray__labor_step(&caller->labor, watch->generation);
    foray__nesting_swap(caller->outside);
    return worked;
}

struct foray__handed *foray__threads_take(struct foray__crew *crew, int slot)
{
    return atomic_exchange(&crew->threads->handed[slot], NULL);
}
