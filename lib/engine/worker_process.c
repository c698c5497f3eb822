/* The life of a worker process, from fork to _exit. */
#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "engine/capture.h"
#include "engine/fault.h"
#include "engine/inherited.h"
#include "engine/lifeline.h"
#include "engine/share.h"
#include "engine/worker.h"
#include "storage/segment.h"

static struct foray__living living; /* this process's life */

/* Take every message the parent has sent. */
static void read_channel(struct foray__labor *state)
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
        else if (message.access == FORAY__ACCESS_OUTPUT)
            foray__capture_adopt(fd);
        else if (foray__attachments_receive(&state->attachments,
                                            message.segment, message.access, fd,
                                            (size_t)message.length))
            _exit(125); /* out of memory for a few bytes */
    }
}

/* Before each claim. */
static void catch_up(struct foray__labor *state)
{
    read_channel(state);
    foray__share_adjust();
}

static int open_argument(struct foray__labor *state, int k)
{
    const struct foray__descriptor *arg = &state->shared->order.args[k];
    const struct foray__attachment *attachment;

    if (!arg->segment) { /* where it is in the parent */
        state->task.full[k] = arg->view;
        foray__inherited_protect(&state->task.full[k]);
        return 0;
    }
    attachment =
        foray__attachments_find(&state->attachments, arg->segment, arg->access);
    if (!attachment || !attachment->base)
        return foray__fail_errno(&state->setup_error,
                                 attachment ? attachment->sys_errno : EINVAL,
                                 "worker %d cannot map a segment of %zu bytes",
                                 (int)state->worker->owner.slot,
                                 attachment ? attachment->length : 0);
    foray__descriptor_open(&state->task.full[k], arg, attachment->base);
    state->flow.files[k] = (struct foray__flow_file){
        attachment->received ? attachment->received->fd : -1, attachment->base};
    state->resets |= arg->access == FORAY__ACCESS_COPY;
    return 0;
}

/* Where an argument of a call lies. The parent tells a worker whose channel was
 * full later, when it has read. */
static const void *base_of(const struct foray__packet_array *from, void *arg)
{
    const struct timespec nap = {0, 100 * 1000};
    const struct foray__attachment *attachment;
    struct foray__labor *state = arg;

    while (!(attachment =
                 foray__attachments_find(&state->attachments, from->segment,
                                         (enum foray__access)from->access))) {
        foray__labor_notify(state);
        nanosleep(&nap, NULL);
        read_channel(state);
    }
    state->resets |= from->access == FORAY__ACCESS_COPY;
    return attachment->base;
}

static void hand_over(struct foray__labor *state)
{
    foray__mailbag_send(&state->mailbag, state->worker->channel);
}

/* What tasks printed is seen before their run is over; and what only calls of
 * their own still used is let go. */
static void rest(struct foray__labor *state)
{
    foray__attachments_sweep(&state->attachments);
    if (__fpending(stdout))
        fflush(stdout);
    if (__fpending(stderr))
        fflush(stderr);
}

static void between(struct foray__labor *state)
{
    state->leaving = foray__life_is_over(&living);
}

/* Calls are the parent's to write: a task that stores into an argument faults,
 * as with every array of mode r. So does one that stores into init_params. */
static void protect(const struct foray__shared *shared)
{
    if (shared->heap_size)
        mprotect((char *)(uintptr_t)shared + shared->readonly_offset,
                 shared->heap_offset - shared->readonly_offset +
                     shared->heap_size,
                 PROT_READ);
}

static const struct foray__labor_ops ops = {
    .catch_up = catch_up,
    .open_argument = open_argument,
    .hand_over = hand_over,
    .between = between,
    .rest = rest,
    .may_kill = true,
    .may_capture = true,
};

/* Run what can be claimed of the present run. */
static void serve(struct foray__labor *state)
{
    uint32_t generation = atomic_load_explicit(
        &state->shared->claims.generation, memory_order_acquire);

    /* Forked in mid-run: the parent is still sending the arrays, and rings
     * again behind the last. */
    if (!atomic_load(&state->slot->admitted))
        return;
    while (!state->leaving && foray__labor_step(state, generation)) {
        foray__life_worked(&living);
        if (!foray__lifeline_holds(state->worker->lifeline))
            _exit(125); /* nothing would end this process with its parent */
    }
    if (!state->purse.waits)
        living.looked_at = generation;
}

/* Until the doorbell rings. Does not return if that takes too long. */
static void wait_for_work(struct foray__labor *state, uint32_t seen)
{
    struct foray__doorbell *bell = &state->shared->doorbell;

    if (foray__doorbell_wait(bell, seen, state->worker->spins,
                             foray__life_patience(&living),
                             &state->slot->asleep) == seen &&
        foray__life_patience(&living) <= 0)
        foray__life_end(&living);
}

/* Nothing unwinds past the function that this stands in: what lies above are
 * frames of the parent that the fork copied. A C++ exception that no task
 * catches ends in std::terminate where it was thrown, and never in a handler
 * of the parent's; backtraces end here. */
#if defined __GCC_HAVE_DWARF2_CFI_ASM && defined __x86_64__
#define OUTERMOST() __asm__ volatile(".cfi_undefined rip")
#elif defined __GCC_HAVE_DWARF2_CFI_ASM && defined __aarch64__
#define OUTERMOST() __asm__ volatile(".cfi_undefined x30")
#else
#define OUTERMOST() (void)0
#endif

__attribute__((noinline)) _Noreturn void
foray__worker_main(const struct foray__worker *worker)
{
    static struct foray__labor state; /* large, and one per process */
    uint32_t seen = 0;

    OUTERMOST();
    foray__lifeline_hold(worker->lifeline);
    memset(&state, 0, sizeof state);
    foray__labor_init(&state, worker, &ops, base_of);
    state.mailbag.attachments = &state.attachments;
    protect(state.shared);
    foray__fault_watch(state.slot, &state.task);
    foray__life_begin(&living, worker);
    state.task.state = living.state;
    rest(&state); /* what init printed */
    for (;;) {
        seen = atomic_load(&state.shared->doorbell.count);
        read_channel(&state);
        serve(&state);
        foray__labor_notify(&state);
        if (state.leaving || atomic_load(&state.shared->life.closing))
            foray__life_end(&living);
        wait_for_work(&state, seen);
    }
}
