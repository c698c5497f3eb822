#include "engine/overdue.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/deadline.h"
#include "engine/death.h"

/* Seconds beyond its timeout after which one that is stopped is ended: a timer
 * that is armed after all is to be first. */
static const double overdue = 0.5;

/* Seconds between two looks for those that are stopped. */
static const double between_looks = 0.2;

/* False, too, where /proc does not tell. */
static bool is_stopped(pid_t pid)
{
    char path[40], text[128];
    const char *bracket;
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    bracket = strrchr(text, ')'); /* "17 (any name, also with ")") T 1 ..." */
    return bracket && bracket[1] == ' ' && bracket[2] == 'T';
}

/* Whether the worker of a slot has been stopped for longer than a task may
 * take, between two tasks of its claim. */
static bool stands_still(struct foray__crew *crew, int slot, double now)
{
    struct foray__member *member = &crew->members[slot];
    struct foray__owner owner = {(unsigned)slot, member->incarnation};

    if (!member->pid || atomic_load(&crew->shared->slots[slot].deadline) ||
        !is_stopped(member->pid)) {
        member->stopped_since = 0;
        return false;
    }
    if (!(member->stopped_since > 0))
        member->stopped_since = now;
    return now - member->stopped_since >
               crew->shared->order.timeout + overdue &&
           foray__claims_owns(&crew->shared->claims, owner);
}

static void end_stopped(struct foray__crew *crew, double now)
{
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        if (stands_still(crew, slot, now)) {
            foray__death_by_timeout(&crew->shared->slots[slot],
                                    crew->shared->order.timeout);
            foray__crew_kill(crew, slot);
        }
}

void foray__overdue_end(struct foray__crew *crew, double *looked)
{
    double now;

    if (crew->threads || !(crew->shared->order.timeout > 0))
        return;
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        if (foray__deadline_overdue(&crew->shared->slots[slot].deadline))
            foray__crew_kill(crew, slot);
    now = foray__now();
    if (now - *looked < between_looks)
        return;
    *looked = now;
    end_stopped(crew, now);
}
