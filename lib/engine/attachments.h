/* The segments a worker has mapped, each once per kind of access, kept from
 * run to run until the parent closes them. Those that tasks share are segments
 * of the worker's process, too, so that its tasks can pass on what they
 * received. */
#ifndef FORAY_ENGINE_ATTACHMENTS_H
#define FORAY_ENGINE_ATTACHMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/channel.h"

struct foray_segment;

struct foray__attachment {
    uint64_t segment;
    enum foray__access access;
    void *base; /* NULL: could not be mapped */
    size_t length;
    int sys_errno;                  /* why not */
    struct foray_segment *received; /* that tasks may pass on; or NULL */
    bool dropped;                   /* as soon as no inner run uses it */
};

struct foray__attachments {
    struct foray__attachment *items;
    size_t n, capacity;
    size_t n_dropped; /* that are still used */
};

/* Map a segment of the parent's from its descriptor, which is taken over in
 * any case. A failure is kept in the item and told when a task needs it; 0, or
 * -1 when not even the list can grow. */
int foray__attachments_receive(struct foray__attachments *list,
                               uint64_t segment, enum foray__access access,
                               int fd, size_t length);

/* A segment of this process in mode c: the list's own mapping of it, made at
 * the first question. NULL with errno: it cannot be had. */
void *foray__attachments_copy(struct foray__attachments *list,
                              const struct foray_segment *segment);

/* Remember where a segment is that others mapped, and for as long as they do.
 * A list of such is emptied by foray__attachments_forget alone. */
int foray__attachments_note(struct foray__attachments *list, uint64_t segment,
                            enum foray__access access, void *base,
                            size_t length);
void foray__attachments_forget(struct foray__attachments *list);

/* Unmap a segment in every kind of access. Workers of this process are told
 * first; while they still use it, it stays. */
void foray__attachments_drop(struct foray__attachments *list, uint64_t segment);

/* Unmap what was dropped while it was used. */
void foray__attachments_sweep(struct foray__attachments *list);

/* The id that an item has as a segment of this process. */
uint64_t foray__attachment_id(const struct foray__attachment *attachment);

/* Unmap all, free the list. */
void foray__attachments_fini(struct foray__attachments *list);

/* NULL if the worker was never told of it. */
const struct foray__attachment *
foray__attachments_find(const struct foray__attachments *list, uint64_t segment,
                        enum foray__access access);

/* Forget what a task stored in a private mapping (mode c). */
void foray__attachment_reset(const struct foray__attachment *attachment);

#endif
