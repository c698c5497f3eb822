/* An iterator: calls made lazily, results in order or as they come. */
#include <foray/parallel.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/process.h"
#include "engine/checks.h"
#include "engine/dispatch.h"
#include "engine/inbox.h"
#include "engine/only_task.h"
#include "engine/pool_once.h"
#include "engine/result_body.h"
#include "engine/stream.h"

/* Bytes of results that wait to be read. */
enum { MAX_UNREAD = 64 << 20 };

/* Of which the producer is asked at a stretch before results are looked at. */
enum { CALLS_AT_ONCE = 256 };

struct foray_run {
    struct foray_pool *pool;
    bool owns_pool; /* made for this run */
    struct foray__stream *stream;
    struct foray_iterator iterator;
    struct foray__inbox inbox;
    size_t max_unread;
    double mean_nbytes; /* of a result, lately */
    bool exhausted;     /* the producer has no more */
    bool ended;         /* and all results were read */
    int code;           /* not 0: the run ended early */
    struct foray_error error;
};

struct foray_slot {
    struct foray__stream *stream;
    struct foray_error *error;
    bool made;
};

int foray_produce(struct foray_slot *slot, struct foray_call call)
{
    int code;

    if (slot->made)
        return foray__fail(slot->error, FORAY_EINVAL,
                           "the producer made two calls at once: return after "
                           "each");
    code = foray__stream_add(slot->stream, &call, slot->error);
    slot->made = !code;
    return code ? code : 1;
}

int foray_produce_fail(struct foray_slot *slot, int code, const char *fmt, ...)
{
    char sentence[FORAY_ERROR_MSG_SIZE];
    va_list args;

    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    return foray__fail(slot->error, code < 0 ? code : FORAY_ETASK, "%s",
                       sentence);
}

/* Ask for one more call. */
static void ask(struct foray_run *run)
{
    struct foray_slot slot = {.stream = run->stream, .error = &run->error};
    int answer;

    foray__fail(&run->error, FORAY_ETASK,
                "the producer failed, and did not say why");
    answer = run->iterator.next(&slot, run->iterator.next_arg);
    if (answer > 0 && slot.made)
        return;
    run->exhausted = true;
    foray__stream_expect(run->stream, 0);
    if (answer > 0)
        answer = foray__fail(&run->error, FORAY_EINVAL,
                             "the producer returned %d without a call: use "
                             "foray_produce",
                             answer);
    if (answer < 0) {
        run->code = answer;
        run->error.code = answer;
        foray__course_stop(&run->stream->course);
    }
}

/* Whether the results of what is under way will find room, beside those that
 * are unread; however large they are, no worker is idle for it. */
static bool has_bytes_left(const struct foray_run *run)
{
    uint64_t n_open = foray__stream_n_open(run->stream);
    double expected = (double)n_open * run->mean_nbytes;

    return run->inbox.nbytes < run->max_unread &&
           (n_open < (uint64_t)run->stream->pool->n_jobs ||
            (double)run->inbox.nbytes + expected < (double)run->max_unread);
}

static bool wants_more(const struct foray_run *run)
{
    return !run->exhausted && !run->code && has_bytes_left(run) &&
           foray__stream_has_room(run->stream);
}

/* The run ends for it, if it is a failure. There may have been one already: a
 * result that there was no memory for when it was delivered. */
static void take_code(struct foray_run *run, int code)
{
    if (code)
        run->code = code;
}

/* Keep the workers busy. */
static void produce(struct foray_run *run)
{
    int n = 0;

    while (wants_more(run) && n++ < CALLS_AT_ONCE)
        ask(run);
    if (run->code || (n >= CALLS_AT_ONCE && wants_more(run)))
        return;
    take_code(run, foray__stream_flush(run->stream, &run->error));
}

static void deliver(struct foray_result *result, void *arg)
{
    struct foray_run *run = arg;
    double nbytes = (double)foray__result_nbytes(result);

    run->mean_nbytes += (nbytes - run->mean_nbytes) / 16;
    if (result->status == FORAY_TASK_NOT_RUN) { /* FORAY_ONLY_TASK */
        foray_result_free(result);
        return;
    }
    if (!foray__inbox_put(&run->inbox, result)) {
        foray_result_free(result);
        run->code =
            foray__fail(&run->error, FORAY_ENOMEM, "no memory for a result");
    }
}

static int check(const struct foray_iterator *iterator, struct foray_error *err)
{
    if (!iterator->next)
        return foray__fail(err, FORAY_EINVAL,
                           "the iterator has no producer: set .next");
    FORAY_TRY(foray__check_batch_size(iterator->batch_size, err));
    return foray__check_on_error(iterator->on_error, err);
}

static void fill_options(struct foray__stream_options *options,
                         const struct foray_pool *pool,
                         const struct foray_iterator *iterator,
                         struct foray_run *run)
{
    options->on_error =
        iterator->on_error ? iterator->on_error : pool->config.on_error;
    options->batch = (size_t)(iterator->batch_size ? iterator->batch_size
                                                   : pool->config.batch_size);
    options->total = iterator->total;
    options->deliver = deliver;
    options->arg = run;
}

/* A run in a pool that is there. */
static int start(struct foray_run *run, struct foray_pool *pool,
                 struct foray_error *err)
{
    const struct foray_iterator *iterator = &run->iterator;
    struct foray__stream_options options = {0};
    const char *ahead = iterator->pre_dispatch ? iterator->pre_dispatch
                                               : pool->config.pre_dispatch;

    FORAY_TRY(
        foray__dispatch_window(&options.window, ahead, pool->n_jobs, err));
    run->max_unread = iterator->max_unread ? iterator->max_unread : MAX_UNREAD;
    run->inbox.ordered =
        !iterator->unordered && pool->only_task == FORAY__ALL_TASKS;
    fill_options(&options, pool, iterator, run);
    FORAY_TRY(foray__stream_open(&run->stream, pool, &options, err));
    produce(run);
    if (run->code && err)
        *err = run->error;
    return run->code;
}

static void end(struct foray_run *run, struct foray_report *report)
{
    if (run->stream) {
        /* What was asked for meanwhile was asked of this run. */
        foray__course_heed(&run->stream->course, run->pool);
        foray__stream_close(run->stream, report);
    }
    foray__inbox_free(&run->inbox);
    if (run->owns_pool)
        foray_pool_close(run->pool);
    free(run);
}

int foray_run_start(struct foray_run **out, struct foray_pool *pool,
                    const struct foray_iterator *iterator,
                    struct foray_error *err)
{
    struct foray_run *run;
    int code;

    *out = NULL;
    FORAY_TRY(check(iterator, err));
    run = calloc(1, sizeof *run);
    if (!run)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    run->iterator = *iterator;
    code = foray__pool_for_iterator(&run->pool, pool, iterator->total, err);
    run->owns_pool = !code && !pool;
    if (!code)
        code = start(run, run->pool, err);
    if (code) {
        end(run, NULL);
        return code;
    }
    *out = run;
    return 0;
}

/* Why the run ended before its time, 0 if it did not. */
static int ended_early(struct foray_run *run, struct foray_error *err)
{
    struct foray__stream *stream = run->stream;

    foray__course_heed(&stream->course, run->pool);
    if (!run->code && stream->course.stopping)
        run->code = foray__stream_verdict(stream, &run->error);
    if (run->code && err)
        *err = run->error;
    return run->code;
}

static int next(struct foray_run *run, struct foray_result *result,
                double seconds, struct foray_error *err)
{
    struct foray__stream *stream = run->stream;

    FORAY_TRY(foray__check_process(run->pool->pid, "the run", err));
    while (!run->ended) {
        if (ended_early(run, err))
            return run->code;
        if (foray__inbox_take(&run->inbox, result)) {
            produce(run);
            return 1;
        }
        produce(run);
        if (run->code)
            continue;
        run->ended = run->exhausted && !foray__stream_n_open(stream);
        if (run->ended)
            break;
        take_code(run, foray__stream_wait(stream, wants_more(run) ? 0 : seconds,
                                          &run->error));
        if (!run->code && seconds <= 0 && !foray__inbox_has(&run->inbox) &&
            !stream->course.stopping && !wants_more(run) &&
            !(run->exhausted && !foray__stream_n_open(stream))) {
            foray__stream_arm(stream);
            return foray__fail(err, FORAY_EAGAIN, "no result is there yet");
        }
    }
    return 0;
}

int foray_run_next(struct foray_run *run, struct foray_result *result,
                   struct foray_error *err)
{
    return next(run, result, 1.0, err);
}

int foray_run_try(struct foray_run *run, struct foray_result *result,
                  struct foray_error *err)
{
    return next(run, result, 0, err);
}

int foray_run_fd(struct foray_run *run)
{
    return foray__stream_fd(run->stream);
}

const struct foray_result *foray_run_failure(const struct foray_run *run)
{
    if (!run->code || run->error.task < 0)
        return NULL;
    return foray__inbox_find(&run->inbox, (size_t)run->error.task);
}

void foray_run_cancel(struct foray_run *run)
{
    foray_pool_cancel(run->pool);
}

void foray_run_drop(struct foray_run *run, struct foray_report *report)
{
    if (run && !foray__check_process(run->pool->pid, "the run", NULL))
        end(run, report);
}
