#include "engine/worker_thread.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/stream_handed.h"
#include "engine/watch.h"
#include "storage/segment.h"

/* Segments that a thread knows the places of at most. */
enum { MAX_NOTED = 64 };

/* Seconds that the caller runs short tasks before it looks at the others. */
static const double patience = 1e-3;

static struct foray__worker_thread *of(struct foray__labor *labor)
{
    return (struct foray__worker_thread *)labor;
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
    struct foray__worker_thread *caller = of(labor);
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
    struct foray__worker_thread *thread = arg;
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

void foray__worker_thread_init(struct foray__worker_thread *thread,
                               struct foray__threads *all, int slot,
                               bool is_caller)
{
    const struct foray__crew *crew = all->crew;

    thread->all = all;
    thread->worker = (struct foray__worker){
        .shared = crew->shared,
        .owner = {.slot = (unsigned)slot},
        .channel = -1,
        .lifeline = -1,
        .alarm = crew->alarm.ringer,
        .spins = crew->spins,
        .inner_threads = crew->pool->inner_threads,
    };
    atomic_store(&crew->shared->slots[slot].current, FORAY__NO_TASK);
    foray__labor_init(&thread->labor, &thread->worker,
                      is_caller ? &caller_ops : &thread_ops, base_of);
    thread->labor.mailbag.attachments = &thread->noted;
    thread->labor.mailbag.folder = crew->pool->config.temp_folder;
    thread->labor.task.state = crew->pool->worker_state;
    thread->labor.task.n_threads = crew->pool->inner_threads;
}

void foray__worker_thread_fini(struct foray__worker_thread *thread)
{
    struct foray__labor *labor = &thread->labor;

    foray__attachments_forget(&thread->noted);
    foray__mailbag_empty(&labor->mailbag);
    foray__attachments_fini(&labor->attachments);
    foray__bytes_free(&labor->task.returned);
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

int foray__worker_thread_start(struct foray__worker_thread *thread,
                               struct foray_error *err)
{
    int slot = (int)thread->worker.owner.slot, why;
    sigset_t before;
    char name[24];

    block_signals(&before);
    why = pthread_create(&thread->id, NULL, serve_until_left, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (why)
        return foray__fail_errno(err, why,
                                 "cannot start thread %d of %d: lower n_jobs, "
                                 "or raise the limit of processes (ulimit -u)",
                                 slot, thread->all->crew->pool->n_jobs);
    snprintf(name, sizeof name, "foray:%d", slot); /* 15 are shown */
    pthread_setname_np(thread->id, name);
    return 0;
}

bool foray__worker_thread_lend(struct foray__worker_thread *caller,
                               struct foray__watch *watch)
{
    bool worked;

    caller->watch = watch;
    caller->looked = foray__now();
    caller->outside = foray__nesting_swap(caller->all->crew->pool->nesting);
    worked = foray__labor_step(&caller->labor, watch->generation);
    foray__nesting_swap(caller->outside);
    return worked;
}
