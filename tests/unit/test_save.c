/* Saving over a name: kills, permissions, what else has that name. */
#include "helpers.h"

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

#include "gate.h"

static struct foray_error err;

/* A process killed at a random moment, of its first attempt to save or of a
 * later one, leaves the old file or the new one. */
static void test_kill_while_saving(void **state)
{
    enum { KILLS = 60, ROWS = 1 << 18 };
    const char *path = test_path("k.npy");
    size_t rows[1] = {ROWS};
    struct foray_array array, read;
    double *values = calloc(ROWS, sizeof *values);
    int whole = 0;

    (void)state;
    assert_ok(foray_array_wrap(&array, values, FORAY_F64, 1, rows, &err), err);
    assert_ok(foray_array_save(&array, path, &err), err);
    for (int i = 0; i < KILLS; i++) {
        pid_t child;

        shut_gate();
        child = fork();
        if (child == 0)
            for (;;) {
                for (size_t k = 0; k < ROWS; k++)
                    values[k] += 1;
                if (foray_array_save(&array, path, NULL))
                    _exit(1);
                come_to_gate();
            }
        if (i % 2)
            await_at_gate(1);
        nap(1e-6 * (i * 331 % 17000));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_ok(foray_array_open(&read, path, "r", &err), err);
        assert_int_equal(read.shape[0], ROWS);
        for (size_t k = 0; k < ROWS; k++)
            if (FORAY_AT(&read, double, k) != FORAY_AT(&read, double, 0))
                fail_msg("element %zu is of another version", k);
        whole += FORAY_AT(&read, double, 0) > 0;
        assert_int_equal(foray_array_close(&read, &err), 0);
    }
    assert_true(whole > 0); /* some were saved, or this proves nothing */
    free(values);
}

/* In front of libc's: a process may die when a file is whole and has not got
 * its name. */
static bool dies_at_rename;

int rename(const char *from, const char *to)
{
    if (dies_at_rename)
        raise(SIGKILL);
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

static int save_ones(const char *path)
{
    double ones[3] = {1, 1, 1};
    struct foray_array array;

    if (foray_array_wrap(&array, ones, FORAY_F64, 1, (size_t[]){3}, &err))
        return err.code;
    return foray_array_save(&array, path, &err);
}

static int die_at_rename(void *path)
{
    dies_at_rename = true;
    return save_ones(path);
}

/* How many names there are in the folder that begin with this. */
static int count_names(const char *begin)
{
    DIR *dir = opendir(test_folder());
    struct dirent *entry;
    int n = 0;

    while ((entry = readdir(dir)))
        n += !strncmp(entry->d_name, begin, strlen(begin));
    closedir(dir);
    return n;
}

/* What a killed one leaves has a name that the next one knows, with and without
 * files that have none. */
static void test_kill_before_the_name(void **state)
{
    char path[256], partial[256];

    (void)state;
    strcpy(path, test_path("n.npy"));
    strcpy(partial, test_path("n.npy.partial"));
    for (int named = 0; named < 2; named++) {
        if (named)
            setenv("FORAY_TEST_NO", "tmpfile", 1);
        assert_ok(save_ones(path), err);
        assert_int_equal(in_child(die_at_rename, path), 128 + SIGKILL);
        assert_true(exists(partial));
        assert_int_equal(count_names("n.npy"), 2);
        assert_int_equal(count_names(".foray-"), 0);
        assert_ok(save_ones(path), err);
        assert_false(exists(partial));
        assert_int_equal(count_names("n.npy"), 1);
    }
    unsetenv("FORAY_TEST_NO");
}

/* Two that save the same do not disturb one another, nor does a folder of that
 * name. */
static void test_save_beside_a_living_partial(void **state)
{
    const char *path = test_path("o.npy"),
               *partial = test_path("o.npy.partial");
    struct foray_array array;

    (void)state;
    assert_ok(save_ones(path), err);
    assert_ok(foray_array_create_at(&array, path, FORAY_F32, 0, NULL,
                                    &(struct foray_placement){.partial = true},
                                    &err),
              err);
    assert_ok(save_ones(path), err);
    assert_true(exists(partial));
    assert_int_equal(foray_array_close(&array, &err), 0);
    assert_false(exists(partial));
    assert_int_equal(mkdir(partial, 0700), 0);
    assert_ok(save_ones(path), err);
    assert_int_equal(count_names("o.npy"), 2);
    assert_int_equal(count_names(".foray-"), 0);
    assert_int_equal(rmdir(partial), 0);
}

static void test_save_refuses_what_is_no_file(void **state)
{
    struct foray_array array;
    double value = 1;
    struct stat st;
    const char *pipe_path = test_path("pipe");

    (void)state;
    assert_ok(foray_array_wrap(&array, &value, FORAY_F64, 0, NULL, &err), err);
    assert_int_equal(foray_array_save(&array, "/dev/null", &err), FORAY_EINVAL);
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_int_equal(foray_array_save(&array, pipe_path, &err), FORAY_EINVAL);
    assert_int_equal(foray_array_save(&array, test_folder(), &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_array_save(&array, "", &err), FORAY_EINVAL);
    assert_int_equal(foray_array_save(&array, NULL, &err), FORAY_EINVAL);
    assert_int_equal(foray_array_save(&array, "/nowhere/x.npy", &err),
                     FORAY_ENOENT);
}

static int save_over_protected(void *path)
{
    struct foray_array array;
    double value = 2;

    if (geteuid() == 0 && setresuid(65534, 65534, 65534))
        return 1;
    if (foray_array_wrap(&array, &value, FORAY_F64, 0, NULL, NULL))
        return 2;
    return foray_array_save(&array, path, NULL) == FORAY_EACCES ? 0 : 3;
}

static void test_save_keeps_permissions(void **state)
{
    char path[256];
    struct foray_array array;
    double value = 1;
    struct stat st;

    (void)state;
    strcpy(path, test_path("l.npy"));
    assert_ok(foray_array_wrap(&array, &value, FORAY_F64, 0, NULL, &err), err);
    umask(027);
    assert_ok(foray_array_save(&array, path, &err), err);
    umask(022);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(chmod(path, 0604), 0);
    assert_ok(foray_array_save(&array, path, &err), err);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0604);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(test_folder(), 0777), 0);
    assert_int_equal(in_child(save_over_protected, path), 0);
    assert_int_equal(chmod(test_folder(), 0700), 0);
}

enum { STRANGER = 65534 };

/* The permissions of what replaces a stranger's file of that mode. */
static mode_t mode_over(const char *path, mode_t mode)
{
    struct foray_array array;
    double value = 1;
    struct stat st;

    assert_ok(foray_array_wrap(&array, &value, FORAY_F64, 0, NULL, &err), err);
    assert_ok(foray_array_save(&array, path, &err), err);
    assert_int_equal(chmod(path, mode), 0);
    assert_int_equal(chown(path, STRANGER, STRANGER), 0);
    assert_ok(foray_array_save(&array, path, &err), err);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_uid, geteuid());
    return st.st_mode & 0777;
}

/* A file of another user's lends none of its permissions: it may forbid. */
static void test_save_over_a_file_of_others(void **state)
{
    const char *path = test_path("other.npy");

    (void)state;
    if (geteuid()) {
        print_message("only root makes files of others\n");
        skip();
    }
    assert_int_equal(mode_over(path, 0666), 0644);
    assert_int_equal(mode_over(path, 0600), 0600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kill_while_saving),
        cmocka_unit_test(test_kill_before_the_name),
        cmocka_unit_test(test_save_beside_a_living_partial),
        cmocka_unit_test(test_save_refuses_what_is_no_file),
        cmocka_unit_test(test_save_keeps_permissions),
        cmocka_unit_test(test_save_over_a_file_of_others),
    };
    const struct CMUnitTest without_tmpfile[] = {
        cmocka_unit_test(test_kill_while_saving),
        cmocka_unit_test(test_save_beside_a_living_partial),
    };
    int failed;

    make_gate();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    setenv("FORAY_TEST_NO", "tmpfile,fallocate", 1);
    return failed + cmocka_run_group_tests(without_tmpfile, NULL, NULL);
}
