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
#include "deeds.h"
#include "helpers.h"
#include "namespace.h"
#include "orphan_lives.h"
#include "settings.h"

enum { LONGEST = 30 /* s, to end */ };

static bool has_own_shm;

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
    whole = x.ndim == 2 && x.shape[0] == LIFE_IMAGES * LIFE_TIMES; /* of hog */
    if (x.ndim == 1 && x.shape[0] == LIFE_ROWS) {
        whole = true;
        for (size_t i = 0; i < LIFE_ROWS; i++)
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

    life_path(path, host, name);
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
    struct host host = {.seed = campaign_random(campaign, UINT64_MAX),
                        .owns_shm = has_own_shm};
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
    lives_prepare();
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
