#include "engine/order.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array/extent.h"
#include "base/error.h"
#include "base/size.h"
#include "engine/blank.h"
#include "storage/segment.h"

void foray__order_write(struct foray__crew *crew, const struct foray__run *run)
{
    struct foray__order *order = &crew->shared->order;

    foray__run_order(order, run);
    for (int k = 0; k < run->first[FORAY__ROLES]; k++)
        foray__descriptor_make(&order->args[k], run->args[k],
                               k < run->first[FORAY__INOUT]);
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        atomic_store(&crew->shared->slots[slot].n_again, 0);
    if (run->params_size)
        memcpy(crew->shared->params, run->params, run->params_size);
}

/* Let the worker of a slot claim if it knows all it needs. */
static bool tell_all(struct foray__crew *crew, const struct foray__run *run,
                     int slot)
{
    const struct foray__order *order = &crew->shared->order;

    for (int k = 0; k < run->first[FORAY__ROLES]; k++) {
        const struct foray_segment *segment = run->args[k]->segment;

        if (segment && /* else inherited */
            !foray__crew_tell(crew, slot, segment->id, order->args[k].access,
                              segment->fd, segment->length))
            return false;
    }
    atomic_store(&crew->shared->slots[slot].admitted, 1);
    return true;
}

int foray__order_tell(struct foray__crew *crew, const struct foray__run *run,
                      int slot, struct foray_error *err)
{
    if (tell_all(crew, run, slot))
        return 0;
    if (foray__crew_is_leaving(crew, slot))
        return 0; /* the watch makes another if there is work for it */
    FORAY_TRY(foray__crew_check_begin(crew, slot, err));
    /* Dead, or stopped with a full channel: another takes its place. */
    foray__crew_end(crew, slot);
    FORAY_TRY(foray__crew_spawn(crew, slot, err));
    if (tell_all(crew, run, slot))
        return 0;
    FORAY_TRY(foray__crew_check_begin(crew, slot, err));
    foray__crew_end(crew, slot); /* it would wait for ever, and be waited for */
    return foray__fail(err, FORAY_EAGAIN,
                       "worker %d cannot be told of the arrays of this run: "
                       "too little memory or too many open files",
                       slot);
}

/* Whether the file of an array still has these rows of it: a store into what
 * somebody cut off would end this process. */
static bool are_there(const struct foray_array *rows,
                      const struct foray_segment *segment)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct foray__extent extent = foray__extent_of(rows, -1);
    struct stat st;

    return !segment || !segment->path ||
           (!fstat(segment->fd, &st) &&
            extent.high - (uintptr_t)segment->base <=
                foray__round_up((size_t)st.st_size, page));
}

void foray__order_blank(const struct foray__run *run, size_t task)
{
    struct foray__area block;

    foray__grid_block(&block, &run->grid, task);
    for (int k = run->first[FORAY__OUT]; k < run->first[FORAY__OUT + 1]; k++) {
        struct foray_array rows = *run->args[k];

        foray__grid_view(&rows, run->args[k], &run->grid, &block, NULL, false);
        if (are_there(&rows, run->args[k]->segment))
            foray__blank(&rows);
    }
}
