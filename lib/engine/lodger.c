#include "engine/lodger.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <foray/backend.h>

#include "base/error.h"
#include "engine/function.h"
#include "engine/life.h"

enum { ALIGN = sizeof(uint64_t) }; /* of what a lodging consists of */

struct lodger {
    uint64_t pool;
    int worker;
    void *state, *params;
    foray_worker_fini_fn fini;
    struct lodger *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct lodger *lodgers;

/* A number that no pool of another process, or of a machine beside this one, is
 * likely to have. */
static uint64_t new_number(void)
{
    static _Atomic uint64_t n;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return ((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec) ^
           (uint64_t)getpid() << 44 ^ atomic_fetch_add(&n, 1);
}

static int no_memory(struct foray_error *err)
{
    return foray__fail(err, FORAY_ENOMEM, "no memory for a pool");
}

static int append_function(struct foray__bytes *out, uint64_t *at,
                           uintptr_t address, struct foray_error *err)
{
    struct foray__function function;

    *at = 0;
    if (!address)
        return 0;
    memset(&function, 0, sizeof function);
    FORAY_TRY(foray__function_locate(&function, (foray_task_fn)address, err));
    if (!foray__bytes_put(out, at, &function, foray__function_size(&function),
                          ALIGN))
        return no_memory(err);
    return 0;
}

int foray__lodging_write(struct foray__bytes *out,
                         const struct foray_config *config,
                         struct foray_error *err)
{
    struct foray__lodging lodging = {.pool = new_number()};
    uint64_t begin;

    if (!foray__bytes_extend(out, &begin, sizeof lodging, ALIGN))
        return no_memory(err);
    FORAY_TRY(
        append_function(out, &lodging.init, (uintptr_t)config->init, err));
    FORAY_TRY(
        append_function(out, &lodging.fini, (uintptr_t)config->fini, err));
    lodging.params_size = config->init_params_size;
    if (lodging.params_size &&
        !foray__bytes_put(out, &lodging.params, config->init_params,
                          lodging.params_size, ALIGN))
        return no_memory(err);
    memcpy(out->data + begin, &lodging, sizeof lodging);
    return 0;
}

static struct lodger *find(uint64_t pool, int worker)
{
    struct lodger *lodger;

    pthread_mutex_lock(&lock);
    lodger = lodgers;
    while (lodger && (lodger->pool != pool || lodger->worker != worker))
        lodger = lodger->next;
    pthread_mutex_unlock(&lock);
    return lodger;
}

/* A function of the lodging, in this process; NULL: it has none. */
static int find_function(foray_task_fn *out,
                         const struct foray__lodging *lodging, uint64_t at,
                         struct foray_error *err)
{
    struct foray__function_cache cache = {.fn = NULL};
    bool loaded;

    *out = NULL;
    if (!at)
        return 0;
    return foray__function_find(
        out, &cache, (const void *)((const char *)lodging + at), &loaded, err);
}

/* Begin its life. */
static int begin(struct lodger *lodger, const struct foray__lodging *lodging,
                 struct foray_error *err)
{
    struct foray_config config = {.init_params_size = lodging->params_size};
    foray_task_fn init, fini;

    FORAY_TRY(find_function(&init, lodging, lodging->init, err));
    FORAY_TRY(find_function(&fini, lodging, lodging->fini, err));
    lodger->pool = lodging->pool;
    lodger->fini = (foray_worker_fini_fn)(void (*)(void))fini;
    config.init = (foray_worker_init_fn)(void (*)(void))init;
    if (lodging->params_size) {
        if (posix_memalign(&lodger->params, 64, lodging->params_size))
            return foray__fail(err, FORAY_ENOMEM, "no memory for a worker");
        memcpy(lodger->params, (const char *)lodging + lodging->params,
               lodging->params_size);
    }
    config.init_params = lodger->params;
    return init ? foray__life_init(&config, lodger->worker, &lodger->state, err)
                : 0;
}

static void free_lodger(struct lodger *lodger)
{
    free(lodger->params);
    free(lodger);
}

int foray__lodger_state(void **state, const struct foray__lodging *lodging,
                        int worker, struct foray_error *err)
{
    struct lodger *lodger = find(lodging->pool, worker);
    int code;

    if (!lodger) {
        lodger = calloc(1, sizeof *lodger);
        if (!lodger)
            return foray__fail(err, FORAY_ENOMEM, "no memory for a worker");
        lodger->worker = worker;
        code = begin(lodger, lodging, err);
        if (code) {
            free_lodger(lodger);
            return code;
        }
        pthread_mutex_lock(&lock);
        lodger->next = lodgers;
        lodgers = lodger;
        pthread_mutex_unlock(&lock);
    }
    *state = lodger->state;
    return 0;
}

/* Take one out of the list; NULL: there is none. */
static struct lodger *take(int worker)
{
    struct lodger **at = &lodgers, *lodger;

    pthread_mutex_lock(&lock);
    while (*at && worker >= 0 && (*at)->worker != worker)
        at = &(*at)->next;
    lodger = *at;
    if (lodger)
        *at = lodger->next;
    pthread_mutex_unlock(&lock);
    return lodger;
}

void foray_backend_leave(int worker)
{
    struct lodger *lodger;

    while ((lodger = take(worker))) {
        if (lodger->fini)
            lodger->fini(lodger->state);
        free_lodger(lodger);
    }
}
