#include "engine/purse.h"

#include <stdio.h>
#include <unistd.h>

#include <foray/task.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/deadline.h"
#include "engine/task_body.h"
#include "storage/size_text.h"

/* Seconds after which a task that waits looks again without being woken. */
static const double patience = 0.2;

/* Seconds that a batch, or several, take at least before they are measured,
 * which costs some tens of microseconds; what is soon over cannot have touched
 * much. */
static const double short_while = 2e-3;

/* Bytes that tasks may reserve and still be measured several at a time: no more
 * is hidden of what one needs beside by what another reserved. */
static const uint64_t little = 1 << 20;

/* Somebody who waits to begin may. */
static void call_workers(struct foray__purse *purse)
{
    foray__doorbell_ring(purse->bell);
}

static void lower(struct foray__purse *purse, uint64_t bytes)
{
    if (foray__budget_lower(purse->budget, purse->slot, bytes))
        call_workers(purse);
}

/* What tasks were seen to need, or that they need so little beside what they
 * reserve: whoever waited for that has another wish now. */
static void tell(struct foray__purse *purse, uint64_t peak)
{
    if (foray__budget_tell(purse->budget, peak))
        call_workers(purse);
}

bool foray__purse_open(struct foray__purse *purse)
{
    uint64_t need;

    if (!purse->measures)
        return true;
    need = atomic_load(&purse->budget->peak);
    if (need > purse->bytes) /* nobody knows, or more than there is: alone */
        need = purse->bytes;
    purse->waits =
        need && !foray__budget_hold(purse->budget, purse->slot, need);
    purse->batch = purse->waits ? 0 : need;
    return !purse->waits;
}

void foray__purse_close(struct foray__purse *purse)
{
    if (purse->waits)
        foray__budget_waive(purse->budget, purse->slot);
    purse->waits = false;
    if (purse->batch)
        lower(purse, 0);
    purse->batch = 0;
}

static void note_peak(struct foray__purse *purse,
                      const struct foray__resident *resident)
{
    if (resident->peak > atomic_load(purse->peak_resident))
        atomic_store(purse->peak_resident, resident->peak);
}

static void begin_measure(struct foray__purse *purse)
{
    purse->is_measuring = foray__resident_read(&purse->before, getpid());
    purse->most_reserved = 0;
    if (!purse->is_measuring)
        return;
    note_peak(purse, &purse->before);
    foray__resident_forget_peak();
    /* What an earlier batch left in the heap, this one may use, too. */
    if (!purse->first_anonymous ||
        purse->before.anonymous < purse->first_anonymous)
        purse->first_anonymous = purse->before.anonymous;
    purse->began = foray__now();
}

void foray__purse_begin_batch(struct foray__purse *purse, uint32_t run)
{
    if (!purse->measures || (purse->is_measuring && purse->run == run))
        return;
    begin_measure(purse);
    purse->run = run;
}

/* The most that the worker has had for itself since the batch began, beyond
 * what it had at first. Pages of files and shared arrays that were touched
 * since are taken for part of the peak; less than what is there now it cannot
 * have been. */
static uint64_t measure(struct foray__purse *purse)
{
    size_t first = purse->first_anonymous, shared = purse->before.shared, most;
    struct foray__resident after;

    if (!purse->is_measuring || !foray__resident_read(&after, getpid()))
        return 0;
    purse->is_measuring = false;
    note_peak(purse, &after);
    if (after.shared > shared)
        shared = after.shared;
    most = after.peak > shared ? after.peak - shared : 0;
    if (most < after.anonymous)
        most = after.anonymous;
    return most > first ? most - first : 0;
}

/* Whether what the batch needed shows well enough in a later one. */
static bool can_wait(const struct foray__purse *purse)
{
    return purse->is_measuring && purse->most_reserved <= little &&
           atomic_load(&purse->budget->peak) != FORAY__NO_PEAK &&
           foray__now() - purse->began < short_while;
}

void foray__purse_end_batch(struct foray__purse *purse)
{
    uint64_t peak;

    if (!purse->measures)
        return;
    if (!can_wait(purse)) {
        peak = measure(purse);
        tell(purse,
             peak > purse->most_reserved ? peak - purse->most_reserved : 0);
    }
    if (purse->batch)
        lower(purse, 0);
    purse->batch = 0;
}

void foray__purse_end_task(struct foray__purse *purse)
{
    if (!purse->reserved)
        return;
    purse->reserved = 0;
    lower(purse, purse->batch);
}

/* Hold more than before. False: the run is to end. */
static bool wait_for(struct foray_task *task, uint64_t bytes)
{
    struct foray__purse *purse = task->purse;
    struct foray__doorbell *given_back = &purse->budget->given_back;
    uint32_t seen = atomic_load(&given_back->count);
    double left;
    bool granted = foray__budget_hold(purse->budget, purse->slot, bytes);

    if (granted)
        return true;
    left = foray__deadline_pause(purse->deadline);
    foray__budget_settle_tie(purse->budget);
    while (!granted && !foray_task_cancelled(task)) {
        foray__doorbell_wait(given_back, seen, 0, patience,
                             &purse->budget->holders[purse->slot].asleep);
        seen = atomic_load(&given_back->count);
        granted = foray__budget_hold(purse->budget, purse->slot, bytes);
    }
    if (!granted)
        foray__budget_waive(purse->budget, purse->slot);
    if (left > 0)
        foray__deadline_set(purse->deadline, left);
    return granted;
}

/* The task says itself what it needs: a worker that goes alone, because nobody
 * knew, need not any longer. */
static void end_probe(struct foray__purse *purse)
{
    if (atomic_load(&purse->budget->peak) != FORAY__NO_PEAK)
        return;
    purse->batch = 0;
    tell(purse, 0);
}

static int refuse(struct foray_task *task, size_t bytes, const char *name)
{
    char who[FORAY__TAIL_SIZE + 16], tail[FORAY__TAIL_SIZE];
    struct foray_error error;

    if (name)
        snprintf(who, sizeof who, "%s needs", foray__tail(tail, name));
    else
        snprintf(who, sizeof who, "task %zu wants to reserve", task->index);
    foray__fail(&error, FORAY_ENOMEM,
                "%s %zu bytes (%s), and the whole budget of the pool is %zu "
                "(%s): raise `memory`, or let the task do less at a time",
                who, bytes, foray__size_text(bytes).text, task->purse->bytes,
                foray__size_text(task->purse->bytes).text);
    foray_task_raise(task, &error);
    return FORAY_ENOMEM;
}

int foray_task_reserve(struct foray_task *task, size_t bytes)
{
    return foray_task_reserve_for(task, bytes, NULL);
}

int foray_task_reserve_for(struct foray_task *task, size_t bytes,
                           const char *name)
{
    struct foray__purse *purse = task->purse;
    uint64_t before;

    if (!purse || purse->bytes == FORAY_NEVER)
        return 0;
    if (bytes > purse->bytes)
        return refuse(task, bytes, name);
    if (!purse->budget)
        return 0;
    before = purse->batch + purse->reserved;
    end_probe(purse);
    if (purse->batch + bytes > before) {
        if (!wait_for(task, purse->batch + bytes))
            return FORAY_ECANCELED;
    } else {
        lower(purse, purse->batch + bytes);
    }
    purse->reserved = bytes;
    if (bytes > purse->most_reserved)
        purse->most_reserved = bytes;
    return 0;
}
