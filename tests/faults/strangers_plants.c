/* Names planted where an output, or its journal, is to be made. */
#include "strangers.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>
#include <foray/hdf5.h>

#include "config.h"
#include "helpers.h"

enum { N = 300 };

static const char secret[] = "precious";

enum plant {
    LINK_TO_FILE,
    LINK_TO_NOTHING,
    HARD_LINK,
    PIPE,
    FOLDER,
    FILE_OF_ALL,
    LOCKED_FILE,
    N_PLANTS
};

/* Keeps the lock until it is killed with the campaign's child. */
static pid_t holder;

static void hold(const char *path)
{
    int ready[2], fd;
    char byte;

    if (pipe(ready))
        exit(99);
    holder = fork();
    if (holder == 0) {
        fd = namespace_become(STRANGER) ? open(path, O_RDWR) : -1;
        flock(fd, LOCK_EX);
        close(ready[0]);
        close(ready[1]);
        for (;;)
            pause();
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1)) /* its end */
        exit(99);
    close(ready[0]);
}

static void let_go(void)
{
    if (holder > 0) {
        kill(holder, SIGKILL);
        waitpid(holder, NULL, 0);
    }
    holder = 0;
}

static void plant(enum plant what, const char *path, const char *victim)
{
    int failed = 0;

    switch (what) {
    case LINK_TO_FILE:
        failed = symlink(victim, path);
        break;
    case LINK_TO_NOTHING:
        failed = symlink(in_shared("nothing"), path);
        break;
    case HARD_LINK:
        failed = link(victim, path);
        return;
    case PIPE:
        failed = mkfifo(path, 0666) || chmod(path, 0666);
        break;
    case FOLDER:
        failed = mkdir(path, 0777);
        break;
    default:
        put_words(path, "planted", 0666, STRANGER);
        break;
    }
    if (failed || lchown(path, STRANGER, STRANGER))
        exit(99);
    if (what == LOCKED_FILE)
        hold(path);
}

struct output {
    const char *name; /* of the format */
    char path[256];
};

/* 0: made; 1: an error; 2: it says that it is made, and it is not. */
static int make_output(const void *arg)
{
    const struct output *output = arg;
    const char *path = output->path, *format = output->name;
    static double numbers[N];
    struct foray_array in = {0}, out = {0};
    struct foray_named_array named = {"x", &in};
    size_t n = N;
    int code;

    setenv("FORAY_TEST_NO", strstr(format, "tmpfile") ? "tmpfile" : "", 1);
    umask(022);
    if (foray_array_wrap(&in, numbers, FORAY_F64, 1, &n, NULL))
        return 98;
    if (!strncmp(format, "npy", 3))
        code = foray_array_save(&in, path, NULL);
    else if (!strncmp(format, "npz", 3))
        code = foray_npz_save(path, &named, 1, NULL, NULL);
    else if (!strncmp(format, "joblib", 6))
        code = foray_joblib_save(path, &named, 1, NULL, NULL);
#ifdef FORAY_WITH_HDF5
    else if (!strncmp(format, "hdf5", 4))
        code = foray_hdf5_save(NULL, path, "x", &in, NULL, NULL);
#endif
    else {
        code = foray_array_create_at(&out, path, FORAY_F64, 1, &n,
                                     &(struct foray_placement){.partial = true},
                                     NULL);
        if (!code)
            code = foray_array_commit(&out, NULL);
        foray_array_close(&out, NULL);
    }
    return code ? 1 : 0;
}

/* The output is the user's, and no one else may write it. */
static bool is_well_made(const char *path)
{
    struct stat st;

    return !lstat(path, &st) && S_ISREG(st.st_mode) && st.st_uid == USER &&
           !(st.st_mode & 0022) && st.st_size > N;
}

static bool is_still_planted(enum plant what, const char *path)
{
    struct stat st;

    if (what == HARD_LINK)
        return true; /* it is the user's own file: its name may go */
    if (lstat(path, &st) || st.st_uid != STRANGER)
        return false;
    return (what != FILE_OF_ALL && what != LOCKED_FILE) ||
           holds_words(path, "planted");
}

static size_t try_plant(enum plant what, const char *format, bool beside,
                        bool private_folder)
{
    struct output output = {.name = format};
    char planted[300], victim[128];
    int answer;
    bool bad;

    empty_shared();
    /* In a folder of the user's own it may do what it likes with names. */
    if (private_folder && (chown(shared, USER, USER) || chmod(shared, 0777)))
        exit(99);
    snprintf(victim, sizeof victim, "%s/precious", test_folder());
    put_words(victim, secret, 0644, USER);
    snprintf(output.path, sizeof output.path, "%s", in_shared("out"));
    snprintf(planted, sizeof planted, "%s%s", output.path,
             beside ? ".partial" : "");
    plant(what, planted, victim);
    answer = as(USER, make_output, &output);
    bad = answer > 1 || !holds_words(victim, secret) ||
          !access(in_shared("nothing"), F_OK) ||
          (!answer && !is_well_made(output.path)) ||
          (beside && !is_still_planted(what, planted));
    let_go();
    if (bad)
        campaign_fault(&strangers_campaign,
                       "plant %d %s of %s in a %s folder: %d", what,
                       beside ? "beside the name" : "under the name", format,
                       private_folder ? "user's" : "shared", answer);
    return bad;
}

/* A journal says which tasks are done: one of somebody else's is no journal. */

static int write_row(struct foray_task *task)
{
    FORAY_AT(foray_task_out(task, 0), double, 0) = 1;
    return 0;
}

static int run_with_journal(const void *arg)
{
    struct foray_array out;
    struct foray_map map = {
        .fn = write_row, .out = {&out}, .chunk = 1, .journal = arg};
    size_t n = 10;
    int code;

    if (foray_array_create(&out, in_shared("rows.npy"), FORAY_F64, 1, &n, NULL))
        return 98;
    code = foray_map(NULL, &map, NULL, NULL);
    foray_array_close(&out, NULL);
    return code ? 1 : 0;
}

static void try_journals(void)
{
    size_t cases = 0, failures = 0;
    char victim[128], journal[256];

    for (int what = 0; what < N_PLANTS; what++) {
        int answer;

        if (what == HARD_LINK) /* the user's own file, and no journal */
            continue;
        empty_shared();
        snprintf(victim, sizeof victim, "%s/precious", test_folder());
        put_words(victim, secret, 0644, USER);
        snprintf(journal, sizeof journal, "%s", in_shared("rows.journal"));
        plant((enum plant)what, journal, victim);
        if (what == FILE_OF_ALL)
            put_words(journal, "foray journal 1\n", 0666, STRANGER);
        answer = as(USER, run_with_journal, journal);
        failures += count_case(&cases,
                               answer != 1 || !holds_words(victim, secret) ||
                                   !access(in_shared("nothing"), F_OK),
                               "a planted journal", answer);
        let_go();
    }
    campaign_row(&strangers_campaign,
                 "links, pipes, folders and files planted as journals", cases,
                 failures);
}

void try_plants(void)
{
    static const char *const formats[] = {"npy",     "npz",         "joblib",
#ifdef FORAY_WITH_HDF5
                                          "hdf5",
#endif
                                          "partial", "npy, tmpfile"};
    enum { N_FORMATS = sizeof formats / sizeof *formats };
    size_t n = campaign_cases(&strangers_campaign, 1, N_FORMATS);
    size_t cases = 0, failures = 0;

    for (int what = 0; what < N_PLANTS; what++)
        for (int where = 0; where < 4; where++) {
            size_t first = campaign_random(&strangers_campaign, N_FORMATS);

            for (size_t k = 0; k < n; k++, cases++)
                failures += try_plant((enum plant)what,
                                      formats[(first + k) % N_FORMATS],
                                      where & 1, where & 2);
        }
    campaign_row(&strangers_campaign,
                 "links, pipes, folders, files and locks planted for outputs",
                 cases, failures);
    try_journals();
}
