/* Making worker processes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "engine/birth.h"
#include "engine/child.h"
#include "engine/crew_threads.h"
#include "engine/lifeline.h"
#include "engine/oom.h"
#include "engine/pair.h"
#include "engine/pidfd.h"
#include "engine/registry.h"
#include "engine/zygote.h"

/* The ends of a worker's pipes that the two processes hold. */
struct ends {
    int lifeline[2]; /* worker's, parent's */
    int channel[2];  /* parent's, worker's */
};

static int open_ends(struct ends *ends)
{
    if (foray__lifeline_open(ends->lifeline))
        return -1;
    if (!foray__channel_open(ends->channel))
        return 0;
    foray__pair_close(ends->lifeline);
    return -1;
}

/* Flush what the host printed, but never wait for a stream that another of its
 * threads is reading or writing. */
static void flush_without_waiting(FILE *stream)
{
    if (ftrylockfile(stream))
        return;
    fflush_unlocked(stream);
    funlockfile(stream);
}

_Noreturn static void become_worker(struct foray__crew *crew, int slot,
                                    const struct ends *ends, char **environment)
{
    const struct foray_config *config = &crew->pool->config;
    struct foray__birth birth = {
        .worker = {.shared = crew->shared,
                   .owner = {(unsigned)slot, crew->members[slot].incarnation},
                   .channel = ends->channel[1],
                   .lifeline = ends->lifeline[0],
                   .alarm = crew->alarm.ringer,
                   .spins = crew->spins,
                   .inner_threads = crew->pool->inner_threads,
                   .nesting = crew->pool->nesting},
        .runtimes = &crew->runtimes,
        .environment = environment,
        .fds = crew->keep_fds,
        .n_keep_fds = config->n_keep_fds,
    };

    for (size_t i = 0; i < config->n_keep_fds; i++)
        crew->keep_fds[i] = config->keep_fds[i];
    foray__birth(&birth);
}

static void reset_slot(struct foray__slot *slot)
{
    atomic_store(&slot->current, FORAY__NO_TASK);
    atomic_store(&slot->sent, 0);
    atomic_store(&slot->received, 0);
    atomic_store(&slot->admitted, 0);
    atomic_store(&slot->deadline, 0);
    atomic_store(&slot->cause.kind, FORAY__CAUSE_NONE);
    atomic_store(&slot->stage, FORAY__STAGE_BORN);
}

/* A child of this process. */
static int fork_here(struct foray__crew *crew, int slot,
                     const struct ends *ends, char **environment,
                     struct foray_error *err)
{
    struct foray__member *member = &crew->members[slot];
    pid_t pid;

    foray__runtimes_quiesce(&crew->runtimes);
    pid = foray__child_fork();
    if (pid == 0)
        become_worker(crew, slot, ends, environment);
    if (pid < 0)
        return foray__fail_errno(
            err, errno,
            "cannot start worker %d of %d: lower n_jobs, or raise "
            "the limit of processes (ulimit -u)",
            slot, crew->pool->n_jobs);
    member->pid = pid;
    member->pidfd = foray__pidfd_open(pid);
    return 0;
}

/* A child of the zygote. */
static int fork_there(struct foray__crew *crew, int slot,
                      const struct ends *ends, char **environment,
                      struct foray_error *err)
{
    struct foray__member *member = &crew->members[slot];
    const struct foray__wanted wanted = {
        .owner = {(unsigned)slot, member->incarnation},
        .area = crew->area,
        .area_size = crew->shared_size,
        .channel = ends->channel[1],
        .lifeline = ends->lifeline[0],
        .alarm = crew->alarm.ringer,
        .spins = crew->spins,
        .inner_threads = crew->pool->inner_threads,
        .nesting = crew->pool->nesting,
        .keep_fds = crew->pool->config.keep_fds,
        .n_keep_fds = crew->pool->config.n_keep_fds,
        .environment = environment,
    };

    return foray__zygote_fork(&wanted, &member->pid, &member->pidfd, err);
}

static int spawn_locked(struct foray__crew *crew, int slot,
                        struct foray_error *err)
{
    struct foray__member *member = &crew->members[slot];
    bool keep_user = crew->pool->config.inner_threads == 0;
    char **environment;
    struct ends ends;
    int code;

    if (open_ends(&ends))
        return foray__fail_errno(err, errno,
                                 "cannot make the pipes of worker %d: raise "
                                 "the limit of open files (ulimit -n)",
                                 slot);
    environment = foray__runtimes_environ(crew->pool->inner_threads, keep_user);
    member->incarnation++;
    reset_slot(&crew->shared->slots[slot]);
    flush_without_waiting(stdout);
    flush_without_waiting(stderr);
    code = (crew->by_zygote ? fork_there : fork_here)(crew, slot, &ends,
                                                      environment, err);
    free(environment);
    close(ends.lifeline[0]);
    close(ends.channel[1]);
    if (code) {
        close(ends.lifeline[1]);
        close(ends.channel[0]);
        return code;
    }
    member->lifeline = ends.lifeline[1];
    member->channel = ends.channel[0];
    member->n_told = 0;
    member->alive = true;
    return 0;
}

static int spawn(struct foray__crew *crew, int slot, struct foray_error *err)
{
    int code;

    foray__registry_lock();
    code = spawn_locked(crew, slot, err);
    foray__registry_unlock();
    return code;
}

/* Runtimes may have been loaded, or unloaded, since the last fork. */
static void scan(struct foray__crew *crew)
{
    if (!crew->by_zygote)
        foray__runtimes_scan(&crew->runtimes);
}

int foray__crew_spawn(struct foray__crew *crew, int slot,
                      struct foray_error *err)
{
    scan(crew);
    return spawn(crew, slot, err);
}

/* Take out who left since the last run, and who could not begin. */
static int sweep(struct foray__crew *crew, struct foray_error *err)
{
    int code = 0, status;

    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        if (foray__crew_has_left(crew, slot)) {
            foray__crew_await(crew, slot);
            foray__crew_reap(crew, slot, &status);
            foray__crew_tell_end(crew, slot);
        } else if (!code) {
            code = foray__crew_check_begin(crew, slot, err);
        } else {
            foray__crew_check_begin(crew, slot, NULL);
        }
    return code;
}

int foray__crew_fill(struct foray__crew *crew, struct foray_error *err)
{
    bool scanned = false;

    if (crew->threads)
        return foray__threads_fill(crew, err);
    FORAY_TRY(sweep(crew, err));

    for (int slot = 0; slot < crew->pool->n_jobs; slot++) {
        if (crew->members[slot].alive)
            continue;
        if (!scanned)
            scan(crew);
        scanned = true;
        FORAY_TRY(spawn(crew, slot, err));
    }
    foray__oom_begin(); /* they are about to begin meanwhile */
    return 0;
}
