/* Life in the worker. */
#include "engine/life.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/leave.h"
#include "engine/deadline.h"
#include "engine/resident.h"
#include "engine/worker.h"

/* Seconds between two glances at the memory; and the share of a worker's time
 * that exact measures may take. */
static const double glance_pause = 1e-3, measure_share = 0.05;

static struct foray__slot *slot_of(const struct foray__living *living)
{
    const struct foray__worker *worker = living->worker;

    return &worker->shared->slots[worker->owner.slot];
}

static void enter(const struct foray__living *living, enum foray__stage stage)
{
    atomic_store(&slot_of(living)->stage, (uint32_t)stage);
}

int foray__life_init(const struct foray_config *config, int worker,
                     void **state, struct foray_error *err)
{
    struct foray_error own = {.task = -1, .worker = -1};
    int code = config->init(state, worker, config->init_params, &own);

    if (!code)
        return 0;
    own.msg[FORAY_ERROR_MSG_SIZE - 1] = '\0';
    if (!own.msg[0])
        foray__fail(&own, own.code, "init of worker %d returned %d", worker,
                    code);
    if (own.code >= 0)
        own.code = code < 0 ? code : FORAY_ETASK;
    own.task = -1;
    own.worker = worker;
    if (err)
        *err = own;
    return own.code;
}

/* Exit, with what the user's functions printed written. */
_Noreturn static void leave(int status)
{
    fflush(stdout);
    fflush(stderr);
    foray__leave(status);
}

/* The worker's share of the CPUs: as many as it has threads. */
static void bind_self(const struct foray__life *life,
                      const struct foray__worker *worker)
{
    const int32_t *cpus =
        (const void *)((const char *)worker->shared + life->cpus_offset);
    size_t n = (size_t)life->n_cpus, width = (size_t)worker->inner_threads;
    size_t first = worker->owner.slot * width, size;
    int32_t last = 0;
    cpu_set_t *set;

    for (size_t i = 0; i < n; i++)
        if (cpus[i] > last)
            last = cpus[i];
    set = n ? CPU_ALLOC((size_t)last + 1) : NULL;
    if (!set)
        return;
    size = CPU_ALLOC_SIZE((size_t)last + 1);
    CPU_ZERO_S(size, set);
    for (size_t i = 0; i < width && i < n; i++)
        CPU_SET_S((size_t)cpus[(first + i) % n], size, set);
    sched_setaffinity(0, size, set); /* refused: it runs anywhere */
    CPU_FREE(set);
}

/* Where a user's function is in this process: `fn` is its address there. */
static int find(foray_task_fn *fn, const struct foray__function *at,
                struct foray_error *err)
{
    return at->by_file ? foray__worker_find(fn, at, err) : 0;
}

static int init(struct foray__living *living, struct foray_error *err)
{
    const struct foray__worker *worker = living->worker;
    const struct foray__life *life = &worker->shared->life;
    struct foray_config config = {.init_params_size = life->params_size};
    foray_task_fn fn = (foray_task_fn)(void (*)(void))life->init;

    FORAY_TRY(find(&fn, &life->init_at, err));
    config.init = (foray_worker_init_fn)(void (*)(void))fn;
    if (life->params_size)
        config.init_params = (const char *)worker->shared + life->params_offset;
    return foray__life_init(&config, (int)worker->owner.slot, &living->state,
                            err);
}

void foray__life_begin(struct foray__living *living,
                       const struct foray__worker *worker)
{
    const struct foray__life *life = &worker->shared->life;

    living->worker = worker;
    living->n_tasks = life->max_tasks;
    bind_self(life, worker);
    if (life->init) {
        struct foray__slot *slot = slot_of(living);

        enter(living, FORAY__STAGE_INIT);
        if (init(living, &slot->init_error)) {
            atomic_store(&slot->cause.kind, FORAY__CAUSE_INIT);
            leave(1);
        }
    }
    enter(living, FORAY__STAGE_SERVING);
    living->active = foray__now();
}

/* Whether an exact measure may find more than the last: as much was added as
 * was left, or enough time has passed for pages to become its own that it
 * shared with its parent. */
static bool may_be_fat(const struct foray__living *living, size_t anonymous,
                       double now)
{
    return anonymous > living->anonymous_limit || now >= living->next_measure;
}

/* Whether the worker has more memory than it may. */
static bool is_fat(struct foray__living *living)
{
    size_t limit = living->worker->shared->life.max_rss, anonymous, own;
    double now = foray__now(), cost;

    if (now < living->next_glance)
        return false;
    living->next_glance = now + glance_pause;
    anonymous = foray__resident_anonymous();
    if (anonymous <= limit || !may_be_fat(living, anonymous, now))
        return false;
    own = foray__resident_private();
    if (own > limit)
        return true;
    cost = foray__now() - now;
    living->anonymous_limit = anonymous + (limit - own);
    living->next_measure = now + cost / measure_share;
    return false;
}

bool foray__life_is_over(struct foray__living *living)
{
    const struct foray__life *life = &living->worker->shared->life;

    if (life->max_tasks != SIZE_MAX && --living->n_tasks == 0)
        return true;
    return life->max_rss != SIZE_MAX && is_fat(living);
}

void foray__life_worked(struct foray__living *living)
{
    living->active = foray__now();
}

double foray__life_patience(const struct foray__living *living)
{
    const struct foray__shared *shared = living->worker->shared;
    double left;

    /* Not before it has looked at the run that is on, or a short patience
     * would end every newcomer. */
    if (isinf(shared->life.idle_timeout) ||
        living->looked_at != atomic_load(&shared->claims.generation))
        return INFINITY;
    left = living->active + shared->life.idle_timeout - foray__now();
    return left > 0 ? left : 0;
}

_Noreturn void foray__life_end(struct foray__living *living)
{
    const struct foray__worker *worker = living->worker;
    const struct foray__life *life = &worker->shared->life;
    struct foray__slot *slot = slot_of(living);
    foray_task_fn fn = (foray_task_fn)(void (*)(void))life->fini;

    enter(living, FORAY__STAGE_LEAVING);
    if (fn && !find(&fn, &life->fini_at, NULL)) {
        foray__deadline_set(&slot->deadline, life->grace);
        ((foray_worker_fini_fn)(void (*)(void))fn)(living->state);
        foray__deadline_clear(&slot->deadline);
    }
    enter(living, FORAY__STAGE_RETIRED);
    leave(0);
}
