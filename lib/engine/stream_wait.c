/* Waiting for the workers of a stream, and its end. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/crew_threads.h"
#include "engine/stream.h"
#include "engine/stream_handed.h"
#include "storage/file.h"
#include "storage/segment.h"

/* Messages that a worker may have unread before it is told no more for the
 * moment: it is busy, and its channel is not to be filled. */
enum { MAX_UNREAD = 64 };

/* Tell the worker of a slot of the segments of one batch. False: later. */
static bool tell_holdings(const struct foray__stream *stream, int slot,
                          const struct foray__holdings *holdings)
{
    struct foray__crew *crew = stream->crew;
    const struct foray__slot *shared = &crew->shared->slots[slot];

    for (size_t i = 0; i < holdings->n; i++) {
        const struct foray__holding *item = &holdings->items[i];

        if (atomic_load(&shared->sent) - atomic_load(&shared->received) >=
            MAX_UNREAD)
            return false;
        if (foray__crew_tell(crew, slot, item->segment->id, item->access,
                             item->segment->fd, item->segment->length))
            continue;
        crew->members[slot].unreachable = errno != EAGAIN;
        return false;
    }
    return true;
}

void foray__stream_tell(struct foray__stream *stream, int slot)
{
    struct foray__member *member = &stream->crew->members[slot];

    member->lagging = member->unreachable = false;
    for (uint64_t k = stream->tail; k < stream->n_offered && !member->lagging;
         k++) {
        const struct foray__batch *batch =
            &stream->batches[k % FORAY__CLAIM_WORDS];

        if (batch->n_left &&
            !tell_holdings(stream, slot, &batch->block->holdings))
            member->lagging = true;
    }
}

void foray__stream_tell_all(struct foray__stream *stream,
                            const struct foray__holdings *holdings)
{
    for (int slot = 0; holdings->n && slot < stream->pool->n_jobs; slot++)
        if (!tell_holdings(stream, slot, holdings))
            stream->crew->members[slot].lagging = true;
}

/* Nobody waits for ever for what a worker cannot be told. */
static int tell_lagging(struct foray__stream *stream, struct foray_error *err)
{
    for (int slot = 0; slot < stream->pool->n_jobs; slot++) {
        const struct foray__member *member = &stream->crew->members[slot];

        if (!member->lagging)
            continue;
        foray__stream_tell(stream, slot);
        if (member->lagging && member->unreachable)
            return foray__fail(err, FORAY_EAGAIN,
                               "worker %d cannot be told of the arrays of a "
                               "call: too little memory or too many open files",
                               slot);
    }
    return 0;
}

/* Batches that are done with make room for more. */
static void advance(struct foray__stream *stream)
{
    struct foray__claims *claims = &stream->crew->shared->claims;

    while (stream->tail < stream->n_offered &&
           !stream->batches[stream->tail % FORAY__CLAIM_WORDS].n_left &&
           foray__claims_is_over(claims, stream->tail))
        stream->tail++;
    atomic_store(&claims->tail, stream->tail);
}

static void heed(struct foray__stream *stream)
{
    foray__watch_heed(&stream->watch);
    foray__stream_reoffer(stream);
    advance(stream);
}

static bool spin(const struct foray__stream *stream)
{
    for (int i = 0; i < stream->crew->spins; i++) {
        if (foray__watch_any(&stream->watch))
            return true;
        foray__pause();
    }
    return false;
}

void foray__stream_glance(struct foray__watch *watch)
{
    heed(watch->run);
    foray__stream_progress(watch->run, false);
}

/* Calls of the run, as far as they are known. */
static size_t n_calls(const struct foray__stream *stream)
{
    return stream->options.total > stream->n_made ? stream->options.total
                                                  : (size_t)stream->n_made;
}

void foray__stream_progress(struct foray__stream *stream, bool at_once)
{
    size_t n = (size_t)stream->n_settled, total = stream->options.total;

    foray__course_progress(stream->pool, &stream->course, n,
                           total > n ? total : n, at_once);
}

/* What wakes a poll of somebody else's: the alarm, and deaths. */
static void watch_all(const struct foray__stream *stream)
{
    const struct foray__crew *crew = stream->crew;
    struct epoll_event event = {.events = EPOLLIN};

    epoll_ctl(stream->watch_fd, EPOLL_CTL_ADD, crew->alarm.sleeper, &event);
    for (int slot = 0; slot < stream->pool->n_jobs; slot++) {
        struct pollfd death;

        if (!foray__crew_poll(&death, crew, slot))
            continue;
        event.events = death.events ? EPOLLIN : EPOLLHUP;
        /* Those that are there already stay. */
        epoll_ctl(stream->watch_fd, EPOLL_CTL_ADD, death.fd, &event);
    }
}

void foray__stream_arm(struct foray__stream *stream)
{
    if (stream->watch_fd < 0)
        return;
    watch_all(stream);
    atomic_store(&stream->crew->shared->parent_sleeps, 1);
    atomic_thread_fence(memory_order_seq_cst);
    if (foray__watch_any(&stream->watch)) /* it came before it could ring */
        foray__alarm_ring(stream->crew->alarm.ringer);
}

static void disarm(const struct foray__stream *stream)
{
    if (stream->watch_fd < 0)
        return;
    atomic_store(&stream->crew->shared->parent_sleeps, 0);
    foray__alarm_reset(&stream->crew->alarm);
}

int foray__stream_fd(struct foray__stream *stream)
{
    if (!stream->crew)
        return -1;
    if (stream->watch_fd < 0)
        stream->watch_fd = foray__above_streams(epoll_create1(EPOLL_CLOEXEC));
    foray__stream_arm(stream);
    return stream->watch_fd;
}

/* With no outcome to come at most the end of a batch is to be seen, which rings
 * nothing: it is looked for, and after a while, when a worker has to wait for a
 * reader of what it prints, now and then. */
static void look_again(struct foray__stream *stream)
{
    enum { AT_ONCE = 1000 };
    const struct timespec nap = {0, 100 * 1000};

    if (stream->n_looks < AT_ONCE)
        stream->n_looks++;
    else
        nanosleep(&nap, NULL);
}

int foray__stream_wait(struct foray__stream *stream, double seconds,
                       struct foray_error *err)
{
    uint64_t before = stream->n_settled;
    double patience;
    int code;

    if (!stream->crew)
        return stream->carrier->wait(stream, seconds, err);
    disarm(stream);
    if (foray__stream_n_open(stream)) {
        stream->n_looks = 0;
    } else {
        seconds = 0;
        look_again(stream);
    }
    heed(stream);
    if (stream->n_settled != before || seconds <= 0 ||
        foray__threads_work(stream->crew, &stream->watch) || spin(stream)) {
        heed(stream);
    } else {
        patience = foray__watch_patience(&stream->watch);
        foray__watch_doze(&stream->watch,
                          seconds < patience ? seconds : patience);
        heed(stream);
    }
    code = foray__watch_look(&stream->watch, err);
    if (!code)
        code = tell_lagging(stream, err);
    if (code)
        foray__watch_give_up(&stream->watch);
    heed(stream);
    foray__stream_progress(stream, false);
    return code;
}

bool foray__stream_withdraw(struct foray__stream *stream, uint64_t index)
{
    if (!stream->crew)
        return stream->carrier->withdraw(stream, index);
    for (uint64_t k = stream->tail; k < stream->n_offered; k++) {
        struct foray__batch *batch = &stream->batches[k % FORAY__CLAIM_WORDS];

        if (batch->start != index || !batch->n_left ||
            !foray__claims_withdraw(&stream->crew->shared->claims, k))
            continue;
        foray__stream_cancel(stream, index,
                             foray__stream_packet(stream, index));
        foray__stream_count(stream, batch);
        return true;
    }
    return false;
}

bool foray__stream_is_running(const struct foray__stream *stream)
{
    struct foray__claims_left left =
        foray__claims_left(&stream->crew->shared->claims);

    return left.owned || (left.pending && !stream->watch.stopped);
}

void foray__stream_finish(struct foray__stream *stream)
{
    if (foray__stream_n_open(stream))
        foray__course_stop(&stream->course);
    if (!stream->crew) {
        stream->carrier->finish(stream);
        return;
    }
    heed(stream);
    while (foray__stream_is_running(stream))
        if (foray__stream_wait(stream, 1.0, NULL))
            break;
    heed(stream);
    if (stream->course.stopping)
        foray__stream_cancel_tried(stream);
}

/* Everything that calls held, whatever became of them. */
static void release_all(struct foray__stream *stream)
{
    for (uint64_t k = stream->tail; k < stream->n_offered; k++) {
        struct foray__batch *batch = &stream->batches[k % FORAY__CLAIM_WORDS];

        while (batch->n_left)
            foray__stream_count(stream, batch);
    }
    foray__handed_drop(stream, -1);
}

void foray__stream_close(struct foray__stream *stream,
                         struct foray_report *report)
{
    struct foray_pool *pool = stream->pool;
    bool cancelled;

    foray__stream_finish(stream);
    if (stream->crew && stream->crew->threads)
        foray__threads_end(stream->crew);
    if (stream->crew) {
        stream->course.n_retried +=
            (size_t)foray__watch_n_retried(&stream->watch);
        release_all(stream);
    } else {
        stream->carrier->end(stream);
    }
    if (stream->watch_fd >= 0)
        close(stream->watch_fd);
    foray__holdings_release(&stream->holdings, &stream->snapshots);
    foray__snapshots_clear(&stream->snapshots);
    if (report)
        foray__course_report(report, pool, &stream->course, n_calls(stream),
                             n_calls(stream) - (size_t)stream->n_settled +
                                 stream->n_passed_over);
    cancelled = stream->course.cancelled;
    foray__stream_free(stream);
    foray__pool_leave(pool, cancelled);
}
