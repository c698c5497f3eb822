/* Executing parcels of calls. */
#include <string.h>

#include "base/error.h"
#include "engine/call_packet.h"
#include "engine/parcel.h"
#include "storage/segment.h"

/* What a call returns travels by value if its program is elsewhere. A segment
 * that it made is the result's all the same: it is kept until it has been
 * copied, and closed then. */
static int place_inline(struct foray__place *out,
                        const struct foray_array *array, void *arg,
                        struct foray_error *err)
{
    struct foray__mailbag *bag = arg;
    size_t k = 0;

    out->mode = FORAY_READ_WRITE;
    if (!array->segment || array->mode == FORAY_COPY ||
        !foray__segment_is_of_call(array->segment))
        return 0;
    while (k < bag->n && bag->items[k].segment != array->segment)
        k++;
    if (k == FORAY_MAX_ARGUMENTS)
        return foray__fail(err, FORAY_EINVAL, "too many arrays");
    if (k == bag->n) {
        atomic_fetch_add(&array->segment->users,
                         1); /* the task may not close */
        bag->items[bag->n++] = *array;
    }
    return 0;
}

static const struct foray__packet *packet_at(const struct foray__parcel *parcel,
                                             uint32_t i)
{
    const char *bytes = (const void *)parcel;
    const uint64_t *offsets = (const void *)(bytes + parcel->table);

    return (const void *)(bytes + offsets[i]);
}

/* The function of a call, in this process. */
static int find_function(foray_task_fn *out,
                         struct foray__function_cache *cache,
                         const struct foray__packet *packet,
                         struct foray_error *err)
{
    const struct foray__function *at = foray__call_packet_function(packet);
    bool loaded;

    *out = foray__call_packet_fn(packet);
    return at ? foray__function_find(out, cache, at, &loaded, err) : 0;
}

/* The segments that a call's arguments lie in: what it returns of them stays
 * there. */
static void hold_arguments(struct foray__holdings *holdings,
                           const struct foray__packet *packet)
{
    holdings->n = 0;
    for (uint32_t k = 0; k < packet->n; k++) {
        const struct foray__packet_array *from =
            foray__packet_array_of(packet, k);
        const struct foray_segment *segment =
            from && from->segment ? foray__segment_find(from->segment) : NULL;

        if (segment && from->access != FORAY__ACCESS_COPY)
            holdings->items[holdings->n++] = (struct foray__holding){
                segment, NULL, (enum foray__access)from->access};
    }
}

/* Run call i, with its outcome put down. Its code. */
static int run_call(struct foray__execution *execution, uint32_t i,
                    struct foray__function_cache *cache, bool *fits)
{
    const struct foray__parcel *parcel = execution->parcel;
    const struct foray__packet *packet = packet_at(parcel, i), *returned;
    struct foray__here *here = &execution->here;
    double seconds = 0;
    foray_task_fn fn;
    int code = find_function(&fn, cache, packet, &here->task.error);

    here->task.attempt = (int)parcel->attempt;
    if (!code)
        code = foray__here_call(here, (size_t)parcel->first + i, fn, packet,
                                (int)parcel->retries, &seconds);
    if (code) {
        *fits = foray__execution_fail(execution, seconds);
        return code;
    }
    returned = foray__call_returned(&here->task);
    *fits = foray__execution_put(execution, FORAY__OUTCOME_VALUES, seconds,
                                 returned, (size_t)returned->size);
    while (*fits && parcel->pid && here->bag.n)
        foray__mailbag_take(&here->bag); /* the stream finds it */
    return 0;
}

bool foray__execution_calls(struct foray__execution *execution)
{
    const struct foray__parcel *parcel = execution->parcel;
    struct foray__here *here = &execution->here;
    struct foray__function_cache cache = {.fn = NULL};
    bool failed = false, fits = true;

    foray__here_calls(here);
    here->bag.folder = (const char *)(uintptr_t)parcel->folder;
    here->bag.holdings = &execution->arguments;
    execution->arguments.items = execution->items;
    if (!parcel->pid) {
        here->office.placer.place = place_inline;
        here->office.placer.max_inline = SIZE_MAX;
    }
    for (uint32_t i = 0; i < parcel->n && fits; i++) {
        if (foray__execution_is_over(execution, failed)) {
            fits = foray__execution_put(execution, FORAY__OUTCOME_NOT_RUN, 0,
                                        NULL, 0);
            continue;
        }
        if (parcel->pid)
            hold_arguments(&execution->arguments, packet_at(parcel, i));
        failed |= run_call(execution, i, &cache, &fits) != 0;
        foray__mailbag_empty(&here->bag);
    }
    return fits;
}
