/* Workers that died while a run is watched, and who comes in their place. */
#include "engine/watch.h"

#include "base/error.h"
#include "engine/death.h"

static void count_fruitless(struct foray__watch *watch, bool had_task)
{
    uint64_t n = foray__watch_count(watch->crew) + watch->n_buried;

    if (had_task || n > watch->n_at_death)
        watch->fruitless = 0;
    watch->fruitless += !had_task;
    watch->n_at_death = n;
}

struct foray__owner foray__watch_owner(const struct foray__crew *crew, int slot)
{
    return (struct foray__owner){(unsigned)slot,
                                 crew->members[slot].incarnation};
}

uint64_t foray__watch_bury(struct foray__watch *watch, int slot, int status)
{
    struct foray__crew *crew = watch->crew;
    struct foray__slot *shared = &crew->shared->slots[slot];
    struct foray__dead dead = {.owner = foray__watch_owner(crew, slot),
                               .current = atomic_load(&shared->current),
                               .recorded = crew->members[slot].last_recorded,
                               .tries = atomic_load(&shared->tries),
                               .retries = watch->stopped ? 0 : watch->retries};
    struct foray__burial burial =
        foray__claims_bury(&crew->shared->claims, &dead);

    watch->n_buried += burial.n_settled;
    count_fruitless(watch, burial.victim != FORAY__NO_TASK);
    if (burial.victim == FORAY__NO_TASK)
        return FORAY__NO_TASK;
    watch->n_again += burial.again;
    foray__death_own_word(shared, crew->shared->order.timeout, status);
    watch->ops->victim(watch, slot, &burial, status);
    return burial.victim;
}

/* Tell the host of the death of who had a slot. */
static void tell(const struct foray__watch *watch, int slot, pid_t pid,
                 uint64_t task)
{
    const struct foray_pool *pool = watch->crew->pool;
    struct foray_death death = {
        .worker = slot,
        .pid = pid,
        .successor = watch->crew->members[slot].pid,
        .task = task == FORAY__NO_TASK ? -1 : (int64_t)task,
    };

    if (pool->config.death && !watch->killed)
        pool->config.death(&death, pool->config.death_arg);
}

/* A newcomer for a slot whose worker died. */
static int replace(struct foray__watch *watch, int slot,
                   struct foray_error *err)
{
    FORAY_TRY(foray__crew_spawn(watch->crew, slot, err));
    FORAY_TRY(watch->ops->admit(watch, slot, err));
    watch->course->n_replaced++;
    return 0;
}

int foray__watch_refill(struct foray__watch *watch, struct foray_error *err)
{
    struct foray__crew *crew = watch->crew;

    if (!watch->n_resting || watch->course->stopping ||
        !foray__claims_any_pending(&crew->shared->claims))
        return 0;
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        if (!crew->members[slot].alive) {
            FORAY_TRY(foray__crew_spawn(crew, slot, err));
            FORAY_TRY(watch->ops->admit(watch, slot, err));
        }
    watch->n_resting = 0;
    foray__doorbell_ring(&crew->shared->doorbell);
    return 0;
}

/* Another worker in the place of one that is dead, unless the run is about to
 * end. 0, or a code when there is nobody. */
static int succeed(struct foray__watch *watch, int slot, int status,
                   struct foray_error *err)
{
    int code;

    if (watch->course->stopping)
        return 0;
    FORAY_TRY(foray__crew_why_unfit(watch->crew, slot, status, err));
    code = replace(watch, slot, err);
    foray__pool_log(watch->crew->pool, "worker %d died and %s", slot,
                    code ? "cannot be replaced" : "was replaced");
    return code;
}

/* A worker, whose process it was, is dead and did not leave in order. As
 * above. */
static int mourn(struct foray__watch *watch, int slot, pid_t pid, int status,
                 struct foray_error *err)
{
    uint64_t task = foray__watch_bury(watch, slot, status);
    int code = succeed(watch, slot, status, err);

    tell(watch, slot, pid, task);
    return code;
}

int foray__watch_take_out_dead(struct foray__watch *watch, bool *any,
                               struct foray_error *err)
{
    struct foray__crew *crew = watch->crew;
    int code = 0, status;

    if (!foray__crew_any_dead(crew))
        return 0;
    for (int slot = 0; slot < crew->pool->n_jobs && !crew->unfit; slot++) {
        pid_t pid = crew->members[slot].pid;
        bool has_left;

        if (!foray__crew_is_dead(crew, slot))
            continue;
        *any = true;
        has_left = foray__crew_has_left(crew, slot);
        foray__watch_collect_slot(watch, slot); /* what it recorded, counts */
        foray__crew_reap(crew, slot, &status);
        if (has_left) {
            foray__crew_tell_end(crew, slot);
            watch->n_resting++;
        } else {
            code = mourn(watch, slot, pid, status, err);
        }
    }
    return code;
}
