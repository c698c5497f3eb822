#include "engine/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/capture.h"
#include "engine/crew_threads.h"

/* The caller of a list lends its memory while it waits. As it runs calls, too,
 * the others must not depend on it for more: all are made at once. */
static void make_list_of_threads(struct foray__stream *stream)
{
    if (stream->snapshots.mode != FORAY_READ)
        return; /* stores are not for the caller to see */
    stream->snapshots.here = true;
    stream->options.window = SIZE_MAX;
}

static int begin(struct foray__stream *stream, struct foray_error *err)
{
    struct foray__crew *crew = stream->crew;
    struct foray__order *order = &crew->shared->order;

    if (crew->threads) {
        foray__pool_warn_timeout(stream->pool);
        foray__threads_begin(crew, stream->options.caller_waits);
    }
    if (stream->pool->config.capture)
        FORAY_TRY(foray__capture_open(crew, err));
    if (crew->threads && stream->options.caller_waits)
        make_list_of_threads(stream);
    FORAY_TRY(foray__crew_fill(crew, err));
    for (int slot = 0; slot < stream->pool->n_jobs; slot++)
        foray__capture_tell(crew, slot);
    memset(order->first, 0, sizeof order->first);
    order->fn = NULL;
    order->function.by_file = false;
    order->params_size = 0;
    order->calls = true;
    order->grid.n_cuts = 0;
    order->filed = 0;
    order->partials = false;
    order->marked = false;
    order->capture = stream->pool->config.capture && !crew->threads;
    order->stop = stream->course.on_error == FORAY_STOP;
    order->retries = stream->pool->config.retries;
    order->timeout = stream->pool->config.timeout;
    foray__ambient_take(&order->ambient);
    for (int slot = 0; slot < stream->pool->n_jobs; slot++)
        atomic_store(&crew->shared->slots[slot].n_again, 0);
    foray__watch_clear(crew);
    foray__crew_admit_all(crew);
    stream->n_returned = atomic_load(&crew->shared->returned);
    foray__budget_begin(&crew->shared->budget);
    foray__claims_open(&crew->shared->claims);
    foray__watch_begin(&stream->watch, crew, &stream->course,
                       &foray__stream_watch_ops, stream);
    return 0;
}

void foray__stream_free(struct foray__stream *stream)
{
    foray__bytes_free(&stream->block);
    free(stream->offsets);
    free(stream->batches);
    free(stream);
}

static int new_stream(struct foray__stream **out, struct foray_pool *pool,
                      const struct foray__stream_options *options,
                      struct foray_error *err)
{
    struct foray__stream *stream = calloc(1, sizeof *stream);

    if (stream) {
        stream->offsets = calloc(FORAY__MAX_BATCH, sizeof *stream->offsets);
        stream->batches = calloc(FORAY__CLAIM_WORDS, sizeof *stream->batches);
        if (!stream->offsets || !stream->batches) {
            foray__stream_free(stream);
            stream = NULL;
        }
    }
    if (!stream)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    stream->pool = pool;
    stream->options = *options;
    if (options->batch > FORAY__MAX_BATCH) /* larger ones gain nothing */
        stream->options.batch = FORAY__MAX_BATCH;
    stream->batch_size = options->batch ? stream->options.batch : 1;
    stream->n_to_come = FORAY__UNKNOWN;
    stream->watch_fd = -1;
    stream->snapshots.folder = pool->config.temp_folder;
    stream->snapshots.inherits = pool->inherits;
    stream->snapshots.max_nbytes = pool->config.max_nbytes;
    stream->snapshots.mode = foray__pool_mmap_mode(pool);
    foray__course_begin(&stream->course, options->on_error);
    *out = stream;
    return 0;
}

int foray__stream_open(struct foray__stream **out, struct foray_pool *pool,
                       const struct foray__stream_options *options,
                       struct foray_error *err)
{
    int code;

    *out = NULL;
    FORAY_TRY(foray__pool_take(pool, err));
    code = new_stream(out, pool, options, err);
    if (!code && pool->backend->crew) {
        (*out)->crew = pool->backend->crew(pool);
        code = begin(*out, err);
        if (code && (*out)->crew->threads)
            foray__threads_end((*out)->crew);
    } else if (!code) {
        (*out)->carrier = pool->backend->carrier;
        code = (*out)->carrier->begin(*out, err);
    }
    if (code) {
        if (*out)
            foray__stream_free(*out);
        *out = NULL;
        foray__pool_leave(pool, false);
    }
    return code;
}

bool foray__stream_has_room(const struct foray__stream *stream)
{
    if (stream->course.stopping)
        return false;
    if (!stream->crew)
        return stream->carrier->has_room(stream);
    if (stream->n_in_batch)
        return true; /* there is a batch to fill */
    return stream->n_blocks < stream->options.window &&
           foray__claims_has_room(&stream->crew->shared->claims);
}

uint64_t foray__stream_n_open(const struct foray__stream *stream)
{
    return stream->n_made - stream->n_settled;
}

int foray__stream_verdict(const struct foray__stream *stream,
                          struct foray_error *err)
{
    return foray__course_verdict(&stream->course, (size_t)stream->n_settled,
                                 (size_t)stream->n_made, "calls", err);
}
