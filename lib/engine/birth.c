#include "engine/birth.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/hygiene.h"
#include "engine/level.h"
#include "engine/share.h"
#include "storage/segment.h"

extern char **environ;

static int compare_ints(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

_Noreturn void foray__birth(const struct foray__birth *birth)
{
    static struct foray__worker worker; /* for as long as the process lives */
    size_t n = birth->n_keep_fds;
    char name[16];
    struct foray__hygiene hygiene = {.name = name, .keep_fds = birth->fds};

    worker = birth->worker;
    snprintf(name, sizeof name, "foray:%u", worker.owner.slot);
    birth->fds[n++] = worker.channel;
    birth->fds[n++] = worker.lifeline;
    birth->fds[n++] = worker.alarm;
    qsort(birth->fds, n, sizeof birth->fds[0], compare_ints);
    hygiene.n_keep_fds = n;
    if (birth->environment)
        environ = birth->environment;
    foray__segment_forget_all();
    foray__hygiene_apply(&hygiene);
    foray__level_swap(NULL); /* that of whoever happened to fork it */
    foray__share_enter(worker.shared, birth->runtimes, worker.inner_threads,
                       worker.nesting);
    foray__worker_main(&worker);
}
