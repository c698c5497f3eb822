#include "storage/segment.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "storage/pages.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct foray_segment *segments;
static _Atomic uint64_t next_id = 1;
static _Atomic(foray__segment_close_fn) listener;

static void lock_list(void)
{
    pthread_mutex_lock(&lock);
}

static void unlock_list(void)
{
    pthread_mutex_unlock(&lock);
}

/* A fork waits until the list is whole, so that the child finds it whole. */
static void watch_forks(void)
{
    pthread_atfork(lock_list, unlock_list, unlock_list);
}

struct foray_segment *foray__segment_new(int fd, void *base, size_t length,
                                         enum foray_mode mode, const char *path,
                                         const char *descr)
{
    struct foray_segment *segment = calloc(1, sizeof *segment);

    if (!segment)
        return NULL;
    segment->path = path ? strdup(path) : NULL;
    segment->descr = strdup(descr);
    if (!segment->descr || (path && !segment->path)) {
        free(segment->path);
        free(segment->descr);
        free(segment);
        return NULL;
    }
    segment->id = atomic_fetch_add(&next_id, 1);
    segment->pid = getpid();
    segment->fd = fd;
    segment->base = base;
    segment->length = length;
    segment->mode = mode;
    pthread_once(&once, watch_forks);
    lock_list();
    segment->next = segments;
    if (segments)
        segments->previous = segment;
    segments = segment;
    unlock_list();
    return segment;
}

void foray__segment_free(struct foray_segment *segment)
{
    lock_list();
    if (segment->previous)
        segment->previous->next = segment->next;
    else
        segments = segment->next;
    if (segment->next)
        segment->next->previous = segment->previous;
    unlock_list();
    munmap(segment->base, segment->length);
    close(segment->fd);
    free(segment->path);
    free(segment->descr);
    free(segment);
}

void *foray__segment_map(int fd, size_t length, enum foray_mode mode)
{
    return foray__map(fd, length, mode);
}

void foray__segment_forget_all(void)
{
    for (struct foray_segment *segment = segments; segment;
         segment = segment->next) {
        munmap(segment->base, segment->length);
        close(segment->fd);
    }
    segments = NULL;
}

void foray__segment_on_close(foray__segment_close_fn to_tell)
{
    pthread_once(&once, watch_forks);
    atomic_store(&listener, to_tell);
}

void foray__segment_tell_listener(uint64_t id)
{
    foray__segment_close_fn told = atomic_load(&listener);

    if (told)
        told(id);
}
