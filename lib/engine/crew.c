#include "engine/crew.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/leave.h"
#include "engine/child.h"
#include "engine/crew_threads.h"
#include "engine/death.h"
#include "engine/registry.h"
#include "engine/zygote.h"

/* Naps of 0.1 ms before a worker that does not read its channel is given up. */
enum { MAX_NAPS = 5000 };

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424 /* the same on every architecture */
#endif

static bool has_ended(const struct foray__crew *crew, pid_t pid)
{
    return crew->by_zygote ? foray__zygote_saw_end(pid)
                           : foray__child_ended(pid);
}

/* Dead, whoever reaped it? With a pidfd the kernel tells; without, a hang-up
 * of the channel, which a grandchild can hide, or the process's state. */
static bool is_dead(const struct foray__crew *crew,
                    const struct foray__member *member)
{
    struct pollfd probe = {.events = POLLIN};

    if (member->pidfd >= 0) {
        probe.fd = member->pidfd;
        return poll(&probe, 1, 0) > 0;
    }
    probe.fd = member->channel;
    probe.events = 0;
    return (poll(&probe, 1, 0) > 0 && probe.revents & (POLLHUP | POLLERR)) ||
           has_ended(crew, member->pid);
}

void foray__crew_admit_all(struct foray__crew *crew)
{
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        atomic_store(&crew->shared->slots[slot].admitted,
                     foray__threads_admit(crew, slot));
}

bool foray__crew_is_dead(const struct foray__crew *crew, int slot)
{
    return crew->members[slot].alive && !crew->threads &&
           is_dead(crew, &crew->members[slot]);
}

bool foray__crew_poll(struct pollfd *out, const struct foray__crew *crew,
                      int slot)
{
    const struct foray__member *member = &crew->members[slot];

    if (!member->alive || crew->threads)
        return false;
    out->fd = member->pidfd >= 0 ? member->pidfd : member->channel;
    out->events = member->pidfd >= 0 ? POLLIN : 0;
    return true;
}

bool foray__crew_any_dead(const struct foray__crew *crew)
{
    bool sure = true;
    nfds_t n = 0;

    for (int slot = 0; slot < crew->pool->n_jobs; slot++) {
        if (!foray__crew_poll(&crew->polls[n], crew, slot))
            continue;
        n++;
        sure &= crew->members[slot].pidfd >= 0; /* else see is_dead */
    }
    return n && (!sure || poll(crew->polls, n, 0) != 0);
}

void foray__crew_reap(struct foray__crew *crew, int slot, int *status)
{
    struct foray__member *member = &crew->members[slot];

    foray__registry_lock();
    *status = crew->by_zygote ? foray__zygote_reap(member->pid)
                              : foray__child_reap(member->pid);
    if (member->pidfd >= 0)
        close(member->pidfd);
    close(member->channel);
    close(member->lifeline);
    member->pid = 0;
    member->alive = false;
    foray__registry_unlock();
    foray__doorbell_bury(&crew->shared->doorbell,
                         &crew->shared->slots[slot].asleep);
    foray__records_reset(&crew->shared->slots[slot].records);
    if (foray__budget_bury(&crew->shared->budget, (unsigned)slot))
        foray__doorbell_ring(&crew->shared->doorbell);
}

static uint32_t stage_of(const struct foray__crew *crew, int slot)
{
    return atomic_load(&crew->shared->slots[slot].stage);
}

bool foray__crew_has_left(const struct foray__crew *crew, int slot)
{
    uint32_t stage = stage_of(crew, slot);

    return crew->members[slot].pid && (stage == FORAY__STAGE_RETIRED ||
                                       (stage == FORAY__STAGE_LEAVING &&
                                        is_dead(crew, &crew->members[slot])));
}

bool foray__crew_is_leaving(const struct foray__crew *crew, int slot)
{
    return crew->members[slot].pid &&
           stage_of(crew, slot) >= FORAY__STAGE_LEAVING;
}

void foray__crew_tell_end(const struct foray__crew *crew, int slot)
{
    if (stage_of(crew, slot) == FORAY__STAGE_LEAVING)
        foray__pool_log(crew->pool,
                        "the fini of worker %d crashed, or took longer than "
                        "the grace of %g s",
                        slot, crew->pool->config.grace);
}

int foray__crew_why_unfit(struct foray__crew *crew, int slot, int status,
                          struct foray_error *err)
{
    int code =
        foray__death_in_init(err, &crew->shared->slots[slot], status, slot);

    crew->unfit |= code != 0;
    return code;
}

int foray__crew_check_begin(struct foray__crew *crew, int slot,
                            struct foray_error *err)
{
    int status;

    if (stage_of(crew, slot) != FORAY__STAGE_INIT ||
        !foray__crew_is_dead(crew, slot))
        return 0;
    foray__crew_reap(crew, slot, &status);
    return foray__crew_why_unfit(crew, slot, status, err);
}

void foray__crew_kill(struct foray__crew *crew, int slot)
{
    struct foray__member *member = &crew->members[slot];

    if (!member->alive || crew->threads)
        return;
    if (member->pidfd < 0 ||
        (syscall(SYS_pidfd_send_signal, member->pidfd, SIGKILL, NULL, 0U) &&
         errno != ESRCH))
        kill(member->pid, SIGKILL);
}

void foray__crew_await(const struct foray__crew *crew, int slot)
{
    const struct timespec nap = {0, 50 * 1000};

    while (!foray__crew_is_dead(crew, slot))
        nanosleep(&nap, NULL);
}

void foray__crew_end(struct foray__crew *crew, int slot)
{
    int status;

    if (!crew->members[slot].alive)
        return;
    foray__crew_kill(crew, slot);
    foray__crew_await(crew, slot);
    foray__crew_reap(crew, slot, &status);
}

static bool any_lives(const struct foray__crew *crew)
{
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        if (crew->members[slot].pid && !foray__crew_is_dead(crew, slot))
            return true;
    return false;
}

/* Let every worker call its fini, if there is one, or write its counts: what is
 * killed in the middle of that spoils those of others. */
static void close_in_order(struct foray__crew *crew)
{
    struct timespec nap = {0, 50 * 1000};
    double end =
        foray__now() + crew->pool->config.grace + 10 * FORAY__COUNTS_LINES;

    if (!crew->pool->config.fini && !FORAY__COUNTS_LINES)
        return;
    atomic_store(&crew->shared->life.closing, 1);
    foray__doorbell_ring(&crew->shared->doorbell);
    while (any_lives(crew) && foray__now() < end) {
        nanosleep(&nap, NULL);
        if (nap.tv_nsec < 2 * 1000 * 1000)
            nap.tv_nsec += nap.tv_nsec / 2;
    }
    atomic_store(&crew->shared->life.closing, 0);
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        if (crew->members[slot].pid)
            foray__crew_tell_end(crew, slot);
}

void foray__crew_dismiss(struct foray__crew *crew)
{
    close_in_order(crew);
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        foray__crew_kill(crew, slot); /* all at once, then one by one */
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        foray__crew_end(crew, slot);
}

static bool is_told(const struct foray__member *member, uint64_t segment,
                    enum foray__access access)
{
    for (size_t i = member->n_told; i-- > 0;)
        if (member->told[i].segment == segment &&
            member->told[i].access == access)
            return true;
    return false;
}

static bool remember(struct foray__member *member, uint64_t segment,
                     enum foray__access access)
{
    if (member->n_told == member->told_capacity) {
        size_t capacity = member->n_told ? 2 * member->n_told : 8;
        void *told = realloc(member->told, capacity * sizeof *member->told);

        if (!told)
            return false;
        member->told = told;
        member->told_capacity = capacity;
    }
    member->told[member->n_told].segment = segment;
    member->told[member->n_told++].access = access;
    return true;
}

/* The queue is full, or too many descriptors are on their way to workers
 * (ETOOMANYREFS, without privileges): both pass as soon as they read. */
static bool passes(int why)
{
    return why == EAGAIN || why == ETOOMANYREFS || why == ENOBUFS;
}

static bool is_of_dead(int why)
{
    return why == EPIPE || why == ECONNRESET || why == ENOTCONN;
}

static bool send_message(struct foray__crew *crew, int slot,
                         const struct foray__message *message, int fd)
{
    struct foray__slot *shared = &crew->shared->slots[slot];
    const struct timespec nap = {0, 100 * 1000};
    int naps = 0;

    while (foray__channel_send(crew->members[slot].channel, message, fd)) {
        if (!passes(errno) || naps++ == MAX_NAPS)
            return false;
        foray__doorbell_ring(&crew->shared->doorbell);
        nanosleep(&nap, NULL);
    }
    atomic_fetch_add(&shared->sent, 1);
    return true;
}

bool foray__crew_tell(struct foray__crew *crew, int slot, uint64_t segment,
                      enum foray__access access, int fd, size_t length)
{
    struct foray__member *member = &crew->members[slot];
    struct foray__message message = {
        .access = access, .segment = segment, .length = length};
    bool told;
    int why;

    if (!member->alive || crew->threads)
        return true; /* will be told when it is there; sees all there is */
    foray__registry_lock();
    told = is_told(member, segment, access);
    if (!told && remember(member, segment, access)) {
        told = send_message(crew, slot, &message, fd);
        member->n_told -= !told;
    }
    why = passes(errno) || is_of_dead(errno) ? EAGAIN : errno;
    foray__registry_unlock();
    errno = why;
    return told;
}

/* Registry locked by the caller. */
void foray__crew_drop(struct foray__crew *crew, uint64_t segment)
{
    struct foray__message message = {.drop = true, .segment = segment};
    bool sent = false;

    for (int slot = 0; slot < crew->pool->n_jobs; slot++) {
        struct foray__member *member = &crew->members[slot];
        bool knew = false;

        for (size_t i = member->n_told; i-- > 0;)
            if (member->told[i].segment == segment) {
                member->told[i] = member->told[--member->n_told];
                knew = true;
            }
        if (!knew || !member->alive)
            continue;
        if (send_message(crew, slot, &message, -1))
            sent = true;
        else
            /* It does not read, so it would keep the memory: it is replaced
             * when the next run begins. */
            foray__crew_kill(crew, slot);
    }
    if (sent)
        foray__doorbell_ring(&crew->shared->doorbell);
}
