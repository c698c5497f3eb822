/* Memory pressure is an answer: every job (jobs.h) where memory, descriptors,
 * processes or mappings are short. */
#include "campaign.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control_group.h"
#include "hardship.h"
#include "helpers.h"
#include "namespace.h"

/* Shared memory that is small, full or closed. */

enum shm { SMALL, FULL, NO_INODES, READ_ONLY, NO_MEMFD, CHOSEN, N_SHM };

static bool begin_shm(size_t number)
{
    static const char *const options[N_SHM] = {
        "size=64m",    "size=1m", "size=1m,nr_inodes=1",
        "size=64m,ro", "size=4k", "size=1m"};

    if (!namespace_mount("/dev/shm", options[number]))
        return false;
    if ((number == FULL || number == CHOSEN) && !namespace_fill("/dev/shm"))
        return false;
    if (number == NO_MEMFD)
        setenv("FORAY_TEST_NO", "memfd", 1);
    if (number == CHOSEN)
        setenv("FORAY_TEMP_FOLDER", "/dev/shm", 1);
    return true;
}

/* What is to have a name needs a folder. */
static bool shm_has_fallback(const struct job *job, size_t number)
{
    return number != CHOSEN && strcmp(job->name, "session") != 0;
}

/* A limit of this process's; the one before is kept. */

static struct rlimit usual;

static void press_limit(__rlimit_resource_t resource, size_t value)
{
    struct rlimit low;

    if (getrlimit(resource, &usual))
        abort();
    low = usual;
    low.rlim_cur = value;
    if (setrlimit(resource, &low))
        abort();
}

static size_t address_space(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;

    if (!file || fscanf(file, "%lu", &pages) != 1)
        abort();
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* 16 KiB more than it has, and a third more with each number. */
static void press_addresses(size_t number)
{
    double more = 16384;

    while (number--)
        more *= 4. / 3;
    press_limit(RLIMIT_AS, address_space() + (size_t)more);
}

static void lift_addresses(size_t number)
{
    (void)number;
    setrlimit(RLIMIT_AS, &usual);
}

/* As many descriptors more as the number says. */
static void press_descriptors(size_t number)
{
    int next = fcntl(0, F_DUPFD, 3);

    close(next);
    press_limit(RLIMIT_NOFILE, (size_t)next + number);
}

static void lift_descriptors(size_t number)
{
    (void)number;
    setrlimit(RLIMIT_NOFILE, &usual);
}

static bool begin_stranger(size_t number)
{
    (void)number;
    return namespace_become(STRANGER);
}

static void press_processes(size_t number)
{
    press_limit(RLIMIT_NPROC, number);
}

static void lift_processes(size_t number)
{
    (void)number;
    setrlimit(RLIMIT_NPROC, &usual);
}

/* As many mappings more as the number says. */

static void *filler;
static size_t filler_size;

static size_t number_in(const char *path)
{
    FILE *file = fopen(path, "r");
    unsigned long value = 0;

    if (file) {
        if (fscanf(file, "%lu", &value) != 1)
            value = 0;
        fclose(file);
    }
    return value;
}

static size_t count_mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    size_t n = 0;

    for (int c; maps && (c = fgetc(maps)) != EOF;)
        n += c == '\n';
    if (maps)
        fclose(maps);
    return n;
}

static void press_mappings(size_t number)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t most = number_in("/proc/sys/vm/max_map_count");
    size_t n = most - count_mappings() - number;

    filler_size = n * page;
    filler =
        mmap(NULL, filler_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (filler == MAP_FAILED)
        abort();
    /* One that is split off is one more on either side. */
    for (size_t i = 1; i + 1 < n; i += 2)
        if (mprotect((char *)filler + i * page, page, PROT_READ))
            break;
}

static void lift_mappings(size_t number)
{
    (void)number;
    munmap(filler, filler_size);
}

/* A control group of few processes, or of little memory. */

static bool begin_few(size_t number)
{
    return control_group_enter("pids", "pids.max", number);
}

static bool begin_little(size_t number)
{
    return control_group_enter("memory", "memory.limit_in_bytes", number << 20);
}

/* Rows */

struct row {
    struct hardship hardship;
    const char *promise;
    size_t first, end;  /* numbers */
    size_t quick, full; /* how many of them a job tries */
    bool (*lacks)(char reason[128]);
};

static bool lacks_root(char reason[128])
{
    snprintf(reason, 128, "needs root");
    return geteuid() != 0;
}

static bool lacks_addresses(char reason[128])
{
#if defined __SANITIZE_ADDRESS__
    snprintf(reason, 128, "AddressSanitizer takes all addresses");
    return true;
#else
    (void)reason;
    return false;
#endif
}

static bool lacks_pids(char reason[128])
{
    return !control_group_can("pids", reason);
}

static bool lacks_memory(char reason[128])
{
    return !control_group_can("memory", reason);
}

static const struct row rows[] = {
    {{"shared memory", begin_shm, NULL, NULL, shm_has_fallback},
     "shared memory that is small, full or closed: fallback, or an error",
     0,
     N_SHM,
     1,
     N_SHM,
     lacks_root},
    {{"address space", NULL, press_addresses, lift_addresses, NULL},
     "no more addresses (RLIMIT_AS): an error, or the result",
     0,
     36,
     1,
     18,
     lacks_addresses},
    {{"descriptors", NULL, press_descriptors, lift_descriptors, NULL},
     "no more descriptors (RLIMIT_NOFILE): an error, or the result",
     0,
     40,
     2,
     20,
     NULL},
    {{"processes", begin_stranger, press_processes, lift_processes, NULL},
     "no more processes (RLIMIT_NPROC): an error, or the result",
     0,
     8,
     1,
     8,
     lacks_root},
    {{"processes of a group", begin_few, NULL, NULL, NULL},
     "no more processes (control group): an error, or the result",
     1,
     8,
     1,
     7,
     lacks_pids},
    {{"mappings", NULL, press_mappings, lift_mappings, NULL},
     "no more mappings (vm.max_map_count): an error, or the result",
     0,
     48,
     1,
     6,
     lacks_addresses},
    {{"memory of a group", begin_little, NULL, NULL, NULL},
     "little memory (control group): an error, or the result",
     40,
     120,
     1,
     4,
     lacks_memory},
};

static void try_row(struct campaign *campaign, const struct row *row)
{
    size_t cases = 0, failures = 0, done = 0;
    char reason[128];

    if (row->lacks && row->lacks(reason)) {
        campaign_skip(campaign, row->promise, reason);
        return;
    }
    FOR_EVERY_JOB(job)
    {
        size_t span = row->end - row->first;
        size_t full = job->compiler ? row->quick : row->full;
        size_t n = campaign_cases(campaign, row->quick, full);
        size_t at = campaign_random(campaign, span);

        /* Those of a job are apart, and every one has its turn. */
        for (size_t k = 0; k < n; k++, cases++)
            failures += hardship_try(campaign, &row->hardship,
                                     row->first + (at + k * span / n) % span,
                                     job, &done);
    }
    control_groups_remove("pids");
    control_groups_remove("memory");
    fprintf(stderr, "%s: %zu of %zu had their result\n", row->hardship.name,
            done, cases);
    campaign_row(campaign, row->promise, cases, failures);
}

/* What the kernel kills for lack of memory is reported as that. */

static int eat(struct foray_task *task)
{
    size_t n = 300 << 20;
    volatile char *bytes = malloc(n);

    for (size_t i = 0; bytes && i < n; i += 4096)
        bytes[i] = 1;
    free((void *)(uintptr_t)bytes);
    return foray_task_index(task) == 3 ? foray_task_fail(task, "ate") : 0;
}

static int nibble(struct foray_task *task)
{
    return foray_task_index(task) == 3 ? eat(task) : 0;
}

static int be_killed(const char *backend, struct foray_error *err)
{
    struct foray_pool *pool;
    struct foray_for loop = {.fn = nibble, .n = 8};
    int code;

    code = foray_pool_open(
        &pool, &(struct foray_config){.n_jobs = 2, .backend = backend}, err);
    if (code)
        return code;
    code = foray_for(pool, &loop, NULL, err);
    foray_pool_close(pool);
    if (code == FORAY_ECRASH && err->signal == SIGKILL && err->task == 3 &&
        strstr(err->msg, "killed it for lack of memory"))
        return 0;
    return code ? code : JOB_WRONG;
}

static int killed_fork(struct foray_error *err)
{
    return be_killed("fork", err);
}

static int killed_forkserver(struct foray_error *err)
{
    return be_killed("forkserver", err);
}

static bool must_say(const struct job *job, size_t number)
{
    (void)job;
    (void)number;
    return true;
}

static void try_killer(struct campaign *campaign)
{
    static const char promise[] =
        "a worker killed for lack of memory is reported as that";
    static const struct hardship hardship = {"the OOM killer", begin_little,
                                             NULL, NULL, must_say};
    static const struct job killed[] = {
        {"a greedy task of fork", killed_fork, false, false},
        {"a greedy task of forkserver", killed_forkserver, true, false}};
    size_t n = campaign_cases(campaign, 1, 4), failures = 0;
    char reason[128];

    if (!control_group_can("memory", reason)) {
        campaign_skip(campaign, promise, reason);
        return;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 2; k++)
            failures +=
                hardship_try(campaign, &hardship, 64 + 8 * i, &killed[k], NULL);
    control_groups_remove("memory");
    campaign_row(campaign, promise, 2 * n, failures);
}

int main(int argc, char **argv)
{
    struct campaign campaign;

    campaign_begin(&campaign, argc, argv);
    /* What others keep there is not counted. */
    if (!namespace_mount("/dev/shm", "size=1G"))
        fputs("in the /dev/shm of all\n", stderr);
    jobs_prepare();
    if (geteuid() == 0)
        jobs_let(STRANGER);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        try_row(&campaign, &rows[i]);
    try_killer(&campaign);
    return campaign_end(&campaign);
}
