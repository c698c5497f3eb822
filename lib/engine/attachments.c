#include "engine/attachments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "storage/segment.h"

static enum foray_mode mode_of(enum foray__access access)
{
    switch (access) {
    case FORAY__ACCESS_READ:
        return FORAY_READ;
    case FORAY__ACCESS_COPY:
        return FORAY_COPY;
    default:
        return FORAY_READ_WRITE;
    }
}

int foray__attachments_note(struct foray__attachments *list, uint64_t segment,
                            enum foray__access access, void *base,
                            size_t length)
{
    struct foray__attachment *items;

    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 8;

        items = realloc(list->items, capacity * sizeof *items);
        if (!items)
            return -1;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->n++] = (struct foray__attachment){
        .segment = segment, .access = access, .base = base, .length = length};
    return 0;
}

void foray__attachments_forget(struct foray__attachments *list)
{
    free(list->items);
    memset(list, 0, sizeof *list);
}

static struct foray__attachment *last(struct foray__attachments *list)
{
    return &list->items[list->n - 1];
}

/* Map a segment from its descriptor, which stays the caller's. */
static int map(struct foray__attachments *list, uint64_t segment,
               enum foray__access access, int fd, size_t length)
{
    if (foray__attachments_note(list, segment, access, NULL, length))
        return -1;
    last(list)->base = foray__segment_map(fd, length, mode_of(access));
    last(list)->sys_errno = last(list)->base ? 0 : errno;
    return 0;
}

/* Descriptors that are kept are not to be those that tasks lack. */
static bool is_scarce(int fd)
{
    struct rlimit limit;

    return !getrlimit(RLIMIT_NOFILE, &limit) &&
           (rlim_t)fd >= limit.rlim_cur / 2;
}

/* Let tasks pass the segment on. The run that it came with uses it, so that
 * nobody can close it here. */
static struct foray_segment *keep(const struct foray__attachment *item, int fd)
{
    struct foray_segment *segment;

    if (!item->base || item->access == FORAY__ACCESS_COPY || is_scarce(fd))
        return NULL;
    segment = foray__segment_new(fd, item->base, item->length,
                                 mode_of(item->access), NULL, "|V0");
    if (segment) {
        segment->call = 0; /* it may have come in mid-call */
        atomic_store(&segment->users, 1);
    }
    return segment;
}

int foray__attachments_receive(struct foray__attachments *list,
                               uint64_t segment, enum foray__access access,
                               int fd, size_t length)
{
    int code = map(list, segment, access, fd, length);

    if (!code)
        last(list)->received = keep(last(list), fd);
    if (fd >= 0 && (code || !last(list)->received))
        close(fd);
    return code;
}

void *foray__attachments_copy(struct foray__attachments *list,
                              const struct foray_segment *segment)
{
    const struct foray__attachment *item =
        foray__attachments_find(list, segment->id, FORAY__ACCESS_COPY);

    if (!item) {
        if (map(list, segment->id, FORAY__ACCESS_COPY, segment->fd,
                segment->length)) {
            errno = ENOMEM;
            return NULL;
        }
        item = last(list);
    }
    errno = item->sys_errno;
    return item->base;
}

static void unmap(const struct foray__attachment *item)
{
    if (item->received) {
        foray__segment_tell_listener(item->received->id);
        foray__segment_free(item->received);
    } else if (item->base) {
        munmap(item->base, item->length);
    }
}

void foray__attachments_sweep(struct foray__attachments *list)
{
    for (size_t i = list->n_dropped ? list->n : 0; i-- > 0;) {
        struct foray__attachment *item = &list->items[i];

        if (!item->dropped ||
            (item->received && atomic_load(&item->received->users) > 1))
            continue;
        unmap(item);
        *item = *last(list);
        list->n--;
        list->n_dropped--;
    }
}

void foray__attachments_drop(struct foray__attachments *list, uint64_t segment)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i].segment == segment && !list->items[i].dropped) {
            list->items[i].dropped = true;
            list->n_dropped++;
        }
    foray__attachments_sweep(list);
}

void foray__attachments_fini(struct foray__attachments *list)
{
    for (size_t i = 0; i < list->n; i++)
        unmap(&list->items[i]);
    foray__attachments_forget(list);
}

uint64_t foray__attachment_id(const struct foray__attachment *attachment)
{
    return attachment->received ? attachment->received->id
                                : attachment->segment;
}

const struct foray__attachment *
foray__attachments_find(const struct foray__attachments *list, uint64_t segment,
                        enum foray__access access)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i].segment == segment &&
            list->items[i].access == access)
            return &list->items[i];
    return NULL;
}

void foray__attachment_reset(const struct foray__attachment *attachment)
{
    void *base = attachment->base;

    /* Locked pages (mlockall) cannot be dropped: these need not be locked, as
     * what they hold is read again from their file. */
    if (madvise(base, attachment->length, MADV_DONTNEED) &&
        !munlock(base, attachment->length))
        madvise(base, attachment->length, MADV_DONTNEED);
}
