#include "engine/freight.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "engine/external.h"

uint32_t foray__freight_attempts(const struct foray_pool *pool)
{
    int retries = pool->config.retries;

    return retries > 0 ? (uint32_t)retries + 1 : 1;
}

void foray__freight_begin(struct foray__freight *freight,
                          struct foray_pool *pool, struct foray__course *course,
                          void (*arrived)(struct foray__shipment *,
                                          const struct foray_done *, void *),
                          void *arg)
{
    freight->pool = pool;
    freight->course = course;
    freight->arrived = arrived;
    freight->arg = arg;
    freight->last = &freight->list;
    foray__ambient_take(&freight->ambient);
}

bool foray__shipment_begin(struct foray__shipment *shipment)
{
    if (!foray__bytes_grow(&shipment->bytes, sizeof(struct foray__parcel)))
        return false;
    shipment->bytes.size = sizeof(struct foray__parcel);
    return true;
}

bool foray__freight_add(struct foray__freight *freight,
                        struct foray__shipment *shipment,
                        struct foray__parcel *head)
{
    const struct foray_pool *pool = freight->pool;
    const struct foray__bytes *lodging = foray__external_lodging(pool);
    const struct foray__ambient *ambient = &freight->ambient;
    struct foray__bytes *bytes = &shipment->bytes;

    if ((lodging->size &&
         !foray__bytes_put(bytes, &head->lodging, lodging->data, lodging->size,
                           sizeof(uint64_t))) ||
        (ambient->any && !foray__bytes_put(bytes, &head->ambient, ambient,
                                           sizeof *ambient, sizeof(uint64_t))))
        return false;
    head->magic = FORAY__PARCEL_MAGIC;
    head->size = bytes->size;
    head->retries = (uint32_t)pool->config.retries;
    head->stop = freight->course->on_error == FORAY_STOP;
    head->nesting = pool->nesting;
    head->n_threads = pool->inner_threads;
    if (pool->backend->shares_memory) {
        head->pid = (int32_t)getpid();
        head->folder = (uint64_t)(uintptr_t)pool->config.temp_folder;
        head->state = (uint64_t)(uintptr_t)pool->worker_state;
    }
    memcpy(bytes->data, head, sizeof *head);
    shipment->id = freight->n_packed++;
    shipment->submitted = false;
    shipment->next = NULL;
    *freight->last = shipment;
    freight->last = &shipment->next;
    freight->n_listed++;
    return true;
}

/* Nothing comes back any more. */
static int break_down(struct foray__freight *freight, int code,
                      const struct foray_error *why, struct foray_error *err)
{
    freight->broken = true;
    foray__course_stop(freight->course);
    return foray__external_fail(freight->pool, code, why, err);
}

int foray__freight_submit(struct foray__freight *freight,
                          struct foray_error *err)
{
    const struct foray_backend *backend =
        &foray__external_of(freight->pool)->given;
    size_t limit = 2 * (size_t)freight->pool->n_jobs;
    struct foray_error why = {.code = 0};
    int code;

    for (struct foray__shipment *shipment = freight->list;
         shipment && freight->n_submitted < limit && !freight->course->stopping;
         shipment = shipment->next) {
        if (shipment->submitted)
            continue;
        code =
            backend->submit(foray__external_state(freight->pool), shipment->id,
                            shipment->bytes.data, shipment->bytes.size, &why);
        if (code)
            return break_down(freight, code, &why, err);
        shipment->submitted = true;
        freight->n_submitted++;
    }
    return 0;
}

static void take_at(struct foray__freight *freight, struct foray__shipment **at)
{
    struct foray__shipment *shipment = *at;

    *at = shipment->next;
    if (!*at)
        freight->last = at;
    freight->n_listed--;
    freight->n_submitted -= shipment->submitted;
}

void foray__freight_take(struct foray__freight *freight,
                         struct foray__shipment *shipment)
{
    struct foray__shipment **at = &freight->list;

    while (*at != shipment)
        at = &(*at)->next;
    take_at(freight, at);
}

/* The one that is back. A worker whose init failed ends the run. */
static int accept(struct foray__freight *freight,
                  struct foray__shipment *shipment, struct foray_done done,
                  struct foray_error *err)
{
    const struct foray__outcomes no_worker = {FORAY__OUTCOME_NO_WORKER, 0};
    const struct foray__outcome *outcome =
        foray__outcome_at(done.bytes, done.size, 0, &no_worker);
    struct foray_error error;
    int code = 0;

    if (outcome && outcome->kind == FORAY__OUTCOME_NO_WORKER) {
        foray__course_stop(freight->course);
        foray__error_copy(&error, outcome + 1);
        code = error.code < 0 ? error.code : FORAY_ETASK;
        if (err)
            *err = error;
        done.bytes = NULL;
    }
    freight->arrived(shipment, &done, freight->arg);
    return code;
}

/* Take one back. 1, 0: there was none, or a code. */
static int receive(struct foray__freight *freight, double seconds,
                   struct foray_error *err)
{
    const struct foray_backend *backend =
        &foray__external_of(freight->pool)->given;
    struct foray_done done = {0, NULL, 0};
    struct foray__shipment **at = &freight->list, *shipment;
    struct foray_error why = {.code = 0};
    int code = backend->poll(foray__external_state(freight->pool), seconds,
                             &done, &why);

    if (code < 0)
        return break_down(freight, code, &why, err);
    if (!code)
        return 0;
    while (*at && ((*at)->id != done.id || !(*at)->submitted))
        at = &(*at)->next;
    code = 0;
    if (*at) { /* else it was not ours to bring */
        shipment = *at;
        take_at(freight, at);
        code = accept(freight, shipment, done, err);
    }
    free(done.bytes);
    return code ? code : 1;
}

static void heed(struct foray__freight *freight)
{
    foray__course_heed(freight->course, freight->pool);
    if (!freight->course->stopping || freight->cancelled ||
        !freight->n_submitted)
        return;
    freight->cancelled = true;
    foray__external_of(freight->pool)
        ->given.cancel(foray__external_state(freight->pool));
}

int foray__freight_wait(struct foray__freight *freight, double seconds,
                        struct foray_error *err)
{
    int code = foray__freight_submit(freight, err);

    heed(freight);
    if (seconds > FORAY__FREIGHT_PATIENCE)
        seconds = FORAY__FREIGHT_PATIENCE;
    if (!code && freight->n_submitted)
        code = receive(freight, seconds, err);
    while (code > 0 && freight->n_submitted) /* what else is there */
        code = receive(freight, 0, err);
    if (code < 0)
        return code;
    heed(freight);
    return foray__freight_submit(freight, err);
}

void foray__freight_finish(struct foray__freight *freight)
{
    while (freight->n_submitted && !freight->broken)
        (void)foray__freight_wait(freight, FORAY__FREIGHT_PATIENCE, NULL);
}
