#include "engine/stream_handed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/storage.h>

#include "array/npy.h"
#include "base/error.h"
#include "engine/channel.h"
#include "engine/crew_threads.h"
#include "engine/packet_check.h"
#include "engine/result_body.h"
#include "storage/pages.h"
#include "storage/segment.h"

/* A segment that came over the channel of a worker, known there by `id`. */
struct foray__handed {
    int slot, fd;
    uint64_t id;
    size_t length;
    struct foray_segment *segment; /* once it is mapped; owns fd then */
    bool taken;                    /* by a result, which owns the segment */
    struct foray__handed *next;
};

static struct foray__handed *find(const struct foray__stream *stream, int slot,
                                  uint64_t id)
{
    struct foray__handed *item = stream->handed;

    while (item && (item->slot != slot || item->id != id))
        item = item->next;
    return item;
}

/* The last of a bag; NULL: no memory, and the result will miss it. */
static struct foray__handed *unpack(struct foray__mailbag *bag, int slot)
{
    struct foray__handed *item = calloc(1, sizeof *item);

    if (!item)
        return NULL;
    item->slot = slot;
    item->segment = foray__mailbag_take(bag);
    item->id = item->segment->id;
    item->fd = item->segment->fd;
    item->length = item->segment->length;
    return item;
}

void foray__handed_put(struct foray__stream *stream, struct foray__mailbag *bag)
{
    struct foray__handed *item;

    while (bag->n && (item = unpack(bag, 0))) {
        item->next = stream->handed;
        stream->handed = item;
    }
}

void foray__handed_post(_Atomic(struct foray__handed *) *out, int slot,
                        struct foray__mailbag *bag)
{
    struct foray__handed *item;

    while (bag->n && (item = unpack(bag, slot))) {
        item->next = atomic_load(out);
        while (!atomic_compare_exchange_weak(out, &item->next, item))
            ;
    }
    foray__mailbag_empty(bag);
}

/* What threads posted. Whether there was any. */
static bool take_posted(struct foray__stream *stream, int slot)
{
    struct foray__handed *posted = foray__threads_take(stream->crew, slot);
    struct foray__handed **end = &posted;

    if (!posted)
        return false;
    while (*end)
        end = &(*end)->next;
    *end = stream->handed;
    stream->handed = posted;
    return true;
}

/* The next message of a worker; false when there is none. */
static bool receive(struct foray__stream *stream, int slot)
{
    struct foray__handed *item;
    struct foray__message message;

    if (!stream->crew)
        return false;
    if (stream->crew->threads)
        return take_posted(stream, slot);
    item = calloc(1, sizeof *item);
    if (!item)
        return false;
    if (foray__channel_receive(stream->crew->members[slot].channel, &message,
                               &item->fd) <= 0 ||
        item->fd < 0) {
        free(item);
        return false;
    }
    item->slot = slot;
    item->id = message.segment;
    item->length = (size_t)message.length;
    item->next = stream->handed;
    stream->handed = item;
    return true;
}

static const struct foray_segment *map(struct foray__handed *item,
                                       const struct foray_array *like,
                                       struct foray_error *err)
{
    char descr[24];
    void *base = foray__map(item->fd, item->length, FORAY_READ_WRITE);

    if (!base) {
        foray__fail_errno(err, errno,
                          "cannot map an array that a call returned");
        return NULL;
    }
    if (like->dtype == FORAY_OPAQUE)
        snprintf(descr, sizeof descr, "|V%zu", like->itemsize);
    else
        foray__npy_descr(descr, like->dtype, like->swapped);
    item->segment = foray__segment_new(item->fd, base, item->length,
                                       FORAY_READ_WRITE, NULL, descr);
    if (item->segment)
        return item->segment;
    munmap(base, item->length);
    foray__fail(err, FORAY_ENOMEM, "no memory for a result");
    return NULL;
}

static int refuse(struct foray_error *err)
{
    return foray__fail(err, FORAY_ECRASH,
                       "an array that a call returned makes no sense: its "
                       "worker wrote where it should not");
}

/* Whether the file is as long as its message said. */
static bool is_whole(const struct foray__handed *item)
{
    struct stat st;

    return item->segment || (!fstat(item->fd, &st) && st.st_size >= 0 &&
                             (uint64_t)st.st_size >= item->length);
}

static int open_handed(struct foray__stream *stream, int slot,
                       struct foray_array *out,
                       const struct foray__packet_array *from,
                       struct foray_error *err)
{
    struct foray__handed *item = find(stream, slot, from->segment);

    while (!item && receive(stream, slot))
        item = find(stream, slot, from->segment);
    if (!item)
        return foray__fail(err, FORAY_ENOMEM,
                           "an array that a call returned did not arrive: too "
                           "little memory or too many open files");
    if (!is_whole(item) || !foray__packet_array_lies_in(from, item->length))
        return refuse(err);
    foray__packet_array_open(out, from, NULL);
    if (!item->segment && !map(item, out, err))
        return err ? err->code : FORAY_ENOMEM;
    out->data = (char *)item->segment->base + from->offset;
    out->segment = item->segment;
    item->taken = true;
    return 0;
}

/* Memory of an argument: a view of it, or a copy if it is a snapshot, which
 * ends with its calls. */
static int open_argument(struct foray__stream *stream,
                         const struct foray__holdings *holdings,
                         struct foray_array *out,
                         struct foray__packet_array *from,
                         struct foray_error *err)
{
    const struct foray__holding *holding = NULL;
    struct foray_array view;

    for (size_t i = 0; i < holdings->n; i++)
        if (holdings->items[i].segment->id == from->segment)
            holding = &holdings->items[i];
    if (!holding)
        return foray__fail(err, FORAY_EINVAL,
                           "a call returned an array that is not its own, nor "
                           "one of its arguments");
    if (!foray__packet_array_lies_in(from, holding->segment->length))
        return refuse(err);
    foray__packet_array_open(&view, from, holding->segment->base);
    view.segment = (struct foray_segment *)(uintptr_t)holding->segment;
    if (!holding->snapshot) {
        *out = view;
        return 0;
    }
    FORAY_TRY(foray_array_dump(
        out, &view,
        &(struct foray_placement){.folder = stream->snapshots.folder}, err));
    from->access = FORAY__ACCESS_HANDED; /* it is the result's */
    return 0;
}

static void free_handed(struct foray__handed *item)
{
    struct foray_array whole = {.segment = item->segment};

    if (!item->segment)
        close(item->fd);
    else if (!item->taken)
        foray_array_close(&whole, NULL);
    free(item);
}

/* Those that a result has taken over are forgotten, not closed. */
static void forget(struct foray__stream *stream, int slot, bool all)
{
    struct foray__handed **at = &stream->handed;

    while (*at) {
        struct foray__handed *item = *at;

        if ((slot >= 0 && item->slot != slot) || (!all && !item->taken)) {
            at = &item->next;
            continue;
        }
        *at = item->next;
        free_handed(item);
    }
}

int foray__handed_open_all(struct foray__stream *stream, int slot,
                           const struct foray__holdings *holdings,
                           struct foray_result_memory *memory,
                           struct foray_error *err)
{
    int code = 0;

    for (uint32_t k = 0; k < memory->packet->n && !code; k++) {
        struct foray__packet_array *from =
            (void *)(uintptr_t)foray__packet_array_of(memory->packet, k);

        if (!from || !from->segment)
            continue;
        code = from->access == FORAY__ACCESS_HANDED
                   ? open_handed(stream, slot, &memory->arrays[k], from, err)
                   : open_argument(stream, holdings, &memory->arrays[k], from,
                                   err);
    }
    forget(stream, slot, false);
    return code;
}

void foray__handed_drop(struct foray__stream *stream, int slot)
{
    for (int k = 0; slot < 0 && stream->crew && stream->crew->threads &&
                    k < stream->pool->n_jobs;
         k++)
        take_posted(stream, k);
    forget(stream, slot, true);
}
