#include "engine/stray.h"

#include <stdio.h>

#include "array/extent.h"
#include "base/error.h"
#include "engine/struck.h"

/* The array that a byte belongs to, or else the nearest. */
static int owner_of(const struct foray_task *task, uintptr_t address)
{
    const struct foray__order *order = task->order;
    uintptr_t best = UINTPTR_MAX;
    int owner = order->first[FORAY__INOUT];

    for (int k = owner; k < order->first[FORAY__WHOLE]; k++) {
        struct foray__extent extent = foray__extent_of(&task->full[k], -1);
        uintptr_t distance = 0;

        if (address >= extent.high)
            distance = address - extent.high + 1;
        else if (address < extent.low)
            distance = extent.low - address;
        if (distance < best) {
            best = distance;
            owner = k;
        }
    }
    return owner;
}

/* "[0, 8)", or "[0, 8) x [16, 24)"; `size`: enough for three. */
static const char *write_block(char *out, size_t size,
                               const struct foray_task *task)
{
    const struct foray__grid *grid = &task->order->grid;
    size_t length = 0;

    for (int c = 0; c < grid->n_cuts && length < size; c++) {
        struct foray_slice rows = task->block.rows[c];

        length += (size_t)snprintf(out + length, size - length, "%s[%zu, %zu)",
                                   c ? " x " : "", rows.start, rows.stop);
    }
    return out;
}

int foray__stray_fail(struct foray_task *task, uintptr_t address)
{
    int k = owner_of(task, address), first = task->order->first[FORAY__OUT];
    struct foray__struck struck = {.array = task->full[k]};
    char where[320], block[128];

    snprintf(struck.name, sizeof struck.name, "%s[%d]",
             k < first ? "inout" : "out",
             k - (k < first ? task->order->first[FORAY__INOUT] : first));
    foray__struck_tell(where, sizeof where, &struck,
                       (int64_t)(address - (uintptr_t)task->full[k].data));
    foray__fail(&task->error, FORAY_ETASK,
                "task %zu stored outside of its slice %s:%s", task->index,
                write_block(block, sizeof block, task), where);
    task->error.task = (int64_t)task->index;
    task->error.worker = task->worker;
    return FORAY_ETASK;
}
