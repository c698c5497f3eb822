#include "engine/worker_report.h"

#include <string.h>
#include <time.h>

#include "engine/capture.h"

/* Seconds that outcomes of calls may wait before a sleeping parent is woken:
 * many short calls wake it once. */
static const double patience = 200e-6;

/* Room for a record, waiting for the parent to make it. */
static struct foray__record *reserve(struct foray__labor *labor, size_t payload)
{
    struct foray__records *ring = &labor->slot->records;
    struct timespec nap = {0, 50 * 1000};
    struct foray__record *record;

    while (!(record = foray__records_reserve(ring, payload))) {
        if (labor->ops->collect) {
            labor->ops->collect(labor);
            continue;
        }
        foray__labor_notify(labor);
        nanosleep(&nap, NULL);
        if (nap.tv_nsec < 2 * 1000 * 1000) /* the caller may be elsewhere */
            nap.tv_nsec += nap.tv_nsec / 2;
    }
    return record;
}

static void commit(struct foray__labor *labor, struct foray__record *record,
                   enum foray__record_kind kind, uint64_t index, double seconds)
{
    record->kind = (uint32_t)kind;
    record->task = index;
    record->attempt = (uint32_t)labor->task.attempt;
    record->seconds = seconds;
    foray__records_commit(&labor->slot->records, record);
}

static void end_run(struct foray__labor *labor)
{
    atomic_store(&labor->shared->cancelled, labor->prepared);
    foray__budget_wake(&labor->shared->budget);
}

void foray__report_error(struct foray__labor *labor, uint64_t index,
                         const struct foray_error *error, double seconds)
{
    struct foray__record *record = reserve(labor, sizeof *error);

    memcpy(record + 1, error, sizeof *error);
    commit(labor, record, FORAY__RECORD_ERROR, index, seconds);
    if (labor->shared->order.stop) /* the others need not wait for the parent */
        end_run(labor);
    foray__labor_notify(labor);
}

void foray__report_values(struct foray__labor *labor, uint64_t index,
                          double seconds, double now)
{
    const struct foray__packet *packet = foray__call_returned(&labor->task);
    struct foray__record *record;

    record = reserve(labor, packet->size);
    memcpy(record + 1, packet, packet->size);
    commit(labor, record, FORAY__RECORD_VALUES, index, seconds);
    if (now - labor->told > patience ||
        foray__records_half_full(&labor->slot->records)) {
        labor->told = now;
        foray__labor_notify(labor);
    }
}

void foray__report_output(struct foray__labor *labor, uint64_t index)
{
    size_t size = foray__capture_end();
    struct foray__record *record;

    if (!size)
        return;
    record = reserve(labor, size);
    foray__capture_fill((void *)(record + 1), size);
    commit(labor, record, FORAY__RECORD_OUTPUT, index, 0);
    foray__capture_begin(); /* nobody else's, whatever comes now */
}
