/* The memory of a crew: what the parent holds, and what workers share. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/feature.h"
#include "base/size.h"
#include "engine/birth.h"
#include "engine/capture.h"
#include "engine/crew.h"
#include "storage/file.h"
#include "storage/folder.h"

/* Pauses before a worker or the parent goes to sleep: some 20 to 50 us. */
enum { SPINS = 2000 };

/* Address space for calls under way; memory is what they need. */
enum { HEAP_SIZE = 32 << 20, HEAP_SIZE_OF_A_WORKER = 4 << 20 };

void foray__crew_free(struct foray__crew *crew)
{
    if (crew->shared)
        munmap(crew->shared, crew->shared_size);
    foray__alarm_close(&crew->alarm);
    for (int slot = 0; crew->members && slot < crew->pool->n_jobs; slot++)
        free(crew->members[slot].told);
    foray__capture_close(crew);
    free(crew->members);
    free(crew->polls);
    free(crew->record);
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

/* A number of threads that was asked for is what tasks have, to the last; and
 * one that is bound to its CPUs has no use for others'. */
static void divide_cpus(struct foray__division *out,
                        const struct foray_pool *pool)
{
    if (pool->config.inner_threads || pool->config.bind)
        return;
    out->n_cpus = pool->n_cpus;
    out->n_workers = pool->n_jobs;
}

static int allocate(struct foray__crew *crew, size_t plan_size)
{
    size_t n = (size_t)crew->pool->n_jobs;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t slots = sizeof *crew->shared + n * sizeof crew->shared->slots[0];
    size_t readonly_offset = foray__round_up(slots, page);
    size_t heap_offset = foray__round_up(readonly_offset + plan_size, page);

    crew->heap.size = HEAP_SIZE + n * HEAP_SIZE_OF_A_WORKER;
    crew->shared_size = heap_offset + crew->heap.size;
    crew->members = calloc(n, sizeof *crew->members);
    crew->polls = calloc(n + 1, sizeof *crew->polls);
    crew->record = malloc(FORAY__RECORD_MAX);
    crew->keep_fds = calloc(FORAY__OWN_FDS + crew->pool->config.n_keep_fds,
                            sizeof *crew->keep_fds);
    if (!crew->members || !crew->polls || !crew->record || !crew->keep_fds ||
        foray__alarm_open(&crew->alarm))
        return -1;
    if (map_shared(crew))
        return -1;
    divide_cpus(&crew->shared->division, crew->pool);
    crew->shared->readonly_offset = readonly_offset;
    crew->shared->heap_offset = heap_offset;
    crew->shared->heap_size = crew->heap.size;
    foray__budget_open(&crew->shared->budget, crew->pool->config.memory,
                       crew->pool->n_jobs);
    if (crew->pool->config.temp_folder)
        snprintf(crew->shared->folder, sizeof crew->shared->folder, "%s",
                 crew->pool->config.temp_folder);
    return 0;
}

int foray__crew_new(struct foray__crew **out, struct foray_pool *pool,
                    bool by_zygote, struct foray_error *err)
{
    struct foray__crew *crew = calloc(1, sizeof *crew);
    int code;

    if (!crew)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a pool");
    crew->pool = pool;
    crew->by_zygote = by_zygote;
    crew->alarm.sleeper = crew->alarm.ringer = crew->area = -1;
    crew->spins = pool->n_jobs <= pool->n_cpus ? SPINS : 0;
    if (allocate(crew, foray__life_size(pool))) {
        code = foray__fail_errno(err, errno,
                                 "cannot make the shared memory of %d workers",
                                 pool->n_jobs);
        foray__crew_free(crew);
        return code;
    }
    *out = crew;
    return 0;
}
