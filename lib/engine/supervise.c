#include "engine/supervise.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/death.h"
#include "engine/order.h"

/* Workers that die without having begun a task, in a row, before the run gives
 * up: something kills every newcomer. */
enum { MAX_FRUITLESS_DEATHS = 100 };

struct watch {
    struct foray__crew *crew;
    struct foray__run *run;
    uint32_t generation;
    uint64_t n_done_before; /* sum of all slots when the run began */
    uint64_t n_buried;      /* settled by burying: in no worker's count */
    bool stopped;           /* the workers know that the run is to end */
    bool killed;            /* the grace is over */
    int fruitless;
    size_t n_at_death; /* tasks settled when the last of them died */
};

static uint64_t sum_done(const struct foray__crew *crew)
{
    uint64_t sum = 0;

    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        sum += atomic_load_explicit(&crew->shared->slots[slot].n_done,
                                    memory_order_acquire);
    return sum;
}

/* Tasks settled, as the counters say: may lag when a worker died. */
static size_t completed(const struct watch *watch)
{
    uint64_t n = sum_done(watch->crew) - watch->n_done_before + watch->n_buried;

    return n < watch->run->n_tasks ? (size_t)n : watch->run->n_tasks;
}

static void collect_slot(struct watch *watch, int slot)
{
    const _Atomic uint32_t *ending = &watch->crew->shared->cancelled;
    struct foray_error error;

    while (foray__failures_pop(&watch->crew->shared->slots[slot].failures,
                               &error)) {
        watch->crew->members[slot].last_failed = (uint64_t)error.task;
        if ((uint64_t)error.task < watch->run->n_tasks)
            foray__run_record(watch->run, &error,
                              foray__run_status(&error, atomic_load(ending) ==
                                                            watch->generation));
    }
}

static void collect(struct watch *watch)
{
    for (int slot = 0; slot < watch->crew->pool->n_jobs; slot++)
        collect_slot(watch, slot);
}

/* Deaths in a row between which nothing was done. */
static void count_fruitless(struct watch *watch, uint64_t task)
{
    size_t n = completed(watch);

    if (task != FORAY__NO_TASK || n > watch->n_at_death)
        watch->fruitless = 0;
    watch->fruitless += task == FORAY__NO_TASK;
    watch->n_at_death = n;
}

/* Settle what a dead worker held. */
static void bury(struct watch *watch, int slot, int status)
{
    struct foray__crew *crew = watch->crew;
    struct foray__slot *shared = &crew->shared->slots[slot];
    struct foray__owner dead = {(unsigned)slot,
                                crew->members[slot].incarnation};
    struct foray_error error;
    uint64_t task, n_settled;

    collect_slot(watch, slot); /* what it recorded before it died, counts */
    task = foray__claims_bury(&crew->shared->claims, dead,
                              atomic_load(&shared->current), &n_settled);
    watch->n_buried += n_settled;
    count_fruitless(watch, task);
    if (task == FORAY__NO_TASK)
        return;
    if (task == crew->members[slot].last_failed)
        return; /* recorded already: it died on the way to the next */
    foray__death_describe(&error, watch->run, &shared->cause, status, slot,
                          task);
    foray__order_blank(watch->run, (size_t)task);
    foray__run_record(watch->run, &error,
                      watch->killed ? FORAY_TASK_CANCELLED
                                    : FORAY_TASK_CRASHED);
}

/* A newcomer for a slot whose worker died. */
static int replace(struct watch *watch, int slot, struct foray_error *err)
{
    struct foray__crew *crew = watch->crew;

    FORAY_TRY(foray__crew_spawn(crew, slot, err));
    FORAY_TRY(foray__order_tell(crew, watch->run, slot, err));
    watch->run->n_replaced++;
    return 0;
}

/* Bury and replace whoever died. */
static int look_for_dead(struct watch *watch, struct foray_error *err)
{
    struct foray__crew *crew = watch->crew;
    struct foray_error why;
    int n_alive = 0, code = 0, status;
    bool any = false;

    for (int slot = 0; slot < crew->pool->n_jobs; slot++) {
        if (foray__crew_reap(crew, slot, &status)) {
            any = true;
            bury(watch, slot, status);
            if (!watch->run->stopping) {
                code = replace(watch, slot, &why);
                foray__pool_log(crew->pool, "worker %d died and %s", slot,
                                code ? "cannot be replaced" : "was replaced");
            }
        }
        n_alive += crew->members[slot].pid != 0;
    }
    if (any)
        foray__doorbell_ring(&crew->shared->doorbell);
    if (any && watch->stopped)
        foray__claims_close(&crew->shared->claims);
    if (watch->fruitless > MAX_FRUITLESS_DEATHS)
        return foray__fail(err, FORAY_ECRASH,
                           "%d workers died one after another before they "
                           "began a task: something kills or starves them",
                           watch->fruitless);
    if (!code || n_alive || watch->run->stopping)
        return 0;
    if (err)
        *err = why;
    return code;
}

/* SIGKILL for those that did not heed the flag in time. */
static void enforce_grace(struct watch *watch)
{
    struct foray__crew *crew = watch->crew;

    if (watch->killed ||
        foray__now() - watch->run->stop_time < crew->pool->config.grace)
        return;
    watch->killed = true;
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        if (atomic_load(&crew->shared->slots[slot].idle_generation) !=
            watch->generation)
            foray__crew_kill(crew, slot);
}

static bool is_over(struct watch *watch)
{
    struct foray__claims_left left =
        foray__claims_left(&watch->crew->shared->claims);

    if (left.pending && !watch->run->stopping)
        foray__doorbell_ring(&watch->crew->shared->doorbell);
    return !left.pending && !left.owned;
}

/* Milliseconds to sleep at most. */
static int patience(const struct watch *watch)
{
    const struct foray_pool *pool = watch->crew->pool;
    double seconds = 1.0;

    if (pool->config.progress && pool->config.progress_interval < seconds)
        seconds = pool->config.progress_interval;
    if (watch->run->stopping && pool->config.grace / 4 < seconds)
        seconds = pool->config.grace / 4;
    for (int slot = 0; slot < pool->n_jobs; slot++)
        if (watch->crew->members[slot].pid &&
            watch->crew->members[slot].pidfd < 0 && seconds > 0.05)
            seconds = 0.05; /* a hang-up can be hidden by a grandchild */
    return (int)(seconds * 1e3) + 1;
}

static bool any_failure(const struct watch *watch)
{
    for (int slot = 0; slot < watch->crew->pool->n_jobs; slot++)
        if (foray__failures_waiting(&watch->crew->shared->slots[slot].failures))
            return true;
    return false;
}

static bool all_counted(const struct watch *watch)
{
    return sum_done(watch->crew) - watch->n_done_before + watch->n_buried >=
           watch->run->n_tasks;
}

/* Sleep until a worker has something to say, dies, or it is time. */
static void doze(struct watch *watch)
{
    struct foray__crew *crew = watch->crew;
    struct pollfd *polls = crew->polls;
    nfds_t n = 0;

    polls[n].fd = crew->alarm.sleeper;
    polls[n++].events = POLLIN;
    for (int slot = 0; slot < crew->pool->n_jobs; slot++) {
        const struct foray__member *member = &crew->members[slot];

        if (!member->pid)
            continue;
        polls[n].fd = member->pidfd >= 0 ? member->pidfd : member->channel;
        polls[n++].events = member->pidfd >= 0 ? POLLIN : 0;
    }
    atomic_store(&crew->shared->parent_sleeps, 1);
    atomic_thread_fence(memory_order_seq_cst);
    if (!all_counted(watch) && !any_failure(watch) &&
        (watch->run->stopping || !atomic_load(&crew->pool->cancel)))
        poll(polls, n, patience(watch));
    atomic_store(&crew->shared->parent_sleeps, 0);
    foray__alarm_reset(&crew->alarm);
}

/* Wait for the counters to reach the end, briefly: the usual end of a short
 * run. */
static bool spin(const struct watch *watch)
{
    for (int i = 0; i < watch->crew->spins; i++) {
        if (all_counted(watch))
            return true;
        foray__pause();
    }
    return all_counted(watch);
}

/* Let no more tasks begin; running ones see the flag. */
static void stop_workers(struct watch *watch)
{
    watch->stopped = true;
    atomic_store(&watch->crew->shared->cancelled, watch->generation);
    foray__claims_close(&watch->crew->shared->claims);
}

/* Collect failures; end the run if one of them or the host wants it to. */
static void heed(struct watch *watch)
{
    collect(watch);
    if (atomic_load(&watch->crew->pool->cancel)) {
        watch->run->cancelled = true;
        foray__run_stop(watch->run);
    }
    if (watch->run->stopping && !watch->stopped)
        stop_workers(watch);
    if (watch->run->stopping)
        enforce_grace(watch);
}

/* The run cannot go on: no worker is left behind, and nothing claimable. */
static void give_up(struct watch *watch)
{
    struct foray__crew *crew = watch->crew;

    watch->run->stopping = watch->killed = true;
    stop_workers(watch);
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        foray__crew_kill(crew, slot);
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        if (crew->members[slot].pid)
            bury(watch, slot, foray__crew_end(crew, slot));
    foray__claims_close(&crew->shared->claims);
}

/* Mark what ran and did not fail. */
static void settle(struct watch *watch)
{
    struct foray__run *run = watch->run;
    const struct foray__claims *claims = &watch->crew->shared->claims;

    run->n_settled = run->n_tasks;
    if (run->stopping)
        run->n_settled = (size_t)foray__claims_n_settled(claims);
    for (size_t i = 0; run->status && i < run->n_tasks; i++)
        if (run->status[i] == FORAY_TASK_NOT_RUN &&
            foray__claims_settled(claims, i))
            run->status[i] = FORAY_TASK_OK;
}

int foray__supervise(struct foray__crew *crew, struct foray__run *run,
                     uint64_t n_done_before, struct foray_error *err)
{
    struct watch watch = {.crew = crew,
                          .run = run,
                          .generation =
                              atomic_load(&crew->shared->claims.generation),
                          .n_done_before = n_done_before};
    int code = 0;

    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        crew->members[slot].last_failed = FORAY__NO_TASK;
    for (;;) {
        bool counted = spin(&watch);

        heed(&watch);
        if ((counted || run->stopping) && is_over(&watch))
            break;
        doze(&watch);
        heed(&watch);
        code = look_for_dead(&watch, err);
        heed(&watch);
        if (code || is_over(&watch))
            break;
        foray__run_progress(crew->pool, run, completed(&watch), false);
    }
    if (code)
        give_up(&watch);
    collect(&watch);
    settle(&watch);
    return code;
}

uint64_t foray__supervise_count(const struct foray__crew *crew)
{
    return sum_done(crew);
}
