#include "engine/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "engine/alarm.h"
#include "engine/attachments.h"
#include "engine/fault.h"
#include "engine/lifeline.h"
#include "machine/runtimes.h"

struct state {
    const struct foray__worker *worker;
    struct foray__shared *shared;
    struct foray__slot *slot;
    struct foray__attachments attachments;
    uint32_t received; /* messages taken from the channel */
    uint32_t prepared; /* generation that `task` is ready for */
    bool resets;       /* some argument is mode c */
    int setup_code;    /* not 0: every task of the run fails like this */
    struct foray_error setup_error;
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

    while (state->received != atomic_load(&state->slot->sent)) {
        got = foray__channel_receive(state->worker->channel, &message, &fd);
        if (got < 0)
            _exit(125); /* the parent is gone */
        if (got == 0)
            continue;
        state->received++;
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

/* Make the task struct ready for run `generation`, of which this worker owns a
 * word already. */
static void prepare(struct state *state, uint32_t generation)
{
    const struct foray__order *order = &state->shared->order;

    read_channel(state);
    state->task.order = order;
    state->task.params = state->shared->params;
    state->task.cancelled = &state->shared->cancelled;
    state->task.generation = generation;
    state->task.worker = (int)state->worker->owner.slot;
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

/* Put an error into the ring, waiting for room: the parent empties it while a
 * run is on. */
static void report(struct state *state, const struct foray_error *error)
{
    const struct timespec nap = {0, 50 * 1000};

    while (!foray__failures_push(&state->slot->failures, error)) {
        notify(state);
        nanosleep(&nap, NULL);
    }
    if (state->shared->order.stop) /* the others need not wait for the parent */
        atomic_store(&state->shared->cancelled, state->prepared);
    notify(state);
}

static void drop_private_copies(struct state *state)
{
    const struct foray__order *order = &state->shared->order;

    for (int k = 0; k < order->first[FORAY__ROLES]; k++) {
        const struct foray__descriptor *arg = &order->args[k];

        if (arg->access == FORAY__ACCESS_COPY)
            foray__attachment_reset(foray__attachments_find(
                &state->attachments, arg->segment, arg->access));
    }
}

static void run_one(struct state *state, uint64_t index)
{
    int code = state->setup_code;

    if (!code) {
        code = foray__task_run(&state->task, (size_t)index);
        if (code)
            report(state, &state->task.error);
        if (state->resets)
            drop_private_copies(state);
    } else {
        state->setup_error.task = (int64_t)index;
        state->setup_error.worker = (int)state->worker->owner.slot;
        report(state, &state->setup_error);
    }
}

static void flush_output(void)
{
    if (__fpending(stdout))
        fflush(stdout);
    if (__fpending(stderr))
        fflush(stderr);
}

static void run_claim(struct state *state, uint32_t generation,
                      const struct foray__claim *claim)
{
    struct foray__claims *claims = &state->shared->claims;
    struct foray__slot *slot = state->slot;
    uint64_t i;

    for (i = claim->start; i < claim->stop; i++) {
        if (atomic_load_explicit(&state->shared->cancelled,
                                 memory_order_relaxed) == generation)
            break;
        atomic_store_explicit(&slot->current, i, memory_order_release);
        run_one(state, i);
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
        foray__claims_abandon(claims, generation, claim, i);
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
        if (state->prepared != generation)
            prepare(state, generation);
        run_claim(state, generation, &claim);
        if (!foray__lifeline_holds(state->worker->lifeline))
            _exit(125); /* nothing would end this process with its parent */
    }
    atomic_store_explicit(&state->slot->idle_generation, generation,
                          memory_order_release);
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
    foray__fault_watch(state.slot, &state.task);
    for (;;) {
        seen = atomic_load(&state.shared->doorbell.count);
        read_channel(&state);
        serve(&state);
        notify(&state);
        foray__doorbell_wait(&state.shared->doorbell, seen, worker->spins);
    }
}
