/* Whether an outcome is what the model says. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "trial.h"

/* What is judged, and the first thing that is wrong with it. */
struct court {
    const struct trial *trial;
    const struct outcome *outcome;
    char why[256];
};

static void find(struct court *court, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void find(struct court *court, const char *format, ...)
{
    va_list list;

    if (court->why[0])
        return;
    va_start(list, format);
    vsnprintf(court->why, sizeof court->why, format, list);
    va_end(list);
}

static bool is_failure(int status)
{
    return status == FORAY_TASK_FAILED || status == FORAY_TASK_CRASHED ||
           status == FORAY_TASK_TIMEOUT;
}

static bool is_iterator(const struct trial *trial)
{
    return trial->form == FORM_ORDERED || trial->form == FORM_UNORDERED;
}

static bool gives_results(const struct trial *trial)
{
    return trial->form >= FORM_LIST;
}

/* A call's failure is its future's, whatever the policy. */
static bool stops(const struct trial *trial)
{
    return trial->on_error != FORAY_SKIP && trial->form != FORM_FUTURES;
}

/* Whether tasks may be without an end of their own. */
static bool ended_early(const struct court *court)
{
    const struct trial *trial = court->trial;

    return court->outcome->code || (is_iterator(trial) && trial->n_read) ||
           (trial->form == FORM_FUTURES && trial->cancelled);
}

static int highest_bit(unsigned bits)
{
    return bits ? 31 - __builtin_clz(bits) : -1;
}

/* The tries that were made: by number, each once, none too many; that of a
 * result is the last, and came to its end. */
static void judge_tries(struct court *court, size_t i)
{
    unsigned begun = atomic_load(&marks->begun[i]);
    unsigned ended = atomic_load(&marks->ended[i]);
    int last = highest_bit(begun);
    struct expected expected =
        expect_deed(&court->trial->plan, i, court->trial->retries);

    /* What a lost batch had tried again by itself nobody knows. */
    if (atomic_load(&marks->repeated[i]) && !court->trial->lossy)
        find(court, "a try of task %zu began twice", i);
    if (last > court->trial->retries + 1)
        find(court, "task %zu was tried %d times", i, last);
    if (court->outcome->status[i] == FORAY_TASK_OK) {
        if (highest_bit(ended) != last || last < expected.tries)
            find(court, "task %zu is well of tries %#x, begun %#x", i, ended,
                 begun);
        if (gives_results(court->trial) && court->outcome->tries[i] != last)
            find(court, "result %zu is of try %d, begun %#x", i,
                 court->outcome->tries[i], begun);
    } else if (is_failure(court->outcome->status[i]) &&
               !court->trial->disturbed && !court->trial->lossy &&
               !ended_early(court) && last != expected.tries)
        find(court, "task %zu failed after %d tries, not %d", i, last,
             expected.tries);
}

/* Its status, and the code and the signal of its error, are its deed's, or
 * those of what befell it. */
static void judge_status(struct court *court, size_t i)
{
    const struct trial *trial = court->trial;
    const struct outcome *outcome = court->outcome;
    struct expected expected = expect_deed(&trial->plan, i, trial->retries);
    int status = outcome->status[i];
    bool known = outcome->told[i] > 0;

    /* Nothing is tried again when a run ends. */
    if (status != (int)expected.status && ended_early(court))
        expected = expect_deed(&trial->plan, i, 0);

    if (status == FORAY_TASK_NOT_RUN || status == FORAY_TASK_CANCELLED) {
        if (!ended_early(court))
            find(court, "task %zu did not run (status %d)", i, status);
        if (status == FORAY_TASK_NOT_RUN && !trial->lossy &&
            !is_iterator(trial) && atomic_load(&marks->begun[i]))
            find(court, "task %zu began, but its status is not run", i);
        return;
    }
    if (status == (int)expected.status &&
        (!known || (outcome->codes[i] == expected.code &&
                    outcome->signals[i] == expected.signal)))
        return;
    if (status == FORAY_TASK_CRASHED && (trial->disturbed || trial->lossy) &&
        outcome->codes[i] == FORAY_ECRASH)
        return;
    if (status == FORAY_TASK_TIMEOUT && trial->stopped)
        return;
    find(court, "task %zu, deed %d: status %d, code %d, signal %d, not %d", i,
         (int)deed_of(&trial->plan, i), status, outcome->codes[i],
         outcome->signals[i], (int)expected.status);
}

static void judge_telling(struct court *court, size_t i)
{
    int told = court->outcome->told[i], status = court->outcome->status[i];

    if (gives_results(court->trial) && !is_iterator(court->trial)) {
        if (told != 1)
            find(court, "result %zu came %d times", i, told);
    } else if (gives_results(court->trial)) {
        if (told > 1 || (!told && !ended_early(court)))
            find(court, "result %zu came %d times", i, told);
    } else if (told != (is_failure(status) || status == FORAY_TASK_CANCELLED)) {
        find(court, "task %zu, status %d, was told of %d times", i, status,
             told);
    }
}

static void judge_report(struct court *court, const size_t counts[6])
{
    const struct foray_report *report = &court->outcome->report;
    size_t failed = counts[FORAY_TASK_FAILED] + counts[FORAY_TASK_CRASHED] +
                    counts[FORAY_TASK_CANCELLED] + counts[FORAY_TASK_TIMEOUT];

    if (report->ok != counts[FORAY_TASK_OK] || report->failed != failed ||
        report->crashed != counts[FORAY_TASK_CRASHED] ||
        report->timed_out != counts[FORAY_TASK_TIMEOUT] ||
        report->not_run != counts[FORAY_TASK_NOT_RUN])
        find(court,
             "the report says %zu ok, %zu failed, %zu crashed, %zu timed out, "
             "%zu not run, but there are %zu, %zu, %zu, %zu, %zu",
             report->ok, report->failed, report->crashed, report->timed_out,
             report->not_run, counts[FORAY_TASK_OK], failed,
             counts[FORAY_TASK_CRASHED], counts[FORAY_TASK_TIMEOUT],
             counts[FORAY_TASK_NOT_RUN]);
}

/* The run's own code: 0 unless it was to stop, or was cancelled. */
static void judge_run(struct court *court, size_t lowest)
{
    const struct trial *trial = court->trial;
    const struct outcome *outcome = court->outcome;

    if (outcome->code == FORAY_ECANCELED && trial->cancelled)
        return;
    if (!stops(trial)) {
        if (outcome->code)
            find(court, "the run failed: %s", outcome->err.msg);
        return;
    }
    if (!outcome->code) {
        if (lowest < trial->n && !(is_iterator(trial) && trial->n_read))
            find(court, "task %zu failed, the run did not", lowest);
        return;
    }
    if (outcome->err.task < 0 || (size_t)outcome->err.task != lowest)
        find(court, "the run names task %lld (%s), not %zu",
             (long long)outcome->err.task, outcome->err.msg, lowest);
    else if (outcome->err.code != outcome->code ||
             outcome->codes[lowest] != outcome->code)
        find(court, "the run has code %d, task %zu has %d", outcome->code,
             lowest, outcome->codes[lowest]);
}

static bool is_deadly(enum deed deed)
{
    return deed == DEED_DIE || deed == DEED_ABORT || deed == DEED_EXIT;
}

/* Add one kind of things that may be wrong; whether they are. */
static bool conclude(struct court *court, size_t *wrong, bool *right)
{
    bool is_wrong = court->why[0] != 0;

    *wrong += is_wrong;
    *right &= !is_wrong;
    return is_wrong;
}

static void tell(struct campaign *campaign, struct court *court)
{
    campaign_fault(campaign, "%s, %s of %zu, %s, retries %d: %s",
                   court->trial->backend, form_names[court->trial->form],
                   court->trial->n, stops(court->trial) ? "stop" : "skip",
                   court->trial->retries, court->why);
    court->why[0] = 0;
}

static bool judge_task(struct tally *tally, struct campaign *campaign,
                       struct court *court, size_t i)
{
    bool right = true;
    bool deadly = is_deadly(deed_of(&court->trial->plan, i)) &&
                  court->outcome->status[i] != FORAY_TASK_NOT_RUN &&
                  court->outcome->status[i] != FORAY_TASK_CANCELLED;

    tally->tasks++;
    tally->deadly += deadly;
    tally->again += highest_bit(atomic_load(&marks->begun[i])) > 1;
    judge_tries(court, i);
    if (conclude(court, &tally->wrong_tries, &right))
        tell(campaign, court);
    judge_status(court, i);
    judge_telling(court, i);
    if (conclude(court, deadly ? &tally->unnamed : &tally->wrong_results,
                 &right))
        tell(campaign, court);
    return right;
}

bool judge(struct tally *tally, struct campaign *campaign,
           const struct trial *trial, const struct outcome *outcome)
{
    struct court court = {trial, outcome, ""};
    size_t counts[6] = {0}, lowest = trial->n;
    bool right = true;

    for (size_t i = 0; i < trial->n; i++) {
        right &= judge_task(tally, campaign, &court, i);
        counts[outcome->status[i]]++;
        if (is_failure(outcome->status[i]) && lowest == trial->n)
            lowest = i;
    }
    tally->stops += stops(trial) && outcome->code;
    tally->drops += is_iterator(trial) && trial->n_read > 0;
    judge_run(&court, lowest);
    if (conclude(&court, &tally->wrong_stops, &right))
        tell(campaign, &court);
    if (outcome->has_report)
        judge_report(&court, counts);
    if (trial->form == FORM_MAP) {
        tally->slices += trial->n;
        tally->halves += outcome->n_halves;
    }
    if (outcome->fault[0])
        find(&court, "%s", outcome->fault);
    if (conclude(&court, &tally->wrong_results, &right))
        tell(campaign, &court);
    return right;
}
