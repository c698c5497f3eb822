#include "engine/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/alarm.h"
#include "engine/attachments.h"
#include "engine/deadline.h"
#include "engine/fault.h"
#include "engine/heap.h"
#include "engine/lifeline.h"
#include "engine/mailbag.h"
#include "machine/runtimes.h"

/* Seconds that outcomes of calls may wait before a sleeping parent is woken:
 * many short calls wake it once. */
static const double patience = 200e-6;

/* Seconds after which a worker gives the rest of a batch back, if another is
 * idle: its calls are slower than those it was measured by. */
static const double too_long = 10e-3;

struct state {
    const struct foray__worker *worker;
    struct foray__shared *shared;
    struct foray__slot *slot;
    struct foray__attachments attachments;
    struct foray__mailbag mailbag;
    struct foray__office office;
    uint32_t prepared; /* generation that `task` is ready for */
    bool resets;       /* some argument is mode c */
    int setup_code;    /* not 0: every task of the run fails like this */
    struct foray_error setup_error;
    double told;    /* when the parent was last woken */
    double claimed; /* when the present claim began */
    double now;     /* when the last call ended */
    struct foray_task task;
};

/* Wake the parent if it sleeps. */
static void notify(struct state *state)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load(&state->shared->parent_sleeps))
        foray__alarm_ring(state->worker->alarm);
}

/* Take every message the parent has sent. */
static void read_channel(struct state *state)
{
    struct foray__message message;
    int fd, got;

    while (atomic_load_explicit(&state->slot->received, memory_order_relaxed) !=
           atomic_load(&state->slot->sent)) {
        got = foray__channel_receive(state->worker->channel, &message, &fd);
        if (got < 0)
            _exit(125); /* the parent is gone */
        if (got == 0)
            continue;
        atomic_fetch_add(&state->slot->received, 1);
        if (message.drop)
            foray__attachments_drop(&state->attachments, message.segment);
        else if (foray__attachments_map(&state->attachments, message.segment,
                                        message.access, fd,
                                        (size_t)message.length))
            _exit(125); /* out of memory for a few bytes */
        if (fd >= 0)
            close(fd);
    }
}

static int open_argument(struct state *state, int k)
{
    const struct foray__descriptor *arg = &state->shared->order.args[k];
    const struct foray__attachment *attachment =
        foray__attachments_find(&state->attachments, arg->segment, arg->access);

    if (!attachment || !attachment->base)
        return foray__fail_errno(&state->setup_error,
                                 attachment ? attachment->sys_errno : EINVAL,
                                 "worker %d cannot map a segment of %zu bytes",
                                 (int)state->worker->owner.slot,
                                 attachment ? attachment->length : 0);
    foray__descriptor_open(&state->task.full[k], arg, attachment->base);
    state->resets |= arg->access == FORAY__ACCESS_COPY;
    return 0;
}

/* The function's address here, if its library was loaded by the parent only.
 * The library may bring thread pools of its own. */
static int find_function(struct state *state)
{
    const struct foray__order *order = &state->shared->order;
    struct foray__runtimes runtimes;
    bool loaded;

    if (!order->function.by_file)
        return 0;
    FORAY_TRY(foray__function_find(&state->task.fn, &order->function, &loaded,
                                   &state->setup_error));
    if (loaded) {
        foray__runtimes_scan(&runtimes);
        foray__runtimes_cap(&runtimes, state->worker->inner_threads);
    }
    return 0;
}

/* Where an argument of a call lies. The parent tells a worker whose channel was
 * full later, when it has read. */
static const void *base_of(const struct foray__packet_array *from, void *arg)
{
    const struct timespec nap = {0, 100 * 1000};
    const struct foray__attachment *attachment;
    struct state *state = arg;

    while (!(attachment =
                 foray__attachments_find(&state->attachments, from->segment,
                                         (enum foray__access)from->access))) {
        notify(state);
        nanosleep(&nap, NULL);
        read_channel(state);
    }
    state->resets |= from->access == FORAY__ACCESS_COPY;
    return attachment->base;
}

/* Make the task struct ready for run `generation`, of which this worker owns a
 * word already. */
static void prepare(struct state *state, uint32_t generation)
{
    const struct foray__order *order = &state->shared->order;

    state->task.order = order;
    state->task.params = state->shared->params;
    state->task.cancelled = &state->shared->cancelled;
    state->task.generation = generation;
    state->task.worker = (int)state->worker->owner.slot;
    state->task.office = &state->office;
    state->task.call = NULL;
    state->resets = false;
    state->setup_code = 0;
    for (int k = 0; k < order->first[FORAY__ROLES] && !state->setup_code; k++)
        state->setup_code = open_argument(state, k);
    if (!state->setup_code) {
        foray__task_prepare(&state->task);
        state->setup_code = find_function(state);
    }
    state->prepared = generation;
}

/* Room for a record, waiting for the parent to make it. */
static struct foray__record *reserve(struct state *state, size_t payload)
{
    struct foray__records *ring = &state->slot->records;
    struct timespec nap = {0, 50 * 1000};
    struct foray__record *record;

    while (!(record = foray__records_reserve(ring, payload))) {
        notify(state);
        nanosleep(&nap, NULL);
        if (nap.tv_nsec < 2 * 1000 * 1000) /* the caller may be elsewhere */
            nap.tv_nsec += nap.tv_nsec / 2;
    }
    return record;
}

static void commit(struct state *state, struct foray__record *record,
                   enum foray__record_kind kind, uint64_t index, double seconds)
{
    record->kind = (uint16_t)kind;
    record->task = index;
    record->attempt = (uint16_t)state->task.attempt;
    record->seconds = seconds;
    foray__records_commit(&state->slot->records, record);
}

static void report_error(struct state *state, uint64_t index,
                         const struct foray_error *error, double seconds)
{
    struct foray__record *record = reserve(state, sizeof *error);

    memcpy(record + 1, error, sizeof *error);
    commit(state, record, FORAY__RECORD_ERROR, index, seconds);
    if (state->shared->order.stop) /* the others need not wait for the parent */
        atomic_store(&state->shared->cancelled, state->prepared);
    notify(state);
}

/* What a call returned. */
static void report_values(struct state *state, uint64_t index, double seconds,
                          double now)
{
    static const struct foray__packet none = {.size = sizeof none};
    const struct foray__packet *packet = &none;
    struct foray__record *record;

    if (state->task.has_returned)
        packet = (const void *)state->task.returned.data;
    record = reserve(state, packet->size);
    memcpy(record + 1, packet, packet->size);
    commit(state, record, FORAY__RECORD_VALUES, index, seconds);
    if (now - state->told > patience ||
        foray__records_half_full(&state->slot->records)) {
        state->told = now;
        notify(state);
    }
}

static void drop_private_copies(struct state *state)
{
    for (size_t k = 0; k < state->attachments.n; k++)
        if (state->attachments.items[k].access == FORAY__ACCESS_COPY)
            foray__attachment_reset(&state->attachments.items[k]);
}

static bool is_ending(const struct state *state)
{
    return atomic_load_explicit(&state->shared->cancelled,
                                memory_order_relaxed) == state->prepared;
}

/* Call number `index` of the claim: its packet. */
static const struct foray__packet *packet_of(const struct state *state,
                                             const struct foray__claim *claim,
                                             uint64_t index)
{
    const char *block =
        (const char *)state->shared + state->shared->heap_offset + claim->block;
    const struct foray__block_head *head = (const void *)block;
    const uint64_t *offsets = (const void *)(block + head->table);

    return (const void *)(block + offsets[index - head->first]);
}

static int run_once(struct state *state, const struct foray__claim *claim,
                    uint64_t index)
{
    const struct foray__order *order = &state->shared->order;
    const struct foray__packet *packet;
    int code;

    atomic_store_explicit(&state->slot->tries, (uint32_t)state->task.attempt,
                          memory_order_relaxed);
    if (order->timeout > 0)
        foray__deadline_set(&state->slot->deadline, order->timeout);
    if (order->calls) {
        packet = packet_of(state, claim, index);
        code = foray__call_run(&state->task, (size_t)index,
                               (foray_task_fn)(uintptr_t)packet->fn, packet);
    } else {
        code = foray__task_run(&state->task, (size_t)index);
    }
    if (order->timeout > 0)
        foray__deadline_clear(&state->slot->deadline);
    if (state->resets)
        drop_private_copies(state);
    return code;
}

static void run_one(struct state *state, const struct foray__claim *claim,
                    uint64_t index)
{
    const struct foray__order *order = &state->shared->order;
    double start = 0, now = 0;
    int code;

    if (state->setup_code) {
        state->setup_error.task = (int64_t)index;
        state->setup_error.worker = (int)state->worker->owner.slot;
        report_error(state, index, &state->setup_error, 0);
        return;
    }
    state->task.attempt = index == claim->start ? (int)claim->attempt : 1;
    for (;;) {
        if (order->calls)
            start = foray__now();
        code = run_once(state, claim, index);
        if (order->calls)
            state->now = now = foray__now();
        if (!code || state->task.attempt > order->retries || is_ending(state))
            break;
        foray__mailbag_empty(&state->mailbag);
        state->task.attempt++;
    }
    if (code) {
        foray__mailbag_empty(&state->mailbag);
        report_error(state, index, &state->task.error, now - start);
    } else if (order->calls) {
        foray__mailbag_send(&state->mailbag, state->worker->channel);
        report_values(state, index, now - start, now);
    }
}

/* Whether others should have the rest of the claim. */
static bool should_return(const struct state *state)
{
    return state->shared->order.calls &&
           state->now - state->claimed > too_long &&
           atomic_load_explicit(&state->shared->doorbell.sleepers,
                                memory_order_relaxed);
}

static void flush_output(void)
{
    if (__fpending(stdout))
        fflush(stdout);
    if (__fpending(stderr))
        fflush(stderr);
}

/* The rest of a claim is the parent's again. */
static void give_back(struct state *state, uint32_t generation,
                      const struct foray__claim *claim, uint64_t next)
{
    foray__claims_abandon(&state->shared->claims, generation, claim, next);
    atomic_fetch_add(&state->shared->returned, 1);
    notify(state);
}

static void run_claim(struct state *state, uint32_t generation,
                      const struct foray__claim *claim)
{
    struct foray__claims *claims = &state->shared->claims;
    struct foray__slot *slot = state->slot;
    uint64_t i;

    read_channel(state); /* arrays to map, and those to let go */
    if (state->prepared != generation)
        prepare(state, generation);
    if (state->shared->order.calls)
        state->claimed = foray__now();
    for (i = claim->start; i < claim->stop && !is_ending(state); i++) {
        if (i > claim->start && should_return(state))
            break;
        atomic_store_explicit(&slot->current, i, memory_order_release);
        run_one(state, claim, i);
    }
    flush_output();
    if (i == claim->stop)
        atomic_store_explicit(&slot->current, i, memory_order_release);
    /* Counted before it is marked: a count that came late would be taken for
     * one of the next run. */
    atomic_store_explicit(
        &slot->n_done,
        atomic_load_explicit(&slot->n_done, memory_order_relaxed) +
            (i - claim->start),
        memory_order_release);
    if (i == claim->stop)
        foray__claims_finish(claims, generation, claim);
    else
        give_back(state, generation, claim, i);
    atomic_store_explicit(&slot->current, FORAY__NO_TASK, memory_order_release);
}

/* Run what can be claimed of the present run. */
static void serve(struct state *state)
{
    struct foray__claims *claims = &state->shared->claims;
    uint32_t generation =
        atomic_load_explicit(&claims->generation, memory_order_acquire);
    struct foray__claim claim;

    /* Forked in mid-run: the parent is still sending the arrays, and rings
     * again behind the last. */
    if (!atomic_load(&state->slot->admitted))
        return;
    while (
        foray__claims_take(claims, generation, state->worker->owner, &claim)) {
        run_claim(state, generation, &claim);
        if (!foray__lifeline_holds(state->worker->lifeline))
            _exit(125); /* nothing would end this process with its parent */
    }
    atomic_store_explicit(&state->slot->idle_generation, generation,
                          memory_order_release);
}

/* Calls are the parent's to write: a task that stores into an argument faults,
 * as with every array of mode r. */
static void protect_heap(const struct foray__shared *shared)
{
    if (shared->heap_size)
        mprotect((char *)(uintptr_t)shared + shared->heap_offset,
                 shared->heap_size, PROT_READ);
}

_Noreturn void foray__worker_main(const struct foray__worker *worker)
{
    static struct state state; /* large, and one per process */
    uint32_t seen = 0;

    foray__lifeline_hold(worker->lifeline);
    memset(&state, 0, sizeof state);
    state.worker = worker;
    state.shared = worker->shared;
    state.slot = &worker->shared->slots[worker->owner.slot];
    state.mailbag.attachments = &state.attachments;
    state.office.base = base_of;
    state.office.placer.place = foray__mailbag_place;
    state.office.placer.arg = &state.mailbag;
    state.office.placer.max_inline = FORAY__MAILBAG_INLINE;
    state.office.arg = &state;
    protect_heap(state.shared);
    foray__fault_watch(state.slot, &state.task);
    for (;;) {
        seen = atomic_load(&state.shared->doorbell.count);
        read_channel(&state);
        serve(&state);
        notify(&state);
        foray__doorbell_wait(&state.shared->doorbell, seen, worker->spins);
    }
}
