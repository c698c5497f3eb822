#include "engine/worker.h"

#include "base/clock.h"
#include "base/error.h"
#include "engine/alarm.h"
#include "engine/call_packet.h"
#include "engine/capture.h"
#include "engine/deadline.h"
#include "engine/guard.h"
#include "engine/heap.h"
#include "engine/share.h"
#include "engine/worker_report.h"

/* Seconds after which a worker gives the rest of a batch back, if another is
 * idle: its calls are slower than those it was measured by. */
static const double too_long = 10e-3;

void foray__labor_notify(struct foray__labor *state)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load(&state->shared->parent_sleeps))
        foray__alarm_ring(state->worker->alarm);
}

int foray__worker_find(foray_task_fn *out,
                       const struct foray__function *function,
                       struct foray_error *err)
{
    static struct foray__function_cache cache;
    bool loaded;

    FORAY_TRY(foray__function_find(out, &cache, function, &loaded, err));
    if (loaded)
        foray__share_spread();
    return 0;
}

static bool captures(const struct foray__labor *state)
{
    const struct foray__order *order = &state->shared->order;

    return order->calls && order->capture && state->ops->may_capture;
}

/* Make the task struct ready for run `generation`, of which this worker owns a
 * word already. */
static void prepare(struct foray__labor *state, uint32_t generation)
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
        state->setup_code = state->ops->open_argument(state, k);
    if (!state->setup_code) {
        foray__task_prepare(&state->task);
        foray__flow_begin(&state->flow, &state->task);
        if (order->function.by_file)
            state->setup_code = foray__worker_find(
                &state->task.fn, &order->function, &state->setup_error);
    }
    if (state->ops->may_capture)
        foray__capture_switch(captures(state));
    state->prepared = generation;
}

static void drop_private_copies(struct foray__labor *state)
{
    for (size_t k = 0; k < state->attachments.n; k++)
        if (state->attachments.items[k].access == FORAY__ACCESS_COPY)
            foray__attachment_reset(&state->attachments.items[k]);
}

static bool is_ending(const struct foray__labor *state)
{
    return atomic_load_explicit(&state->shared->cancelled,
                                memory_order_relaxed) == state->prepared;
}

/* Call number `index` of the claim: its packet. */
static const struct foray__packet *packet_of(const struct foray__labor *state,
                                             const struct foray__claim *claim,
                                             uint64_t index)
{
    const struct foray__shared *shared = state->shared;

    return foray__block_call(
        (const char *)shared + shared->heap_offset + claim->block, index);
}

/* Run a call, whose function is loaded from its file if it is not here. */
static int run_call(struct foray__labor *state,
                    const struct foray__packet *packet, uint64_t index)
{
    const struct foray__function *at = foray__call_packet_function(packet);
    foray_task_fn fn = foray__call_packet_fn(packet);
    struct foray_task *task = &state->task;
    int code = 0;

    if (at)
        code = foray__worker_find(&fn, at, &task->error);
    if (!code)
        return foray__call_run(task, (size_t)index, fn, packet);
    task->error.task = (int64_t)index;
    task->error.worker = task->worker;
    return code;
}

static int run_once(struct foray__labor *state,
                    const struct foray__claim *claim, uint64_t index)
{
    const struct foray__order *order = &state->shared->order;
    bool timed = order->timeout > 0 && state->ops->may_kill;
    int code;

    if (state->task.attempt > 1)
        foray__task_restore(&state->task, (size_t)index);
    if (captures(state))
        foray__capture_begin();
    if (timed)
        foray__deadline_set(&state->slot->deadline, order->timeout);
    if (order->calls) {
        code = run_call(state, packet_of(state, claim, index), index);
    } else {
        code = order->guard && state->ops->may_capture
                   ? foray__guard_run(&state->task, &state->attachments,
                                      (size_t)index)
                   : foray__task_run(&state->task, (size_t)index);
    }
    if (timed)
        foray__deadline_clear(&state->slot->deadline);
    foray__ambient_reset(&state->level);
    if (state->resets)
        drop_private_copies(state);
    return code;
}

/* Before the task it belongs to is stored: whoever buries this worker sees at
 * least as many tries as there were. */
static void set_attempt(struct foray__labor *state, uint32_t attempt)
{
    state->task.attempt = (int)attempt;
    atomic_store_explicit(&state->slot->tries, attempt, memory_order_relaxed);
}

static void run_one(struct foray__labor *state,
                    const struct foray__claim *claim, uint64_t index)
{
    const struct foray__order *order = &state->shared->order;
    double start = 0, now = 0;
    int code;

    if (state->setup_code) {
        state->setup_error.task = (int64_t)index;
        state->setup_error.worker = (int)state->worker->owner.slot;
        foray__report_error(state, index, &state->setup_error, 0);
        return;
    }
    for (;;) {
        if (order->calls)
            start = foray__now();
        code = run_once(state, claim, index);
        if (order->calls)
            state->now = now = foray__now();
        if (!foray__task_tries_again(&state->task, code, order->retries))
            break;
        foray__mailbag_empty(&state->mailbag);
        set_attempt(state, (uint32_t)state->task.attempt + 1);
        atomic_fetch_add_explicit(&state->slot->n_again, 1,
                                  memory_order_relaxed);
    }
    if (captures(state))
        foray__report_output(state, index);
    if (code) {
        foray__mailbag_empty(&state->mailbag);
        foray__report_error(state, index, &state->task.error, now - start);
    } else if (order->calls) {
        if (state->mailbag.n)
            state->ops->hand_over(state);
        foray__report_values(state, index, now - start, now);
    } else {
        foray__task_mark(&state->task);
    }
}

/* Workers that sleep although there is memory for them to work with. */
static bool any_is_idle(const struct foray__labor *state)
{
    uint32_t sleepers = atomic_load_explicit(&state->shared->doorbell.sleepers,
                                             memory_order_relaxed);

    if (sleepers && state->purse.budget)
        return sleepers > foray__budget_n_waiting(state->purse.budget);
    return sleepers;
}

/* Whether others should have the rest of the claim. */
static bool should_return(const struct foray__labor *state)
{
    return state->shared->order.calls &&
           state->now - state->claimed > too_long && any_is_idle(state);
}

/* The rest of a claim is the parent's again. */
static void give_back(struct foray__labor *state, uint32_t generation,
                      const struct foray__claim *claim, uint64_t next)
{
    foray__claims_abandon(&state->shared->claims, generation, claim, next);
    atomic_fetch_add(&state->shared->returned, 1);
    foray__labor_notify(state);
}

/* The task that this worker runs after task i, if all take the same time. */
static uint64_t next_of(const struct foray__labor *state,
                        const struct foray__claim *claim, uint64_t i)
{
    uint64_t others = (uint64_t)state->shared->order.n_workers;

    return i + 1 < claim->stop
               ? i + 1
               : i + 1 + (others - 1) * (claim->stop - claim->start);
}

static void run_claim(struct foray__labor *state, uint32_t generation,
                      const struct foray__claim *claim)
{
    struct foray__claims *claims = &state->shared->claims;
    struct foray__slot *slot = state->slot;
    uint64_t i;

    state->ops->catch_up(state);
    if (state->prepared != generation) {
        foray__flow_end(&state->flow);
        prepare(state, generation);
    }
    foray__purse_begin_batch(&state->purse, generation);
    if (state->shared->order.calls)
        state->claimed = foray__now();
    foray__ambient_enter(&state->level, &state->shared->order.ambient);
    for (i = claim->start; i < claim->stop && !is_ending(state); i++) {
        if (i > claim->start && (state->leaving || should_return(state)))
            break;
        set_attempt(state, i == claim->start ? claim->attempt : 1);
        atomic_store_explicit(&slot->current, i, memory_order_release);
        if (!state->setup_code && foray__task_is_done(&state->task, i))
            continue;
        foray__flow_enter(&state->flow, &state->task, i,
                          next_of(state, claim, i));
        run_one(state, claim, i);
        foray__flow_leave(&state->flow, &state->task);
        if (state->ops->between)
            state->ops->between(state);
    }
    foray__ambient_leave(&state->level);
    state->ops->rest(state);
    foray__purse_end_batch(&state->purse);
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
    else if (state->leaving)
        foray__claims_release(claims, generation, claim, i);
    else
        give_back(state, generation, claim, i);
    atomic_store_explicit(&slot->current, FORAY__NO_TASK, memory_order_release);
}

/* Whether there is memory for a claim. Who finds no work takes none from those
 * who do. */
static bool may_begin(struct foray__labor *state)
{
    if (foray__claims_may_take(&state->shared->claims))
        return foray__purse_open(&state->purse);
    foray__purse_close(&state->purse);
    return false;
}

static void init_purse(struct foray__labor *state)
{
    struct foray__shared *shared = state->shared;
    bool any = shared->budget.bytes != FORAY_NEVER;

    state->task.purse = &state->purse;
    state->purse = (struct foray__purse){
        .bytes = shared->budget.bytes,
        .budget = any ? &shared->budget : NULL,
        .bell = &shared->doorbell,
        .deadline = &state->slot->deadline,
        .slot = state->worker->owner.slot,
        .measures = any && state->ops->may_capture,
        .peak_resident = &state->slot->peak_resident,
    };
}

bool foray__labor_step(struct foray__labor *state, uint32_t generation)
{
    struct foray__claim claim;

    if (state->purse.measures && !may_begin(state))
        return false;
    if (!foray__claims_take(&state->shared->claims, generation,
                            state->worker->owner, &claim)) {
        if (state->purse.measures)
            foray__purse_close(&state->purse);
        foray__flow_end(&state->flow);
        return false;
    }
    run_claim(state, generation, &claim);
    return true;
}

void foray__labor_init(struct foray__labor *state,
                       const struct foray__worker *worker,
                       const struct foray__labor_ops *ops,
                       const void *(*base)(const struct foray__packet_array *,
                                           void *))
{
    state->worker = worker;
    state->ops = ops;
    state->shared = worker->shared;
    state->slot = &worker->shared->slots[worker->owner.slot];
    state->office.base = base;
    if (state->shared->folder[0])
        state->mailbag.folder = state->shared->folder;
    state->office.placer.place = foray__mailbag_place;
    state->office.placer.arg = &state->mailbag;
    state->office.placer.max_inline = FORAY__MAILBAG_INLINE;
    state->office.arg = state;
    init_purse(state);
}
