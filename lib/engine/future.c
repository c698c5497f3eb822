/* Calls submitted one by one. */
#include <foray/parallel.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/process.h"
#include "engine/futures.h"
#include "engine/result_body.h"
#include "engine/stream.h"

enum { FIRST_CAPACITY = 64 };

struct foray_future {
    struct foray__futures *all;
    uint64_t index;
    bool done, taken, orphaned;
    struct foray_result result;
};

/* The futures of one pool: a stream that lasts as long as there are any. */
struct foray__futures {
    struct foray_pool *pool;
    struct foray__stream *stream;
    /* Those under way, by index: of a power of two, never more than half full,
     * each at its index or at the next place that is free. */
    struct foray_future **table;
    size_t capacity, n_open;
    size_t n_held; /* futures that the caller did not free */
};

static size_t home(const struct foray__futures *all, uint64_t index)
{
    return (size_t)index & (all->capacity - 1);
}

static size_t behind(const struct foray__futures *all, size_t at)
{
    return (at + 1) & (all->capacity - 1);
}

/* Where a future is, or the free place where it would be. */
static size_t place(const struct foray__futures *all, uint64_t index)
{
    size_t at = home(all, index);

    while (all->table[at] && all->table[at]->index != index)
        at = behind(all, at);
    return at;
}

/* Twice as large. */
static bool grow(struct foray__futures *all)
{
    struct foray__futures more = *all;

    more.capacity = all->capacity ? 2 * all->capacity : FIRST_CAPACITY;
    more.table = calloc(more.capacity, sizeof(struct foray_future *));
    if (!more.table)
        return false;
    for (size_t i = 0; i < all->capacity; i++)
        if (all->table[i])
            more.table[place(&more, all->table[i]->index)] = all->table[i];
    free((void *)all->table);
    all->table = more.table;
    all->capacity = more.capacity;
    return true;
}

static bool insert(struct foray__futures *all, struct foray_future *future)
{
    if (2 * (all->n_open + 1) > all->capacity && !grow(all))
        return false;
    all->table[place(all, future->index)] = future;
    all->n_open++;
    return true;
}

/* Those behind it move up, unless they are where they belong. */
static void take_out(struct foray__futures *all, size_t at)
{
    size_t mask = all->capacity - 1;

    all->n_open--;
    for (size_t k = behind(all, at); all->table[k]; k = behind(all, k)) {
        size_t from_home = (k - home(all, all->table[k]->index)) & mask;

        if (from_home < ((k - at) & mask))
            continue;
        all->table[at] = all->table[k];
        at = k;
    }
    all->table[at] = NULL;
}

static void finish(struct foray_future *future,
                   const struct foray_result *result)
{
    future->result = *result;
    future->done = true;
    if (!future->orphaned)
        return;
    foray_result_free(&future->result);
    free(future);
}

static void deliver(struct foray_result *result, void *arg)
{
    struct foray__futures *all = arg;
    size_t at = all->capacity ? place(all, result->index) : 0;
    struct foray_future *future = all->capacity ? all->table[at] : NULL;

    if (!future) {
        foray_result_free(result); /* never */
        return;
    }
    take_out(all, at);
    finish(future, result);
}

static int open_futures(struct foray_pool *pool, struct foray_error *err)
{
    struct foray__futures *all = calloc(1, sizeof *all);
    struct foray__stream_options options = {.on_error = FORAY_SKIP,
                                            .window = SIZE_MAX,
                                            .batch = 1,
                                            .single = true,
                                            .deliver = deliver,
                                            .arg = all};
    int code;

    if (!all)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a future");
    all->pool = pool;
    code = foray__stream_open(&all->stream, pool, &options, err);
    if (code) {
        free(all);
        return code;
    }
    pool->futures = all;
    return 0;
}

static void cancel_rest(struct foray__futures *all)
{
    for (size_t i = 0; i < all->capacity; i++) {
        struct foray_result result = {.worker = -1};
        struct foray_error error;

        if (!all->table[i])
            continue;
        foray__fail(&error, FORAY_ECANCELED, "the pool's run was cancelled");
        error.task = (int64_t)all->table[i]->index;
        result.index = (size_t)all->table[i]->index;
        foray__result_fail(&result, &error, FORAY_TASK_NOT_RUN);
        finish(all->table[i], &result);
        all->table[i] = NULL;
        all->n_open--;
    }
}

/* With the last future ends the run that they were. */
static void close_if_unused(struct foray__futures *all)
{
    if (all->n_held)
        return;
    all->pool->futures = NULL;
    foray__stream_close(all->stream, NULL);
    cancel_rest(all);
    free((void *)all->table);
    free(all);
}

/* The next one to be submitted. False: no memory. */
static bool enter(struct foray__futures *all, struct foray_future *future)
{
    future->all = all;
    future->index = all->stream->n_made;
    return insert(all, future);
}

int foray_submit(struct foray_future **out, struct foray_pool *pool,
                 const struct foray_call *call, struct foray_error *err)
{
    struct foray__futures *all;
    struct foray_future *future;
    int code = 0;

    *out = NULL;
    if (!pool)
        return foray__fail(err, FORAY_EINVAL,
                           "foray_submit needs a pool: open one, or run the "
                           "call by foray_parallel");
    FORAY_TRY(foray__check_process(pool->pid, "the pool", err));
    if (!pool->futures)
        FORAY_TRY(open_futures(pool, err));
    all = pool->futures;
    all->n_held++; /* keeps it open while this goes on */
    future = calloc(1, sizeof *future);
    if (all->stream->course.stopping)
        code = foray__fail(err, FORAY_ECANCELED,
                           "the pool's run was cancelled: free its futures");
    else if (!future || !enter(all, future))
        code = foray__fail(err, FORAY_ENOMEM, "no memory for a future");
    if (!code) {
        code = foray__stream_add(all->stream, call, err);
        if (code)
            take_out(all, place(all, future->index));
    }
    if (code) {
        free(future);
        all->n_held--;
        close_if_unused(all);
        return code;
    }
    *out = future;
    return 0;
}

/* One look at what came; `seconds` as foray__stream_wait. */
static int look(struct foray_future *future, double seconds,
                struct foray_error *err)
{
    struct foray__futures *all = future->all;
    int code = foray__stream_wait(all->stream, seconds, err);

    if (!code && all->stream->course.stopping && !future->done) {
        foray__stream_finish(all->stream);
        cancel_rest(all);
    }
    return code;
}

static bool works_in_wait(const struct foray_future *future)
{
    const struct foray__carrier *carrier = future->all->stream->carrier;

    return carrier && carrier->works_in_wait;
}

bool foray_future_done(struct foray_future *future)
{
    if (!future->done &&
        !foray__check_process(future->all->pool->pid, "the future", NULL) &&
        !works_in_wait(future))
        (void)look(future, 0, NULL);
    return future->done;
}

int foray_future_wait(struct foray_future *future, double seconds,
                      struct foray_result *result, struct foray_error *err)
{
    double until = foray__now() + seconds, left = 1;

    FORAY_TRY(foray__check_process(future->all->pool->pid, "the future", err));
    if (future->taken)
        return foray__fail(err, FORAY_EINVAL,
                           "the future's result was taken before");
    while (!future->done) {
        if (seconds >= 0)
            left = until - foray__now();
        FORAY_TRY(look(future, left > 1 ? 1 : left, err));
        if (!future->done && seconds >= 0 && foray__now() >= until)
            return foray__fail(err, FORAY_EAGAIN,
                               "the call is not done yet, after %g s", seconds);
    }
    *result = future->result;
    memset(&future->result, 0, sizeof future->result);
    future->taken = true;
    return 0;
}

bool foray_future_cancel(struct foray_future *future)
{
    if (future->done ||
        foray__check_process(future->all->pool->pid, "the future", NULL))
        return false;
    return foray__stream_withdraw(future->all->stream, future->index);
}

void foray_future_free(struct foray_future *future)
{
    struct foray__futures *all;

    if (!future ||
        foray__check_process(future->all->pool->pid, "the future", NULL))
        return;
    all = future->all;
    if (future->done) {
        foray_result_free(&future->result);
        free(future);
    } else {
        future->orphaned = true;
    }
    all->n_held--;
    close_if_unused(all);
}
