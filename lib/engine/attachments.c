#include "engine/attachments.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

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
    struct foray__attachment *item;

    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 8;
        void *items = realloc(list->items, capacity * sizeof *item);

        if (!items)
            return -1;
        list->items = items;
        list->capacity = capacity;
    }
    item = &list->items[list->n++];
    item->segment = segment;
    item->access = access;
    item->length = length;
    item->base = base;
    item->sys_errno = 0;
    return 0;
}

void foray__attachments_forget(struct foray__attachments *list)
{
    free(list->items);
    list->items = NULL;
    list->n = list->capacity = 0;
}

int foray__attachments_map(struct foray__attachments *list, uint64_t segment,
                           enum foray__access access, int fd, size_t length)
{
    struct foray__attachment *item;

    if (foray__attachments_note(list, segment, access, NULL, length))
        return -1;
    item = &list->items[list->n - 1];
    item->base = foray__segment_map(fd, length, mode_of(access));
    item->sys_errno = item->base ? 0 : errno;
    return 0;
}

void *foray__attachments_copy(struct foray__attachments *list,
                              const struct foray_segment *segment)
{
    const struct foray__attachment *item =
        foray__attachments_find(list, segment->id, FORAY__ACCESS_COPY);

    if (!item) {
        if (foray__attachments_map(list, segment->id, FORAY__ACCESS_COPY,
                                   segment->fd, segment->length)) {
            errno = ENOMEM;
            return NULL;
        }
        item = &list->items[list->n - 1];
    }
    errno = item->sys_errno;
    return item->base;
}

void foray__attachments_drop(struct foray__attachments *list, uint64_t segment)
{
    for (size_t i = list->n; i-- > 0;) {
        struct foray__attachment *item = &list->items[i];

        if (item->segment != segment)
            continue;
        if (item->base)
            munmap(item->base, item->length);
        *item = list->items[--list->n];
    }
}

void foray__attachments_fini(struct foray__attachments *list)
{
    while (list->n)
        foray__attachments_drop(list, list->items[0].segment);
    free(list->items);
    list->items = NULL;
    list->capacity = 0;
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
    madvise(attachment->base, attachment->length, MADV_DONTNEED);
}
