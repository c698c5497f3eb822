/* Sweeping: what is dead and ours goes, and nothing else. */
#include "helpers.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <foray.h>

static struct foray_error err;

/* test_folder()/name, with %ld for the user. */
static const char *user_path(const char *format)
{
    char name[128];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(name, sizeof name, format, (long)geteuid());
#pragma GCC diagnostic pop
    return test_path(name);
}

static void put_file(const char *folder, const char *name, size_t nbytes)
{
    char path[512], zeros[4096] = {0};
    int fd;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, zeros, nbytes), nbytes);
    close(fd);
}

/* A session that a dead process left. */
static void make_dead(const char *path)
{
    assert_int_equal(mkdir(path, 0700), 0);
    put_file(path, "lock", 0);
    put_file(path, "x.npy", 4096);
}

static void make_old(const char *path)
{
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static size_t sweep(bool dry_run, foray_clean_fn found, void *arg)
{
    size_t count = 99;

    assert_ok(foray_clean(test_folder(), dry_run, &count, found, arg, &err),
              err);
    return count;
}

static void note(const char *path, size_t nbytes, void *arg)
{
    char *noted = arg;

    if (nbytes >= 4096)
        strcpy(noted, path);
}

static void test_dead_session_goes(void **state)
{
    const char *path = user_path("foray-%ld-0000000000000001");
    char noted[4400] = "";

    (void)state;
    make_dead(path);
    assert_int_equal(sweep(true, note, noted), 1);
    assert_string_equal(noted, path);
    assert_true(exists(path));
    noted[0] = '\0';
    assert_int_equal(sweep(false, note, noted), 1);
    assert_string_equal(noted, path);
    assert_false(exists(path));
    assert_int_equal(sweep(false, NULL, NULL), 0);
}

static void test_living_session_stays(void **state)
{
    struct foray_session *session;

    (void)state;
    assert_ok(foray_session_open(&session, test_folder(), &err), err);
    assert_int_equal(sweep(true, NULL, NULL), 0);
    assert_int_equal(sweep(false, NULL, NULL), 0);
    assert_true(exists(foray_session_path(session)));
    assert_ok(foray_session_close(session, &err), err);
}

/* Between mkdir and the lock its maker may just be slow. */
static void test_unlocked_session_waits(void **state)
{
    const char *paths[] = {user_path("foray-%ld-0000000000000002"),
                           user_path(".foray-%ld-0000000000000003")};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(mkdir(paths[i], 0700), 0);
        assert_int_equal(sweep(false, NULL, NULL), 0);
        assert_true(exists(paths[i]));
        make_old(paths[i]);
        assert_int_equal(sweep(false, NULL, NULL), 1);
        assert_false(exists(paths[i]));
    }
}

static void test_other_names_stay(void **state)
{
    const char *others[] = {test_path("foray-session"),
                            test_path("foray-99999-0000000000000004"),
                            test_path("joblib_memmapping_folder")};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        make_dead(others[i]);
    assert_int_equal(sweep(false, NULL, NULL), 0);
    for (size_t i = 0; i < 3; i++)
        assert_true(exists(others[i]));
}

static void test_other_permissions_stay(void **state)
{
    const char *path = user_path("foray-%ld-0000000000000005");

    (void)state;
    make_dead(path);
    assert_int_equal(chmod(path, 0755), 0);
    assert_int_equal(sweep(false, NULL, NULL), 0);
    assert_int_equal(chmod(path, 02700), 0); /* as in a folder of a group */
    assert_int_equal(sweep(false, NULL, NULL), 1);
}

static void test_planted_links(void **state)
{
    const char *victims = test_path("victims");
    const char *link = user_path("foray-%ld-0000000000000006");
    const char *path = user_path("foray-%ld-0000000000000007");
    char inside[512], victim[512];

    (void)state;
    make_dead(victims);
    assert_int_equal(symlink(victims, link), 0);
    assert_int_equal(sweep(false, NULL, NULL), 0);
    assert_true(exists(link));
    snprintf(victim, sizeof victim, "%s/x.npy", victims);
    assert_true(exists(victim));
    /* A link inside goes, what it points to stays; a linked lock is none. */
    make_dead(path);
    snprintf(inside, sizeof inside, "%s/y.npy", path);
    assert_int_equal(symlink(victim, inside), 0);
    assert_int_equal(sweep(false, NULL, NULL), 1);
    assert_true(exists(victim));
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(inside, sizeof inside, "%s/lock", path);
    assert_int_equal(symlink(victim, inside), 0);
    make_old(path);
    assert_int_equal(sweep(false, NULL, NULL), 0);
    assert_true(exists(inside));
}

static void test_folder_inside_stays(void **state)
{
    const char *path = user_path("foray-%ld-0000000000000008");
    char inside[512];

    (void)state;
    make_dead(path);
    snprintf(inside, sizeof inside, "%s/deep", path);
    assert_int_equal(mkdir(inside, 0700), 0);
    put_file(inside, "precious", 10);
    assert_int_equal(sweep(false, NULL, NULL), 0);
    assert_true(exists(inside));
}

static void test_errors(void **state)
{
    size_t count = 7;

    (void)state;
    assert_int_equal(foray_clean("/nowhere", false, &count, NULL, NULL, &err),
                     FORAY_ENOENT);
    assert_int_equal(count, 0);
    assert_ok(foray_clean(NULL, true, NULL, NULL, NULL, &err), err);
}

struct tally {
    _Atomic long lost, lived, failed;
    _Atomic int stop;
};

static void create_often(struct tally *tally, const char *folder)
{
    while (!tally->stop) {
        struct foray_session *session;
        char lock[4200];

        if (foray_session_open(&session, folder, NULL)) {
            tally->failed++;
            continue;
        }
        snprintf(lock, sizeof lock, "%s/lock", foray_session_path(session));
        usleep(100);
        if (!exists(lock))
            tally->lost++;
        tally->lived++;
        if (foray_session_close(session, NULL))
            tally->failed++;
    }
}

/* Some die in between, so that the sweepers have work. */
static void die_often(struct tally *tally, const char *folder)
{
    while (!tally->stop) {
        struct foray_session *session;
        pid_t child = fork();

        if (child == 0) {
            if (foray_session_open(&session, folder, NULL))
                _exit(1);
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
}

static void test_sweeps_against_creators(void **state)
{
    const char *folder = test_path("race");
    struct tally *tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t children[5];
    size_t count, entries = 0;
    double start;
    struct dirent *entry;
    DIR *dir;

    (void)state;
    assert_int_equal(mkdir(folder, 0700), 0);
    for (int i = 0; i < 5; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            if (i < 2)
                create_often(tally, folder);
            else if (i == 2)
                die_often(tally, folder);
            else
                while (!tally->stop)
                    if (foray_clean(folder, false, NULL, NULL, NULL, NULL))
                        tally->failed++;
            _exit(0);
        }
    }
    nap(3);
    for (start = seconds_now();
         tally->lived < 1000 && seconds_now() - start < PATIENCE;)
        nap(1e-2);
    tally->stop = 1;
    for (int i = 0; i < 5; i++)
        assert_int_equal(waitpid(children[i], NULL, 0), children[i]);
    print_message("%ld sessions lived beside sweeps, %ld were lost\n",
                  tally->lived, tally->lost);
    assert_true(tally->lived > 100);
    assert_int_equal(tally->lost, 0);
    assert_int_equal(tally->failed, 0);
    assert_ok(foray_clean(folder, false, &count, NULL, NULL, &err), err);
    dir = opendir(folder);
    while ((entry = readdir(dir)))
        entries++;
    closedir(dir);
    assert_int_equal(entries, 2);
    munmap(tally, sizeof *tally);
}

static size_t descriptors;

static int remember(void **state)
{
    (void)state;
    test_folder();
    descriptors = count_descriptors();
    return 0;
}

static int leaves_nothing(void **state)
{
    (void)state;
    return count_descriptors() != descriptors;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dead_session_goes),
        cmocka_unit_test(test_living_session_stays),
        cmocka_unit_test(test_unlocked_session_waits),
        cmocka_unit_test(test_other_names_stay),
        cmocka_unit_test(test_other_permissions_stay),
        cmocka_unit_test(test_planted_links),
        cmocka_unit_test(test_folder_inside_stays),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_sweeps_against_creators),
    };

    return cmocka_run_group_tests(tests, remember, leaves_nothing);
}
