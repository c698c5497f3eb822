#include "engine/watch.h"

#include "base/clock.h"
#include "base/error.h"
#include "engine/overdue.h"

/* Workers that die without having begun a task, in a row, before the run gives
 * up: something kills every newcomer. */
enum { MAX_FRUITLESS_DEATHS = 100 };

void foray__watch_clear(struct foray__crew *crew)
{
    atomic_store(&crew->shared->cancelled, 0);
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        foray__records_clear(&crew->shared->slots[slot].records);
}

void foray__watch_begin(struct foray__watch *watch, struct foray__crew *crew,
                        struct foray__course *course,
                        const struct foray__watch_ops *ops, void *run)
{
    *watch = (struct foray__watch){
        .crew = crew,
        .ops = ops,
        .course = course,
        .run = run,
        .generation = atomic_load(&crew->shared->claims.generation),
        .retries = (uint32_t)crew->shared->order.retries};
    crew->unfit = false;
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        crew->members[slot].last_recorded = FORAY__NO_TASK;
}

uint64_t foray__watch_n_retried(const struct foray__watch *watch)
{
    const struct foray__crew *crew = watch->crew;
    uint64_t sum = watch->n_again;

    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        sum += atomic_load_explicit(&crew->shared->slots[slot].n_again,
                                    memory_order_acquire);
    return sum;
}

enum foray_status foray__watch_status(const struct foray__watch *watch,
                                      const struct foray_error *death)
{
    if (watch->killed)
        return FORAY_TASK_CANCELLED;
    return death->code == FORAY_ETIMEDOUT ? FORAY_TASK_TIMEOUT
                                          : FORAY_TASK_CRASHED;
}

uint64_t foray__watch_count(const struct foray__crew *crew)
{
    uint64_t sum = 0;

    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        sum += atomic_load_explicit(&crew->shared->slots[slot].n_done,
                                    memory_order_acquire);
    return sum;
}

void foray__watch_collect_slot(struct foray__watch *watch, int slot)
{
    struct foray__records *ring = &watch->crew->shared->slots[slot].records;
    struct foray__record *record = watch->crew->record;
    bool broken = false;

    while (foray__records_take(ring, record, &broken)) {
        if (record->kind != FORAY__RECORD_OUTPUT)
            watch->crew->members[slot].last_recorded = record->task;
        watch->ops->outcome(watch, slot, record);
    }
    if (broken) /* a task wrote where it should not */
        foray__crew_kill(watch->crew, slot);
}

void foray__watch_collect(struct foray__watch *watch)
{
    for (int slot = 0; slot < watch->crew->pool->n_jobs; slot++)
        foray__watch_collect_slot(watch, slot);
}

static int count_alive(const struct foray__crew *crew)
{
    int n = 0;

    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        n += crew->members[slot].alive;
    return n;
}

/* What was recorded has been collected. */
static bool stands_still(struct foray__watch *watch)
{
    struct foray__crew *crew = watch->crew;

    if (!foray__stall_all_idle(crew) || !watch->ops->awaits(watch)) {
        watch->stall.suspected = false;
        return false;
    }
    return foray__stall_is_certain(&watch->stall, crew,
                                   foray__watch_count(crew) + watch->n_buried);
}

int foray__watch_look(struct foray__watch *watch, struct foray_error *err)
{
    struct foray__crew *crew = watch->crew;
    struct foray_error why;
    bool any = false;
    int code;

    foray__overdue_end(crew, &watch->looked);
    code = foray__watch_take_out_dead(watch, &any, &why);
    if (any)
        foray__doorbell_ring(&crew->shared->doorbell);
    if (any && watch->stopped)
        foray__claims_close(&crew->shared->claims);
    if (!code)
        code = foray__watch_refill(watch, &why);
    if (watch->fruitless > MAX_FRUITLESS_DEATHS)
        return foray__fail(err, FORAY_ECRASH,
                           "%d workers died one after another before they "
                           "began a task: something kills or starves them",
                           watch->fruitless);
    if (stands_still(watch))
        return foray__fail(err, FORAY_ECRASH,
                           "the run stands still: a task wrote over what its "
                           "pool keeps, and what became of others is lost");
    if (!code || watch->course->stopping || (!crew->unfit && count_alive(crew)))
        return 0;
    if (err)
        *err = why;
    return code;
}

/* SIGKILL for those that did not heed the flag in time. */
static void enforce_grace(struct foray__watch *watch)
{
    struct foray__crew *crew = watch->crew;

    if (watch->killed ||
        foray__now() - watch->course->stop_time < crew->pool->config.grace)
        return;
    watch->killed = true;
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        if (foray__claims_owns(&crew->shared->claims,
                               foray__watch_owner(crew, slot)))
            foray__crew_kill(crew, slot);
}

/* Let no more tasks begin; running ones see the flag. */
static void stop_workers(struct foray__watch *watch)
{
    watch->stopped = true;
    atomic_store(&watch->crew->shared->cancelled, watch->generation);
    foray__claims_close(&watch->crew->shared->claims);
    foray__doorbell_ring(&watch->crew->shared->doorbell);
    foray__budget_wake(&watch->crew->shared->budget);
}

void foray__watch_heed(struct foray__watch *watch)
{
    foray__course_heed(watch->course, watch->crew->pool);
    foray__watch_collect(watch);
    if (!watch->course->stopping)
        return;
    if (!watch->stopped)
        stop_workers(watch);
    enforce_grace(watch);
}

double foray__watch_patience(const struct foray__watch *watch)
{
    const struct foray_pool *pool = watch->crew->pool;
    double seconds = 1.0;

    if (pool->config.progress && pool->config.progress_interval < seconds)
        seconds = pool->config.progress_interval;
    if (watch->course->tick && watch->course->tick_wait < seconds)
        seconds = watch->course->tick_wait;
    if (watch->course->stopping && pool->config.grace / 4 < seconds)
        seconds = pool->config.grace / 4;
    for (int slot = 0; slot < pool->n_jobs; slot++)
        if (watch->crew->members[slot].pid &&
            watch->crew->members[slot].pidfd < 0 && seconds > 0.05)
            seconds = 0.05; /* a hang-up can be hidden by a grandchild */
    return seconds;
}

bool foray__watch_any(const struct foray__watch *watch)
{
    for (int slot = 0; slot < watch->crew->pool->n_jobs; slot++)
        if (foray__records_waiting(&watch->crew->shared->slots[slot].records))
            return true;
    return false;
}

void foray__watch_doze(struct foray__watch *watch, double seconds)
{
    struct foray__crew *crew = watch->crew;
    struct pollfd *polls = crew->polls;
    nfds_t n = 0;

    polls[n].fd = crew->alarm.sleeper;
    polls[n++].events = POLLIN;
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        n += foray__crew_poll(&polls[n], crew, slot);
    atomic_store(&crew->shared->parent_sleeps, 1);
    atomic_thread_fence(memory_order_seq_cst);
    if (!foray__watch_any(watch) && !watch->ops->is_ready(watch) &&
        (watch->course->stopping || !atomic_load(&crew->pool->cancel)))
        poll(polls, n, (int)(seconds * 1e3) + 1);
    atomic_store(&crew->shared->parent_sleeps, 0);
    foray__alarm_reset(&crew->alarm);
}

void foray__watch_give_up(struct foray__watch *watch)
{
    struct foray__crew *crew = watch->crew;

    foray__course_stop(watch->course);
    watch->killed = true;
    stop_workers(watch);
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        foray__crew_kill(crew, slot);
    for (int slot = 0; slot < crew->pool->n_jobs; slot++) {
        int status;

        if (!crew->members[slot].alive || crew->threads)
            continue;
        foray__crew_await(crew, slot);
        foray__watch_collect_slot(watch, slot);
        foray__crew_reap(crew, slot, &status);
        foray__watch_bury(watch, slot, status);
    }
    foray__claims_close(&crew->shared->claims);
}
