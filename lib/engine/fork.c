/* The fork backend: workers forked from the caller, kept between runs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "engine/order.h"
#include "engine/registry.h"
#include "engine/supervise.h"

/* Pauses before a worker or the parent goes to sleep: some 20 to 50 us. */
enum { SPINS = 2000 };

static void free_crew(struct foray__crew *crew)
{
    if (crew->shared)
        munmap(crew->shared, crew->shared_size);
    foray__alarm_close(&crew->alarm);
    for (int slot = 0; crew->members && slot < crew->pool->n_jobs; slot++)
        free(crew->members[slot].told);
    free(crew->members);
    free(crew->polls);
    free(crew->keep_fds);
    free(crew);
}

static int allocate(struct foray__crew *crew)
{
    size_t n = (size_t)crew->pool->n_jobs;
    void *shared;

    crew->shared_size =
        sizeof *crew->shared + n * sizeof crew->shared->slots[0];
    crew->members = calloc(n, sizeof *crew->members);
    crew->polls = calloc(n + 1, sizeof *crew->polls);
    crew->keep_fds =
        calloc(3 + crew->pool->config.n_keep_fds, sizeof *crew->keep_fds);
    if (foray__alarm_open(&crew->alarm))
        return -1;
    shared = mmap(NULL, crew->shared_size, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (shared != MAP_FAILED)
        crew->shared = shared;
    return crew->members && crew->polls && crew->keep_fds && crew->shared ? 0
                                                                          : -1;
}

static int fork_open(struct foray_pool *pool, struct foray_error *err)
{
    struct foray__crew *crew = calloc(1, sizeof *crew);
    int code;

    if (!crew)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a pool");
    crew->pool = pool;
    crew->alarm.sleeper = crew->alarm.ringer = -1;
    crew->spins = pool->n_jobs <= pool->n_cpus ? SPINS : 0;
    if (allocate(crew)) {
        code = foray__fail_errno(err, errno,
                                 "cannot make the shared memory of %d workers",
                                 pool->n_jobs);
        free_crew(crew);
        return code;
    }
    pool->state = crew;
    foray__registry_add(crew);
    foray__modules_take(&crew->modules);
    code = foray__crew_fill(crew, err);
    if (code) {
        foray__crew_dismiss(crew);
        foray__registry_remove(crew);
        free_crew(crew);
    }
    return code;
}

static void fork_close(struct foray_pool *pool)
{
    struct foray__crew *crew = pool->state;

    foray__crew_dismiss(crew);
    foray__registry_remove(crew);
    free_crew(crew);
}

/* Have a worker in every slot who knows the function. One that died since the
 * last run is found, and replaced, in this one. */
static int muster(struct foray__crew *crew, const struct foray__run *run,
                  struct foray_error *err)
{
    if (!foray__modules_have(&crew->modules,
                             (uintptr_t)(void (*)(void))run->fn)) {
        foray__pool_log(crew->pool,
                        "the function was loaded after the workers were made: "
                        "they are replaced");
        foray__crew_dismiss(crew);
        foray__modules_take(&crew->modules);
    }
    return foray__crew_fill(crew, err);
}

static int fork_run(struct foray_pool *pool, struct foray__run *run,
                    struct foray_error *err)
{
    struct foray__crew *crew = pool->state;
    uint64_t n_done;

    FORAY_TRY(muster(crew, run, err));
    foray__order_write(crew, run);
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        FORAY_TRY(foray__order_tell(crew, run, slot, err));
    n_done = foray__supervise_count(crew);
    foray__claims_begin(&crew->shared->claims, run->n_tasks);
    foray__doorbell_ring(&crew->shared->doorbell);
    return foray__supervise(crew, run, n_done, err);
}

static void fork_wake(struct foray_pool *pool)
{
    const struct foray__crew *crew = pool->state;

    foray__alarm_ring(crew->alarm.ringer);
}

static pid_t fork_worker_pid(const struct foray_pool *pool, int slot)
{
    const struct foray__crew *crew = pool->state;

    return crew->members[slot].pid;
}

/* VmHWM of one process. */
static size_t peak_of(pid_t pid)
{
    char path[64], line[128];
    unsigned long kib = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %lu", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib * 1024;
}

static size_t fork_peak_bytes(const struct foray_pool *pool)
{
    const struct foray__crew *crew = pool->state;
    size_t peak = 0;

    for (int slot = 0; slot < pool->n_jobs; slot++) {
        size_t bytes = 0;

        if (crew->members[slot].pid)
            bytes = peak_of(crew->members[slot].pid);
        if (bytes > peak)
            peak = bytes;
    }
    return peak;
}

const struct foray__backend foray__backend_fork = {
    .name = "fork",
    .open = fork_open,
    .close = fork_close,
    .run = fork_run,
    .wake = fork_wake,
    .worker_pid = fork_worker_pid,
    .peak_bytes = fork_peak_bytes,
};
