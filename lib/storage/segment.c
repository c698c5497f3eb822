#include "storage/segment.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/process.h"
#include "storage/medium.h"
#include "storage/pages.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct foray_segment *segments;
static _Atomic uint64_t next_id = 1;
static _Atomic(foray__segment_close_fn) listener;

/* Calls that this thread began; the one that it is in, 0: none. The address of
 * the latter is the thread's name. */
static _Thread_local uint64_t n_calls, call;

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
    segment->thread = &call;
    segment->call = call;
    pthread_once(&once, watch_forks);
    lock_list();
    segment->next = segments;
    if (segments)
        segments->previous = segment;
    segments = segment;
    unlock_list();
    return segment;
}

/* By address alone: what a copy of an array's struct points to may be freed. */
static bool is_listed(const struct foray_segment *wanted)
{
    const struct foray_segment *segment;

    lock_list();
    for (segment = segments; segment && segment != wanted;)
        segment = segment->next;
    unlock_list();
    return segment != NULL;
}

const struct foray_segment *foray__segment_find(uint64_t id)
{
    const struct foray_segment *segment;

    lock_list();
    for (segment = segments; segment && segment->id != id;)
        segment = segment->next;
    unlock_list();
    return segment;
}

uint64_t foray__segment_call_begin(void)
{
    uint64_t outer = call;

    call = ++n_calls;
    return outer;
}

void foray__segment_call_end(uint64_t outer)
{
    call = outer;
}

bool foray__segment_is_of_call(const struct foray_segment *segment)
{
    return segment->pid == getpid() && segment->thread == &call && call &&
           segment->call == call;
}

int foray__segment_check(const struct foray_segment *segment,
                         struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    if (!segment || !is_listed(segment))
        return foray__fail(err, FORAY_EINVAL,
                           segment ? "the array was closed already"
                                   : "the array has no segment: it views "
                                     "memory of the program");
    return foray__check_process(segment->pid,
                                foray__segment_name(tail, segment), err);
}

struct foray_segment *foray__segment_around(uintptr_t low, uintptr_t high)
{
    struct foray_segment *segment;

    lock_list();
    for (segment = segments; segment; segment = segment->next) {
        uintptr_t base = (uintptr_t)segment->base;

        if (low >= base && high <= base + segment->length)
            break;
    }
    unlock_list();
    return segment;
}

bool foray__segment_filed(struct foray_segment *segment)
{
    int filed = atomic_load_explicit(&segment->filed, memory_order_relaxed);

    if (!filed) {
        filed = foray__medium_is_disk(segment->fd) ? 1 : -1;
        atomic_store_explicit(&segment->filed, filed, memory_order_relaxed);
    }
    return filed > 0;
}

bool foray__segment_overlaps(uintptr_t low, uintptr_t high)
{
    const struct foray_segment *segment;

    lock_list();
    for (segment = segments; segment; segment = segment->next) {
        uintptr_t base = (uintptr_t)segment->base;

        if (low < base + segment->length && base < high)
            break;
    }
    unlock_list();
    return segment != NULL;
}

const char *foray__segment_name(char buffer[FORAY__TAIL_SIZE],
                                const struct foray_segment *segment)
{
    return segment->path ? foray__tail(buffer, segment->path)
                         : "the temporary array";
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
    free(segment->before_close_arg);
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
        if (!segment->length)
            continue;
        munmap(segment->base, segment->length);
        close(segment->fd);
        segment->base = NULL;
        segment->length = 0;
        segment->fd = -1;
    }
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
