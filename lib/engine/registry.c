#include "engine/registry.h"

#include <pthread.h>
#include <unistd.h>

#include "engine/zygote.h"
#include "machine/cap.h"
#include "storage/segment.h"

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct foray__crew *crews;

void foray__registry_lock(void)
{
    pthread_mutex_lock(&lock);
}

void foray__registry_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

/* In every child of this process, also one that the host forked itself: let
 * go of the lifelines, or the workers would outlive their parent. */
static void release_in_child(void)
{
    pthread_mutexattr_t recursive;

    for (struct foray__crew *crew = crews; crew; crew = crew->next)
        for (int slot = 0; slot < crew->pool->n_jobs; slot++)
            if (crew->members[slot].alive && !crew->threads) {
                close(crew->members[slot].lifeline);
                close(crew->members[slot].channel);
                crew->members[slot].pid = 0;
                crew->members[slot].alive = false;
            }
    crews = NULL;
    foray__zygote_release();
    /* The lock's owner was a thread of the parent. */
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
}

static void drop_everywhere(uint64_t segment)
{
    foray__registry_lock();
    for (struct foray__crew *crew = crews; crew; crew = crew->next)
        foray__crew_drop(crew, segment);
    foray__registry_unlock();
}

static void start(void)
{
    foray__segment_on_close(drop_everywhere); /* first: see there */
    foray__cap_watch_forks();                 /* likewise */
    pthread_atfork(foray__registry_lock, foray__registry_unlock,
                   release_in_child);
}

void foray__registry_start(void)
{
    pthread_once(&once, start);
}

void foray__registry_add(struct foray__crew *crew)
{
    foray__registry_start();
    foray__registry_lock();
    crew->next = crews;
    crew->previous = NULL;
    if (crews)
        crews->previous = crew;
    crews = crew;
    foray__registry_unlock();
}

void foray__registry_remove(struct foray__crew *crew)
{
    foray__registry_lock();
    if (crew->previous)
        crew->previous->next = crew->next;
    else
        crews = crew->next;
    if (crew->next)
        crew->next->previous = crew->previous;
    foray__registry_unlock();
}
