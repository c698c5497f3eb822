#include "engine/mailbag.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include <foray/storage.h>

#include "base/error.h"
#include "engine/channel.h"
#include "storage/segment.h"

/* Whether an array's memory is that of segment `id`, which is mapped at `base`:
 * its place there then. */
static bool is_within(struct foray__place *out, const struct foray_array *array,
                      uint64_t id, const char *base, size_t length)
{
    const char *data = array->data;

    if (array->segment && array->segment->id != id)
        return false;
    if (!base || data < base || data >= base + length)
        return false;
    out->mode = array->mode;
    out->offset = (uint64_t)(data - base);
    return true;
}

/* Whether an array's memory is the parent's, and shared with it. */
static bool place_in_parents(struct foray__place *out,
                             const struct foray_array *array,
                             const struct foray__mailbag *bag)
{
    const struct foray__attachments *attachments = bag->attachments;
    const struct foray__holdings *holdings = bag->holdings;

    for (size_t k = 0; attachments && k < attachments->n; k++) {
        const struct foray__attachment *item = &attachments->items[k];

        if (!is_within(out, array, foray__attachment_id(item), item->base,
                       item->length))
            continue;
        out->segment = item->segment;
        out->access = item->access;
        return item->access != FORAY__ACCESS_COPY;
    }
    for (size_t k = 0; holdings && k < holdings->n; k++) {
        const struct foray_segment *segment = holdings->items[k].segment;

        if (!is_within(out, array, segment->id, segment->base, segment->length))
            continue;
        out->segment = segment->id;
        out->access = holdings->items[k].access;
        return true;
    }
    return false;
}

/* In a segment of this process, its own or a copy made now. */
static int place_in_segment(struct foray__place *out,
                            const struct foray_array *array,
                            struct foray__mailbag *bag, struct foray_error *err)
{
    const struct foray_placement placement = {.folder = bag->folder};
    bool own = array->segment && array->mode != FORAY_COPY &&
               foray__segment_is_of_call(array->segment);
    struct foray_array *item = NULL;

    if (own)
        for (size_t k = 0; k < bag->n; k++)
            if (bag->items[k].segment == array->segment)
                item = &bag->items[k]; /* another view of it */
    if (!item) {
        if (bag->n == FORAY_MAX_ARGUMENTS)
            return foray__fail(err, FORAY_EINVAL, "too many arrays");
        item = &bag->items[bag->n];
        *item = *array;
        if (!own)
            FORAY_TRY(foray_array_dump(item, array, &placement, err));
        atomic_fetch_add(&item->segment->users, 1); /* the task may not close */
        bag->n++;
    }
    out->segment = item->segment->id;
    out->access = FORAY__ACCESS_HANDED;
    out->mode = FORAY_READ_WRITE;
    out->view = item->segment == array->segment ? array : item;
    out->offset = (uint64_t)((const char *)out->view->data -
                             (const char *)item->segment->base);
    return 0;
}

int foray__mailbag_place(struct foray__place *out,
                         const struct foray_array *array, void *arg,
                         struct foray_error *err)
{
    struct foray__mailbag *bag = arg;
    struct foray__place parents = {0};

    if (place_in_parents(&parents, array, bag)) {
        *out = parents;
        return 0;
    }
    if (foray_array_nbytes(array) <= FORAY__MAILBAG_INLINE && !array->segment)
        return 0;
    return place_in_segment(out, array, bag, err);
}

void foray__mailbag_send(struct foray__mailbag *bag, int channel)
{
    const struct timespec nap = {0, 100 * 1000};

    for (size_t k = 0; k < bag->n; k++) {
        const struct foray_segment *segment = bag->items[k].segment;
        struct foray__message message = {.access = FORAY__ACCESS_HANDED,
                                         .segment = segment->id,
                                         .length = segment->length};

        while (foray__channel_send(channel, &message, segment->fd)) {
            if (errno == EPIPE || errno == ECONNRESET || errno == EBADF)
                _exit(125); /* the parent is gone */
            nanosleep(&nap, NULL);
        }
    }
    foray__mailbag_empty(bag);
}

struct foray_segment *foray__mailbag_take(struct foray__mailbag *bag)
{
    struct foray_segment *segment = bag->items[--bag->n].segment;

    atomic_fetch_sub(&segment->users, 1);
    return segment;
}

void foray__mailbag_empty(struct foray__mailbag *bag)
{
    while (bag->n) {
        struct foray_array *item = &bag->items[bag->n - 1];

        foray__mailbag_take(bag);
        foray_array_close(item, NULL);
    }
}
