#include "engine/supervise.h"

#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "engine/crew_threads.h"
#include "engine/death.h"
#include "engine/order.h"
#include "engine/watch.h"

/* A run of foray_map or foray_for under watch. */
struct supervision {
    struct foray__watch watch;
    struct foray__run *run;
    uint64_t n_done_before; /* in all workers' counts when the run began */
};

static const struct supervision *of(const struct foray__watch *watch)
{
    return watch->run;
}

/* Only failures are recorded: success is what the counters say. */
static void outcome(struct foray__watch *watch, int slot,
                    const struct foray__record *record)
{
    const _Atomic uint32_t *ending = &watch->crew->shared->cancelled;
    struct foray__run *run = of(watch)->run;
    struct foray_error error;

    (void)slot;
    if (record->kind != FORAY__RECORD_ERROR ||
        record->size < sizeof *record + sizeof error)
        return;
    foray__error_copy(&error, record + 1);
    if ((uint64_t)error.task < run->n_tasks)
        foray__run_record(run, &error,
                          foray__run_status(&error, atomic_load(ending) ==
                                                        watch->generation));
}

static void victim(struct foray__watch *watch, int slot,
                   const struct foray__burial *burial, int status)
{
    struct foray__run *run = of(watch)->run;
    const struct foray__cause *cause = &watch->crew->shared->slots[slot].cause;
    struct foray__struck struck;
    struct foray_error error;
    bool any;

    if (foray__run_is_done(run, burial->victim)) /* it died behind it */
        return;
    any = foray__struck_in_run(&struck, run, cause->arg);

    if (any && cause->signal != SIGSEGV)
        struck.outside = false;
    foray__death_describe(&error, any ? &struck : NULL, cause, status, slot,
                          burial->victim);
    if (burial->again) {
        /* Whoever tries it blanks its outputs; it may have begun. */
        foray__pool_log(watch->crew->pool, "%s: it is tried again", error.msg);
        return;
    }
    foray__order_blank(run, (size_t)burial->victim);
    foray__run_record(run, &error, foray__watch_status(watch, &error));
}

static int admit(struct foray__watch *watch, int slot, struct foray_error *err)
{
    return foray__order_tell(watch->crew, of(watch)->run, slot, err);
}

static uint64_t n_counted(const struct supervision *supervision)
{
    return foray__watch_count(supervision->watch.crew) -
           supervision->n_done_before + supervision->watch.n_buried;
}

static bool all_counted(const struct foray__watch *watch)
{
    return n_counted(of(watch)) >= of(watch)->run->n_tasks;
}

/* Tasks settled, as the counters say: may lag when a worker died. */
static size_t completed(const struct supervision *supervision)
{
    uint64_t n = n_counted(supervision);

    return n < supervision->run->n_tasks ? (size_t)n
                                         : supervision->run->n_tasks;
}

static bool is_over(struct foray__watch *watch)
{
    struct foray__claims_left left =
        foray__claims_left(&watch->crew->shared->claims);

    if (left.pending && !of(watch)->run->course.stopping)
        foray__doorbell_ring(&watch->crew->shared->doorbell);
    return !left.pending && !left.owned;
}

static bool awaits(const struct foray__watch *watch)
{
    struct foray__claims_left left =
        foray__claims_left(&watch->crew->shared->claims);

    return left.pending || left.owned;
}

/* Wait for the counters to reach the end, briefly: the usual end of a short
 * run. */
static bool spin(const struct foray__watch *watch)
{
    for (int i = 0; i < watch->crew->spins; i++) {
        if (all_counted(watch))
            return true;
        foray__pause();
    }
    return all_counted(watch);
}

static void tell_progress(const struct supervision *supervision)
{
    foray__run_progress(supervision->watch.crew->pool, supervision->run,
                        completed(supervision), false);
}

static void glance(struct foray__watch *watch)
{
    foray__watch_heed(watch);
    tell_progress(of(watch));
}

static const struct foray__watch_ops ops = {
    .outcome = outcome,
    .victim = victim,
    .admit = admit,
    .is_ready = all_counted,
    .awaits = awaits,
    .glance = glance,
};

/* Mark what ran and did not fail. */
static void settle(const struct foray__watch *watch)
{
    struct foray__run *run = of(watch)->run;
    const struct foray__claims *claims = &watch->crew->shared->claims;

    run->n_settled = run->n_tasks;
    if (run->course.stopping)
        run->n_settled = (size_t)foray__claims_n_settled(claims);
    for (size_t i = 0; run->status && i < run->n_tasks; i++)
        if (run->status[i] == FORAY_TASK_NOT_RUN &&
            foray__claims_settled(claims, i))
            run->status[i] = FORAY_TASK_OK;
}

/* Tasks whose workers died, and which the end of the run came before the next
 * try of: they began, and what they left in their outputs is no result. */
static void record_tried(const struct foray__watch *watch)
{
    struct foray__run *run = of(watch)->run;
    struct foray__claims *claims = &watch->crew->shared->claims;
    struct foray_error error;
    uint64_t task;
    uint32_t next = 0;

    while ((task = foray__claims_take_tried(claims, &next)) != FORAY__NO_TASK) {
        foray__fail(&error, FORAY_ECANCELED,
                    "task %llu was not tried again: the run ended",
                    (unsigned long long)task);
        error.task = (int64_t)task;
        run->n_settled++;
        run->course.n_retried--;
        foray__order_blank(run, (size_t)task);
        foray__run_record(run, &error, FORAY_TASK_CANCELLED);
    }
}

int foray__supervise(struct foray__crew *crew, struct foray__run *run,
                     uint64_t n_done_before, struct foray_error *err)
{
    struct supervision supervision = {.run = run,
                                      .n_done_before = n_done_before};
    struct foray__watch *watch = &supervision.watch;
    int code = 0;

    foray__watch_begin(watch, crew, &run->course, &ops, &supervision);
    for (;;) {
        bool worked = foray__threads_work(crew, watch);
        bool counted = worked ? all_counted(watch) : spin(watch);

        foray__watch_heed(watch);
        if ((counted || run->course.stopping) && is_over(watch))
            break;
        if (!worked)
            foray__watch_doze(watch, foray__watch_patience(watch));
        foray__watch_heed(watch);
        code = foray__watch_look(watch, err);
        foray__watch_heed(watch);
        if (code || is_over(watch))
            break;
        tell_progress(&supervision);
    }
    if (code) /* nobody left to do it */
        foray__watch_give_up(watch);
    foray__watch_collect(watch);
    run->course.n_retried += (size_t)foray__watch_n_retried(watch);
    settle(watch);
    if (run->course.stopping)
        record_tried(watch);
    return code;
}
