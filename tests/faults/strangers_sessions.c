/* What foray makes is its user's alone, and only where nobody can take it
 * away: sessions, arrays, temporary folders; and what foray clean removes. */
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

#include "helpers.h"

enum { N = 300 };

static const char secret[] = "precious";

/* Sessions and their files */

struct privacy {
    char folder[128];
    mode_t mask;
};

static bool is_private(const char *path, mode_t kind, mode_t mode)
{
    struct stat st;

    return !lstat(path, &st) && (st.st_mode & S_IFMT) == kind &&
           st.st_uid == USER && !(st.st_mode & 07777 & ~mode);
}

/* Whether a stranger sees or opens anything of it. */
static int pry(const void *arg)
{
    const char *path = arg;
    char inside[4400];

    snprintf(inside, sizeof inside, "%s/x.npy", path);
    return opendir(path) || open(inside, O_RDONLY) >= 0;
}

static int keep_private(const void *arg)
{
    const struct privacy *privacy = arg;
    struct foray_session *session;
    struct foray_array array, unnamed;
    struct foray_placement at_session = {.name = "x"};
    struct foray_placement at_folder = {.folder = privacy->folder};
    char path[4400];
    struct stat st;
    size_t n = N;

    umask(privacy->mask);
    if (foray_session_open(&session, privacy->folder, NULL))
        return 1;
    at_session.session = session;
    if (foray_array_create_at(&array, NULL, FORAY_F64, 1, &n, &at_session,
                              NULL) ||
        foray_array_create_at(&unnamed, NULL, FORAY_F64, 1, &n, &at_folder,
                              NULL))
        return 2;
    if (!is_private(foray_session_path(session), S_IFDIR, 0700))
        return 3;
    snprintf(path, sizeof path, "%s/x.npy", foray_session_path(session));
    if (!is_private(path, S_IFREG, 0600))
        return 4;
    snprintf(path, sizeof path, "%s/lock", foray_session_path(session));
    if (!is_private(path, S_IFREG, 0600))
        return 5;
    /* Of an array without a name all there is are descriptors. */
    for (int fd = 3; fd < 64; fd++)
        if (!fstat(fd, &st) && S_ISREG(st.st_mode) && (st.st_mode & 0077))
            return 6;
    if (foray_array_close(&unnamed, NULL) || foray_array_close(&array, NULL) ||
        foray_session_close(session, NULL))
        return 7;
    return 0;
}

static int open_and_stay(const void *arg)
{
    struct foray_session *session;
    struct foray_array array;
    struct foray_placement placement = {.name = "x"};
    size_t n = N;

    (void)arg;
    umask(0);
    if (foray_session_open(&session, shared, NULL))
        return 1;
    placement.session = session;
    return foray_array_create_at(&array, NULL, FORAY_F64, 1, &n, &placement,
                                 NULL)
               ? 1
               : 0; /* leaves them */
}

static const char *find_session(void)
{
    static char path[512];
    DIR *dir = opendir(shared);
    struct dirent *entry;

    path[0] = '\0';
    while (dir && (entry = readdir(dir)))
        if (!strncmp(entry->d_name, "foray-", 6))
            snprintf(path, sizeof path, "%s/%s", shared, entry->d_name);
    if (dir)
        closedir(dir);
    return path;
}

void try_privacy(void)
{
    static const mode_t masks[] = {0, 022, 077};
    size_t cases = 0, failures = 0;
    int answer;

    for (size_t i = 0; i < 6; i++) {
        struct privacy privacy = {.mask = masks[i / 2]};

        empty_shared();
        snprintf(privacy.folder, sizeof privacy.folder, "%s",
                 i % 2 ? "/dev/shm" : shared);
        answer = as(USER, keep_private, &privacy);
        failures += count_case(&cases, answer, "what is private", answer);
    }
    empty_shared();
    answer = as(USER, open_and_stay, NULL);
    if (!answer)
        answer = as(STRANGER, pry, find_session());
    failures += count_case(&cases, answer, "a stranger looks", answer);
    campaign_row(&strangers_campaign,
                 "sessions, arrays with names and without are the user's alone",
                 cases, failures);
}

/* Temporary folders */

static int use_folder(const void *arg)
{
    struct foray_placement placement = {.folder = arg};
    struct foray_config config = {.n_jobs = 1, .temp_folder = arg};
    static double large[1 << 18];
    struct foray_session *session = NULL;
    struct foray_pool *pool = NULL;
    struct foray_array array, in;
    size_t n = sizeof large / sizeof *large;
    struct foray_call call;
    struct foray_result result = {0};
    bool refused = foray_array_create_at(&array, NULL, FORAY_F64, 1, &n,
                                         &placement, NULL) == FORAY_EACCES &&
                   foray_session_open(&session, arg, NULL) == FORAY_EACCES;

    setenv("FORAY_TEMP_FOLDER", arg, 1);
    refused = refused && foray_array_create(&array, NULL, FORAY_F64, 1, &n,
                                            NULL) == FORAY_EACCES;
    unsetenv("FORAY_TEMP_FOLDER");
    /* A pool finds out when it dumps, or when it is opened. */
    if (refused && foray_array_wrap(&in, large, FORAY_F64, 1, &n, NULL) == 0 &&
        !foray_pool_open(&pool, &config, NULL)) {
        call = foray_delayed((foray_task_fn)NULL, &in);
        refused = foray_parallel(pool, &call, 1, &result, NULL) != 0;
        foray_result_free(&result);
    }
    foray_pool_close(pool);
    return refused ? 0 : 1;
}

void try_folders(void)
{
    static const mode_t modes[] = {0777, 0773, 0722, 0702, 0707, 0757};
    size_t cases = 0, failures = 0;

    for (size_t k = 0; k < sizeof modes / sizeof *modes; k++) {
        int answer;

        empty_shared();
        if (chown(shared, USER, USER) || chmod(shared, modes[k]))
            exit(99);
        answer = as(USER, use_folder, shared);
        failures +=
            count_case(&cases, answer, "a folder without sticky bit", answer);
    }
    campaign_row(&strangers_campaign,
                 "temporary folders all may write, without sticky bit, refused",
                 cases, failures);
}

/* What foray clean takes away */

static void make_session_like(const char *name, uid_t owner, mode_t mode)
{
    char lock[300], array[300];

    snprintf(lock, sizeof lock, "%s/lock", in_shared(name));
    snprintf(array, sizeof array, "%s/x.npy", in_shared(name));
    if (mkdir(in_shared(name), 0700))
        exit(99);
    put_words(lock, "", 0600, owner);
    put_words(array, secret, 0600, owner);
    if (chown(in_shared(name), owner, owner) || chmod(in_shared(name), mode))
        exit(99);
}

/* How many it says it removed. */
static int clean(const void *arg)
{
    size_t count = 0;

    (void)arg;
    return foray_clean(shared, false, &count, NULL, NULL, NULL) ? 97
                                                                : (int)count;
}

static bool is_whole(const char *name)
{
    char array[300];

    snprintf(array, sizeof array, "%s/x.npy", in_shared(name));
    return holds_words(array, secret);
}

/* A lock that is none in a folder of the user's. */
static void forge_lock(const char *name, int kind)
{
    char lock[300];

    snprintf(lock, sizeof lock, "%s/lock", in_shared(name));
    if (unlink(lock) ||
        (kind == 0   ? symlink(secret, lock)
         : kind == 1 ? mkfifo(lock, 0600)
         : kind == 2 ? mkdir(lock, 0700)
                     : (put_words(lock, "", 0666, STRANGER), 0)))
        exit(99);
}

void try_clean(void)
{
    static const uid_t users[] = {USER, STRANGER, 0};
    size_t cases = 0, failures = 0;
    char name[64], linked[64];

    for (size_t k = 0; k < 3; k++) {
        int answer;

        /* Under the name of whoever cleans, but a stranger's. */
        empty_shared();
        snprintf(name, sizeof name, "foray-%ld-0123456789abcdef",
                 (long)users[k]);
        make_session_like(name, users[k] == STRANGER ? USER : STRANGER, 0700);
        answer = as(users[k], clean, NULL);
        failures += count_case(&cases, answer || !is_whole(name),
                               "a stranger's folder", answer);
        /* A link to a folder that would be swept under its own name. */
        empty_shared();
        make_session_like("elsewhere", users[k], 0700);
        snprintf(linked, sizeof linked, "%s", in_shared("elsewhere"));
        if (symlink(in_shared("elsewhere"), in_shared(name)))
            exit(99);
        answer = as(users[k], clean, NULL);
        failures += count_case(&cases, answer || !is_whole("elsewhere"),
                               "a link to a folder", answer);
        /* Permissions that foray never gives. */
        empty_shared();
        make_session_like(name, users[k], 0755);
        answer = as(users[k], clean, NULL);
        failures += count_case(&cases, answer || !is_whole(name),
                               "a folder that is open to all", answer);
        for (int kind = 0; kind < 4; kind++) {
            if (kind == 3 && users[k] == STRANGER)
                continue; /* its own */
            empty_shared();
            make_session_like(name, users[k], 0700);
            forge_lock(name, kind);
            answer = as(users[k], clean, NULL);
            failures += count_case(&cases, answer || !is_whole(name),
                                   "a forged lock", answer);
        }
        /* One that is dead and its own goes; others' stay. */
        empty_shared();
        make_session_like(name, users[k], 0700);
        answer = as(users[(k + 1) % 3], clean, NULL);
        failures += count_case(&cases, answer || !is_whole(name),
                               "another user's dead session", answer);
        answer = as(users[k], clean, NULL);
        failures +=
            count_case(&cases, answer != 1 || !access(in_shared(name), F_OK),
                       "a dead session", answer);
    }
    campaign_row(&strangers_campaign,
                 "foray clean removes what is the user's own and dead alone",
                 cases, failures);
}
