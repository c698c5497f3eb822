/* Programs killed at random moments of their lives: nothing of theirs is left
 * but drafts of outputs, OUT.partial, what is needed to go on with one,
 * OUT.journal, and sessions until the next sweep.
 *
 *     tests/faults/orphans [--quick] [--seed N] [--cases PROGRAMS]
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

#include "campaign.h"
#include "config.h"
#include "deeds.h"
#include "helpers.h"
#include "namespace.h"
#include "settings.h"

enum {
    N_IMAGES = 40,
    N_TIMES = 20,
    SIDE = 64,
    N = 60000,
    NUMBERS = 1 << 20, /* to be converted */
    LONGEST = 30       /* s, to end */
};

static bool has_own_shm;

struct host {
    uint64_t seed;
    char folder[256];
};

/* Lives; each goes on until it is killed. */

static struct foray_pool *open_pool(const char *backend, int n_jobs)
{
    struct foray_pool *pool = NULL;
    struct foray_error err;
    const struct foray_config config = {.n_jobs = n_jobs, .backend = backend};

    if (!foray_pool_open(&pool, &config, &err))
        return pool;
    fprintf(stderr, "%s\n", err.msg);
    _exit(1);
}

static int do_deed_of_call(struct foray_task *task)
{
    return do_deed(task, foray_task_params(task), foray_task_index(task));
}

static void run_deeds(struct foray_pool *pool, const struct plan *plan,
                      size_t n)
{
    const struct foray_for loop = {.fn = do_deed_of_call,
                                   .n = n,
                                   .params = plan,
                                   .params_size = sizeof *plan,
                                   .on_error = FORAY_SKIP};

    if (foray_for(pool, &loop, NULL, NULL))
        _exit(2);
}

static void use_pools(struct host *host)
{
    static const char *const backends[] = {"fork", "forkserver", "threads"};
    const struct plan plan = {.seed = host->seed, .spins = 20000};

    for (size_t k = host->seed % 3;; k++) {
        struct foray_pool *pool;

        if (k % 3 == 1 && foray_init(NULL))
            _exit(1);
        pool = open_pool(backends[k % 3], 3);
        run_deeds(pool, &plan, 200);
        foray_pool_close(pool);
    }
}

static void nest_pools(struct host *host)
{
    const struct plan plan = {.seed = host->seed,
                              .per_mille = {[DEED_NEST] = 900},
                              .n_nested = 20,
                              .spins = 1000};

    if (host->seed % 2 && foray_init(NULL))
        _exit(1);
    for (;;) {
        struct foray_pool *pool =
            open_pool(host->seed % 2 ? "forkserver" : "fork", 2);

        run_deeds(pool, &plan, 20);
        foray_pool_close(pool);
    }
}

/* Tasks that die all the time: their workers are replaced. */
static void lose_workers(struct host *host)
{
    const struct plan plan = {.seed = host->seed,
                              .per_mille = {[DEED_DIE] = 300, [DEED_EXIT] = 50},
                              .spins = 1000};
    struct foray_pool *pool = open_pool("fork", 3);

    for (;;)
        run_deeds(pool, &plan, 50);
}

/* Tasks that stop their workers for ever. */
static void stop_workers(struct host *host)
{
    const struct plan plan = {
        .seed = host->seed, .per_mille = {[DEED_STOP] = 50}, .spins = 1000};
    struct foray_pool *pool;

    if (host->seed % 2 && foray_init(NULL))
        _exit(1);
    pool = open_pool(host->seed % 2 ? "forkserver" : "fork", 3);
    for (;;)
        run_deeds(pool, &plan, 50);
}

static int sum_rows(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);

    return x ? foray_return(task, x) : FORAY_ETASK; /* in a new segment */
}

/* Private arrays dumped for a run, arrays that come back, a session. */
static void dump_arrays(struct host *host)
{
    static double data[N];
    struct foray_array x, y;
    struct foray_pool *pool = open_pool("fork", 2);
    const size_t shape[1] = {N};

    if (foray_array_wrap(&x, data, FORAY_F64, 1, shape, NULL))
        _exit(1);
    for (;;) {
        struct foray_call calls[4];
        struct foray_result results[4];
        struct foray_session *session;

        for (int k = 0; k < 4; k++)
            calls[k] = foray_delayed(sum_rows, &x);
        if (foray_parallel(pool, calls, 4, results, NULL))
            _exit(2);
        foray_results_free(results, 4);
        if (foray_session_open(&session,
                               host->seed % 2 || !has_own_shm ? host->folder
                                                              : "/dev/shm",
                               NULL) ||
            foray_array_dump(
                &y, &x,
                &(struct foray_placement){.session = session, .name = "y"},
                NULL))
            _exit(3);
        foray_array_close(&y, NULL);
        foray_session_close(session, NULL);
    }
}

static int fill_with_rows(struct foray_task *task)
{
    const struct foray_array *y = foray_task_out(task, 0);

    for (size_t i = 0; i < y->shape[0]; i++)
        FORAY_AT(y, double, i) = (double)(foray_task_slice(task).start + i) + 1;
    return 0;
}

static void path_of(char path[512], const struct host *host, const char *name)
{
    snprintf(path, 512, "%s/%s", host->folder, name);
}

/* Outputs: saved, created, and made beside their name by a run. */
static void save_arrays(struct host *host)
{
    struct foray_array x, y;
    struct foray_pool *pool = open_pool("fork", 2);
    const size_t shape[1] = {N};
    char saved[512], made[512];

    path_of(saved, host, "saved.npy");
    path_of(made, host, "made.npy");
    if (foray_array_create(&x, NULL, FORAY_F64, 1, shape, NULL))
        _exit(1);
    for (size_t i = 0; i < N; i++)
        FORAY_AT(&x, double, i) = (double)i + 1;
    for (;;) {
        const struct foray_map map = {.fn = fill_with_rows, .out = {&y}};

        if (foray_array_save(&x, saved, NULL) ||
            foray_array_create_at(&y, made, FORAY_F64, 1, shape,
                                  &(struct foray_placement){.partial = true},
                                  NULL) ||
            foray_map(pool, &map, NULL, NULL) || foray_array_commit(&y, NULL) ||
            foray_array_close(&y, NULL))
            _exit(2);
    }
}

static int next_square(struct foray_slot *slot, void *arg)
{
    const struct foray_array *x = arg;

    return foray_produce(slot, foray_delayed(sum_rows, x));
}

/* Calls made ahead and results that nobody has read. */
static void iterate(struct host *host)
{
    struct foray_array x;
    const size_t shape[1] = {3000};
    struct foray_pool *pool = open_pool(host->seed % 2 ? "fork" : "threads", 2);
    struct foray_run *run;

    if (foray_array_create(&x, NULL, FORAY_F64, 1, shape, NULL))
        _exit(1);
    for (;;) {
        struct foray_result result;

        if (foray_run_start(
                &run, pool,
                &(struct foray_iterator){.next = next_square, .next_arg = &x},
                NULL))
            _exit(2);
        for (int k = 0; k < 20; k++) {
            if (foray_run_next(run, &result, NULL) != 1)
                _exit(3);
            foray_result_free(&result);
        }
        foray_run_drop(run, NULL);
    }
}

/* The command. It may be done before it is killed. */
_Noreturn static void run_command(const char *const *argv)
{
    const char *program =
        access("./.libs/foray", X_OK) ? "./foray" : "./.libs/foray";

    setenv("LD_LIBRARY_PATH", "./.libs", 1);
    execv(program, (char *const *)argv);
    _exit(127);
}

static void extract_features(struct host *host)
{
    const char *images = test_path("images");
    const char *argv[N_TIMES + 7] = {"foray", "hog", "-q", "-j2", "-o"};
    char output[512];

    path_of(output, host, "hog.npy");
    argv[5] = output;
    for (int k = 0; k < N_TIMES; k++)
        argv[6 + k] = images;
    run_command(argv);
}

/* The command that makes an HDF5 file, where it is built with that. */
static void convert(struct host *host)
{
    char output[512];

    path_of(output, host, "numbers.h5");
    run_command((const char *[]){"foray", "convert", "-q", "-j2", "--deflate",
                                 "6", test_path("numbers.npy"), output, NULL});
}

static const struct life {
    const char *name;
    void (*live)(struct host *host);
    double longest; /* seconds before it is killed */
} lives[] = {
    {"pools", use_pools, 12e-3},
    {"nested pools", nest_pools, 20e-3},
    {"dying workers", lose_workers, 20e-3},
    {"stopped workers", stop_workers, 20e-3},
    {"dumped arrays", dump_arrays, 10e-3},
    {"saved arrays", save_arrays, 20e-3},
    {"an iterator", iterate, 10e-3},
    {"the command hog", extract_features, 80e-3},
    {"the command convert", convert, 80e-3}, /* the last */
};
static size_t n_lives = sizeof lives / sizeof *lives;

static void write_images(void)
{
    static unsigned char pixels[SIDE * SIDE];

    mkdir(test_path("images"), 0700);
    for (int k = 0; k < N_IMAGES; k++) {
        char name[32];
        FILE *file;

        for (int i = 0; i < SIDE * SIDE; i++)
            pixels[i] = (unsigned char)(i * (k + 3));
        snprintf(name, sizeof name, "images/%d.pgm", k);
        file = fopen(test_path(name), "w");
        if (!file || fprintf(file, "P5 %d %d 255\n", SIDE, SIDE) < 0 ||
            fwrite(pixels, sizeof pixels, 1, file) != 1 || fclose(file)) {
            perror(test_path(name));
            exit(99);
        }
    }
}

static void save_numbers(void)
{
    const size_t shape[1] = {NUMBERS};
    struct foray_array x;
    struct foray_error err;

    if (foray_array_create(&x, NULL, FORAY_F64, 1, shape, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        exit(99);
    }
    for (size_t i = 0; i < NUMBERS; i++)
        FORAY_AT(&x, double, i) = (double)(i * i % 1000);
    if (foray_array_save(&x, test_path("numbers.npy"), &err)) {
        fprintf(stderr, "%s\n", err.msg);
        exit(99);
    }
    foray_array_close(&x, NULL);
}

/* What is found afterwards. */
struct findings {
    size_t strangers; /* names that no document promises */
    size_t drafts;    /* OUT.partial, and OUT.journal, by which one resumes */
    size_t outputs, broken;
    size_t sessions;
};

static bool is_whole(const char *path)
{
    struct foray_array x;
    bool whole;

    if (foray_array_open(&x, path, "r", NULL))
        return false;
    whole = x.ndim == 2 && x.shape[0] == N_IMAGES * N_TIMES; /* of hog */
    if (x.ndim == 1 && x.shape[0] == N) {
        whole = true;
        for (size_t i = 0; i < N; i++)
            whole = whole && FORAY_AT(&x, double, i) == (double)i + 1;
    }
    foray_array_close(&x, NULL);
    return whole;
}

/* That it can be read is said by others. */
static bool is_hdf5(const char *path)
{
    static const char signature[8] = "\x89HDF\r\n\x1a\n";
    char begin[8] = "";
    FILE *file = fopen(path, "r");
    bool is = file && fread(begin, sizeof begin, 1, file) == 1 &&
              !memcmp(begin, signature, sizeof begin);

    if (file)
        fclose(file);
    return is;
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    return n > m && !strcmp(name + n - m, end);
}

static void find(struct findings *findings, struct campaign *campaign,
                 const struct host *host, const struct life *life,
                 const char *name)
{
    char path[512];

    path_of(path, host, name);
    if (ends_with(name, ".partial") || ends_with(name, ".journal")) {
        findings->drafts++;
    } else if ((ends_with(name, ".npy") || ends_with(name, ".h5")) &&
               name[0] != '.') {
        findings->outputs++;
        if (ends_with(name, ".h5") ? !is_hdf5(path) : !is_whole(path)) {
            findings->broken++;
            campaign_fault(campaign, "%s: %s is neither old nor whole",
                           life->name, name);
        }
    } else if (!ends_with(name, ".csv") && !ends_with(name, ".json")) {
        findings->strangers++;
        campaign_fault(campaign, "%s left %s", life->name, name);
    }
    unlink(path);
}

/* One that had no lock yet when its maker died is swept after a minute, which
 * has passed now. */
static void let_a_minute_pass(const char *folder)
{
    static const struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    DIR *dir = opendir(folder);
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (entry->d_type == DT_DIR && strstr(entry->d_name, "foray-"))
            utimensat(dirfd(dir), entry->d_name, long_ago, 0);
    if (dir)
        closedir(dir);
}

static void sweep(struct findings *findings, const char *folder)
{
    size_t n = 0;

    if (!foray_clean(folder, false, &n, NULL, NULL, NULL))
        findings->sessions += n;
    let_a_minute_pass(folder);
    if (!foray_clean(folder, false, &n, NULL, NULL, NULL))
        findings->sessions += n;
}

/* Sweep its sessions, look at what else there is, and remove it. */
static void look_into(struct findings *findings, struct campaign *campaign,
                      const struct host *host, const struct life *life)
{
    struct dirent *entry;
    DIR *dir;

    if (has_own_shm) /* others' sessions are not to be touched */
        sweep(findings, "/dev/shm");
    sweep(findings, host->folder);
    dir = opendir(host->folder);
    while (dir && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            find(findings, campaign, host, life, entry->d_name);
    if (dir)
        closedir(dir);
    rmdir(host->folder);
}

/* Until nobody of theirs lives any more; whether that came. */
static bool await_ends(const struct traces *before)
{
    double start = seconds_now();
    struct traces now;

    do {
        traces_look(&now);
        if (now.processes <= before->processes)
            return true;
        nap(200e-6);
    } while (seconds_now() - start < LONGEST);
    return false;
}

static pid_t start(struct host *host, const struct life *life)
{
    pid_t pid;

    strcpy(host->folder, test_path("host"));
    mkdir(host->folder, 0700);
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        life->live(host);
        _exit(9);
    }
    setpgid(pid, pid);
    return pid;
}

struct totals {
    size_t early, alive, left;
    struct findings findings;
};

static void kill_one(struct totals *totals, struct campaign *campaign,
                     const struct traces *before)
{
    const struct life *life = &lives[campaign_random(campaign, n_lives)];
    struct host host = {.seed = campaign_random(campaign, UINT64_MAX)};
    double delay =
        life->longest * 1e-6 * (double)campaign_random(campaign, 1000000);
    bool group = campaign_random(campaign, 2);
    pid_t pid = start(&host, life);
    int status;

    nap(delay);
    kill(group ? -pid : pid, SIGKILL);
    waitpid(pid, &status, 0);
    if (!WIFSIGNALED(status) && WEXITSTATUS(status)) {
        totals->early++;
        campaign_fault(campaign, "%s ended by itself, status %d", life->name,
                       WEXITSTATUS(status));
    }
    if (!await_ends(before)) {
        totals->alive++;
        campaign_fault(campaign, "%s left processes behind", life->name);
    }
    look_into(&totals->findings, campaign, &host, life);
    totals->left += traces_left(campaign, before, life->name) > 0;
}

int main(int argc, char **argv)
{
    struct campaign campaign;
    struct totals totals = {0};
    struct traces before;
    size_t most;

    campaign_begin(&campaign, argc, argv);
    forget_variables();
    /* What others keep in /dev/shm is not counted, where one may have one's
     * own.
     */
    has_own_shm = namespace_mount("/dev/shm", "size=1G");
    share_marks();
    test_folder();
    write_images();
    save_numbers();
#ifndef FORAY_WITH_HDF5
    n_lives--;
#endif
    traces_look(&before);
    most = campaign_cases(&campaign, 100, 1000);
    for (size_t k = 0; k < most; k++)
        kill_one(&totals, &campaign, &before);
    fprintf(stderr, "%zu drafts and %zu sessions were left\n",
            totals.findings.drafts, totals.findings.sessions);
    campaign_row(&campaign, "whoever kills a program leaves no process of it",
                 most, totals.alive + totals.early);
    campaign_row(
        &campaign,
        "nor a name, but OUT.partial, OUT.journal, and sessions until a sweep",
        most, totals.findings.strangers + totals.left);
    campaign_row(&campaign, "an output has its name when it is whole",
                 totals.findings.outputs, totals.findings.broken);
    return campaign_end(&campaign);
}
