/* A list of calls. */
#include <foray/parallel.h>

#include <string.h>

#include "base/error.h"
#include "engine/dispatch.h"
#include "engine/pool_once.h"
#include "engine/result_body.h"
#include "engine/stream.h"

static void keep(struct foray_result *result, void *arg)
{
    struct foray_result *results = arg;

    results[result->index] = *result;
}

static void let_go(struct foray_result *result, void *arg)
{
    (void)arg;
    foray_result_free(result);
}

/* Calls that threads get before the next batch is made as long as the last of
 * them say. */
enum { CALLS_AT_ONCE = 64 };

static int run_list(struct foray__stream *stream,
                    const struct foray_call *calls, size_t n,
                    struct foray_error *err)
{
    size_t made = 0;
    int code = 0;

    foray__snapshots_expect(&stream->snapshots, calls, n);
    foray__stream_expect(stream, n);
    while (!code && !stream->course.stopping &&
           (made < n || foray__stream_n_open(stream))) {
        while (!code && made < n && foray__stream_has_room(stream)) {
            code = foray__stream_add(stream, &calls[made++], err);
            if (stream->snapshots.here && made % CALLS_AT_ONCE == 0)
                foray__stream_glance(&stream->watch);
        }
        if (!code && made == n)
            code = foray__stream_flush(stream, err);
        if (!code)
            code = foray__stream_wait(stream, 1.0, err);
    }
    return code;
}

/* Results of calls that did not begin. */
static void prepare(struct foray_result *results, size_t n)
{
    for (size_t i = 0; i < n; i++)
        results[i] = (struct foray_result){.code = FORAY_ECANCELED,
                                           .status = FORAY_TASK_NOT_RUN,
                                           .index = i,
                                           .worker = -1};
}

static int run_in(struct foray_pool *pool, const struct foray_call *calls,
                  size_t n, struct foray_result *results,
                  struct foray_error *err)
{
    struct foray__stream_options options = {
        .on_error = pool->config.on_error,
        .batch = (size_t)pool->config.batch_size,
        .total = n,
        .caller_waits = true,
        .deliver = results ? keep : let_go,
        .arg = results,
    };
    struct foray__stream *stream;
    int code;

    FORAY_TRY(foray__dispatch_window(&options.window, pool->config.pre_dispatch,
                                     pool->n_jobs, err));
    FORAY_TRY(foray__stream_open(&stream, pool, &options, err));
    code = run_list(stream, calls, n, err);
    foray__stream_finish(stream);
    if (!code) {
        foray__stream_progress(stream, true);
        code = foray__stream_verdict(stream, err);
    }
    foray__stream_close(stream, NULL);
    return code;
}

int foray_parallel(struct foray_pool *pool, const struct foray_call *calls,
                   size_t n, struct foray_result *results,
                   struct foray_error *err)
{
    struct foray_pool *used;
    int code;

    if (results)
        prepare(results, n);
    FORAY_TRY(foray__pool_for_run(&used, pool, n, err));
    code = run_in(used, calls, n, results, err);
    foray__pool_after_run(used, pool);
    return code;
}
