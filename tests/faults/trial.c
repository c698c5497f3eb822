#include "trial.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const form_names[N_FORMS] = {
    "for",    "map", "reduce", "list", "ordered iterator", "unordered iterator",
    "futures"};

void outcome_fault(struct outcome *outcome, const char *format, ...)
{
    va_list list;

    if (outcome->fault[0])
        return;
    va_start(list, format);
    vsnprintf(outcome->fault, sizeof outcome->fault, format, list);
    va_end(list);
}

void outcome_failed(const struct foray_error *err, void *arg)
{
    struct outcome *outcome = arg;

    if (err->task < 0 || err->task >= MAX_DEEDS) {
        outcome_fault(outcome, "an error of no task: %s", err->msg);
        return;
    }
    outcome->told[err->task]++;
    outcome->codes[err->task] = err->code;
    outcome->signals[err->task] = err->signal;
}

/* Loops */

static int for_task(struct foray_task *task)
{
    return do_deed(task, foray_task_params(task), foray_task_index(task));
}

static void run_loop(struct outcome *outcome, struct foray_pool *pool,
                     const struct trial *trial)
{
    const struct foray_for loop = {.fn = for_task,
                                   .n = trial->n,
                                   .params = &trial->plan,
                                   .params_size = sizeof trial->plan,
                                   .status = outcome->status,
                                   .failed = outcome_failed,
                                   .failed_arg = outcome};

    outcome->code = foray_for(pool, &loop, &outcome->report, &outcome->err);
    outcome->has_report = true;
}

/* Calls: (number, plan) -> number, value, try, and now and then many bytes */

enum { MANY_BYTES = 20000 };

static size_t n_bytes(size_t i)
{
    return i % 16 == 5 ? MANY_BYTES : 0;
}

static int call_task(struct foray_task *task)
{
    size_t i = (size_t)foray_task_u64(task, 0);
    struct foray_bytes bytes = foray_task_bytes(task, 1);
    static unsigned char many[MANY_BYTES];
    struct plan plan;
    int code;

    if (bytes.size != sizeof plan || foray_task_index(task) != i)
        return foray_task_fail(task, "call %zu has another's arguments", i);
    memcpy(&plan, bytes.data, sizeof plan);
    code = do_deed(task, &plan, i);
    if (code)
        return code;
    if (!n_bytes(i))
        return foray_return(task, i, deed_value(&plan, i),
                            foray_task_attempt(task));
    return foray_return(task, i, deed_value(&plan, i), foray_task_attempt(task),
                        FORAY_BYTES(many, n_bytes(i)));
}

static struct foray_call make_call(const struct trial *trial, size_t i)
{
    return foray_delayed(call_task, i,
                         FORAY_BYTES(&trial->plan, sizeof trial->plan));
}

static void look_at_values(struct outcome *outcome, const struct trial *trial,
                           const struct foray_result *result)
{
    size_t i = result->index;

    if (foray_result_u64(result, 0) != i ||
        foray_result_u64(result, 1) != deed_value(&trial->plan, i))
        outcome_fault(outcome, "result %zu has another's values", i);
    if (foray_result_i64(result, 2) != result->attempt)
        outcome_fault(outcome, "result %zu is of another try", i);
    if (foray_result_bytes(result, 3).size != n_bytes(i))
        outcome_fault(outcome, "result %zu has other bytes", i);
}

/* One result; the result is freed. */
static void take_result(struct outcome *outcome, const struct trial *trial,
                        struct foray_result *result)
{
    size_t i = result->index;
    const struct foray_error *err = foray_result_error(result);

    if (i >= trial->n) {
        outcome_fault(outcome, "a result of call %zu of %zu", i, trial->n);
    } else {
        outcome->n_results++;
        outcome->told[i]++;
        outcome->status[i] = (uint8_t)result->status;
        outcome->codes[i] = result->code;
        outcome->signals[i] = err ? err->signal : 0;
        outcome->tries[i] = result->attempt;
        if (!result->code != (result->status == FORAY_TASK_OK))
            outcome_fault(outcome, "result %zu: code %d, status %d", i,
                          result->code, (int)result->status);
        if (!result->code)
            look_at_values(outcome, trial, result);
    }
    foray_result_free(result);
}

static void run_calls(struct outcome *outcome, struct foray_pool *pool,
                      const struct trial *trial)
{
    struct foray_call *calls = calloc(trial->n + 1, sizeof *calls);
    struct foray_result *results = calloc(trial->n + 1, sizeof *results);

    if (!calls || !results)
        abort();
    for (size_t i = 0; i < trial->n; i++)
        calls[i] = make_call(trial, i);
    outcome->code =
        foray_parallel(pool, calls, trial->n, results, &outcome->err);
    for (size_t i = 0; i < trial->n; i++) {
        if (results[i].index != i)
            outcome_fault(outcome, "result %zu is in place %zu",
                          results[i].index, i);
        take_result(outcome, trial, &results[i]);
    }
    free(results);
    free(calls);
}

/* Iterators */

struct producer {
    const struct trial *trial;
    size_t next;
};

static int next_call(struct foray_slot *slot, void *arg)
{
    struct producer *producer = arg;

    if (producer->next == producer->trial->n)
        return 0;
    return foray_produce(slot, make_call(producer->trial, producer->next++));
}

static void run_iterator(struct outcome *outcome, struct foray_pool *pool,
                         const struct trial *trial)
{
    struct producer producer = {trial, 0};
    const struct foray_iterator iterator = {.next = next_call,
                                            .next_arg = &producer,
                                            .unordered =
                                                trial->form == FORM_UNORDERED,
                                            .batch_size = trial->batch_size};
    struct foray_result result;
    struct foray_run *run = NULL;
    size_t read = 0;

    outcome->code = foray_run_start(&run, pool, &iterator, &outcome->err);
    while (!outcome->code && (!trial->n_read || read < trial->n_read)) {
        int code = foray_run_next(run, &result, &outcome->err);

        if (code <= 0) {
            outcome->code = code;
            break;
        }
        if (!iterator.unordered && result.index != read)
            outcome_fault(outcome, "result %zu came in place %zu", result.index,
                          read);
        read++;
        take_result(outcome, trial, &result);
    }
    if (run && foray_run_failure(run)) {
        const struct foray_result *failure = foray_run_failure(run);

        outcome_failed(foray_result_error(failure), outcome);
        outcome->status[failure->index] = (uint8_t)failure->status;
        outcome->tries[failure->index] = failure->attempt;
    }
    foray_run_drop(run, &outcome->report);
}

static void run_futures(struct outcome *outcome, struct foray_pool *pool,
                        const struct trial *trial)
{
    struct foray_future **futures = calloc(trial->n + 1, sizeof *futures);
    struct foray_result result;
    size_t n = 0;

    if (!futures)
        abort();
    for (; n < trial->n && !outcome->code; n++) {
        struct foray_call call = make_call(trial, n);

        outcome->code = foray_submit(&futures[n], pool, &call, &outcome->err);
    }
    for (size_t i = 0; i < n; i++) {
        if (futures[i] && !foray_future_wait(futures[i], -1, &result, NULL)) {
            result.index = i; /* a future is its place */
            take_result(outcome, trial, &result);
        }
        foray_future_free(futures[i]);
    }
    free(futures);
}

void run_trial(struct outcome *outcome, struct foray_pool *pool,
               const struct trial *trial)
{
    memset(outcome, 0, sizeof *outcome);
    switch (trial->form) {
    case FORM_FOR:
        run_loop(outcome, pool, trial);
        break;
    case FORM_MAP:
        run_map(outcome, pool, trial);
        break;
    case FORM_REDUCE:
        run_reduce(outcome, pool, trial);
        break;
    case FORM_LIST:
        run_calls(outcome, pool, trial);
        break;
    case FORM_FUTURES:
        run_futures(outcome, pool, trial);
        break;
    default:
        run_iterator(outcome, pool, trial);
    }
}
