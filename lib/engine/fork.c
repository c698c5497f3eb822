/* The backends fork and forkserver: workers forked from the caller, or from its
 * zygote, and kept between runs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/feature.h"
#include "engine/birth.h"
#include "engine/order.h"
#include "engine/registry.h"
#include "engine/supervise.h"
#include "engine/watch.h"
#include "engine/zygote.h"
#include "storage/file.h"
#include "storage/folder.h"

/* Pauses before a worker or the parent goes to sleep: some 20 to 50 us. */
enum { SPINS = 2000 };

/* Address space for calls under way; memory is what they need. */
enum { HEAP_SIZE = 32 << 20, HEAP_SIZE_OF_A_WORKER = 4 << 20 };

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
    if (crew->area >= 0)
        close(crew->area);
    free(crew);
}

/* Memory that a zygote's workers can be sent: the kernel's own, or else a file
 * without a name whose space is reserved. */
static int open_area(size_t nbytes)
{
    struct foray_folder folder;
    int fd = -1;

    if (foray__feature("memfd") &&
        !foray__file_nameless(&fd, FORAY__MEMFD, NULL)) {
        if (!ftruncate(fd, (off_t)nbytes))
            return fd;
        close(fd);
    }
    if (foray_folder_choose(&folder, NULL, nbytes, NULL) ||
        foray__file_nameless(&fd, folder.path, NULL)) {
        errno = ENOSPC;
        return -1;
    }
    errno = posix_fallocate(fd, 0, (off_t)nbytes);
    if (!errno)
        return fd;
    close(fd);
    return -1;
}

static int map_shared(struct foray__crew *crew)
{
    int flags = MAP_SHARED | MAP_NORESERVE;
    void *shared;

    if (crew->by_zygote)
        crew->area = open_area(crew->shared_size);
    if (crew->by_zygote && crew->area < 0)
        return -1;
    shared =
        mmap(NULL, crew->shared_size, PROT_READ | PROT_WRITE,
             crew->by_zygote ? flags : flags | MAP_ANONYMOUS, crew->area, 0);
    if (shared == MAP_FAILED)
        return -1;
    crew->shared = shared;
    return 0;
}

static int allocate(struct foray__crew *crew)
{
    size_t n = (size_t)crew->pool->n_jobs;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t slots = sizeof *crew->shared + n * sizeof crew->shared->slots[0];
    size_t heap_offset = (slots + page - 1) / page * page;

    crew->heap.size = HEAP_SIZE + n * HEAP_SIZE_OF_A_WORKER;
    crew->shared_size = heap_offset + crew->heap.size;
    crew->members = calloc(n, sizeof *crew->members);
    crew->polls = calloc(n + 1, sizeof *crew->polls);
    crew->keep_fds = calloc(FORAY__OWN_FDS + crew->pool->config.n_keep_fds,
                            sizeof *crew->keep_fds);
    if (!crew->members || !crew->polls || !crew->keep_fds ||
        foray__alarm_open(&crew->alarm))
        return -1;
    if (map_shared(crew))
        return -1;
    crew->shared->heap_offset = heap_offset;
    crew->shared->heap_size = crew->heap.size;
    return 0;
}

/* What workers have loaded when they begin. */
static void take_modules(struct foray__crew *crew)
{
    if (crew->by_zygote)
        crew->modules = *foray__zygote_modules();
    else
        foray__modules_take(&crew->modules);
    crew->unloads = foray__modules_unloads();
}

static int open_crew(struct foray_pool *pool, bool by_zygote,
                     struct foray_error *err)
{
    struct foray__crew *crew = calloc(1, sizeof *crew);
    int code;

    if (!crew)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a pool");
    crew->pool = pool;
    crew->by_zygote = by_zygote;
    crew->alarm.sleeper = crew->alarm.ringer = crew->area = -1;
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
    take_modules(crew);
    code = foray__crew_fill(crew, err);
    if (code) {
        foray__crew_dismiss(crew);
        foray__registry_remove(crew);
        free_crew(crew);
    }
    return code;
}

static int fork_open(struct foray_pool *pool, struct foray_error *err)
{
    return open_crew(pool, false, err);
}

static int forkserver_open(struct foray_pool *pool, struct foray_error *err)
{
    size_t n = foray__zygote_max_keep_fds();

    FORAY_TRY(foray__zygote_check(err));
    if (pool->config.n_keep_fds > n)
        return foray__fail(err, FORAY_EINVAL,
                           "n_keep_fds is %zu: a zygote's workers can keep %zu "
                           "at most",
                           pool->config.n_keep_fds, n);
    return open_crew(pool, true, err);
}

static void fork_close(struct foray_pool *pool)
{
    struct foray__crew *crew = pool->state;

    foray__crew_dismiss(crew);
    foray__registry_remove(crew);
    free_crew(crew);
}

static void renew(struct foray__crew *crew, const char *why)
{
    foray__pool_log(crew->pool, "%s: they are replaced", why);
    foray__crew_dismiss(crew);
    take_modules(crew);
}

/* Make sure that workers can find the function of a run. */
static int introduce(struct foray__crew *crew, const struct foray__run *run,
                     struct foray_error *err)
{
    struct foray__function *function = &crew->shared->order.function;
    bool known =
        foray__modules_have(&crew->modules, (uintptr_t)(void (*)(void))run->fn);

    function->by_file = false;
    if (!known && !crew->by_zygote)
        renew(crew, "the function was loaded after the workers were made");
    if (known || !crew->by_zygote)
        return 0;
    if (crew->unloads != foray__modules_unloads())
        renew(crew, "a library was unloaded that workers may still have");
    return foray__function_locate(function, run->fn, err);
}

static int fork_run(struct foray_pool *pool, struct foray__run *run,
                    struct foray_error *err)
{
    struct foray__crew *crew = pool->state;
    uint64_t n_done;

    FORAY_TRY(introduce(crew, run, err));
    /* One that died since the last run is found, and replaced, in this one. */
    FORAY_TRY(foray__crew_fill(crew, err));
    foray__order_write(crew, run);
    for (int slot = 0; slot < crew->pool->n_jobs; slot++)
        FORAY_TRY(foray__order_tell(crew, run, slot, err));
    n_done = foray__watch_count(crew);
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

static struct foray__crew *fork_crew(struct foray_pool *pool)
{
    return pool->state;
}

const struct foray__backend foray__backend_fork = {
    .name = "fork",
    .crew = fork_crew,
    .open = fork_open,
    .close = fork_close,
    .run = fork_run,
    .wake = fork_wake,
    .worker_pid = fork_worker_pid,
    .peak_bytes = fork_peak_bytes,
};

const struct foray__backend foray__backend_forkserver = {
    .name = "forkserver",
    .crew = fork_crew,
    .open = forkserver_open,
    .close = fork_close,
    .run = fork_run,
    .wake = fork_wake,
    .worker_pid = fork_worker_pid,
    .peak_bytes = fork_peak_bytes,
};
