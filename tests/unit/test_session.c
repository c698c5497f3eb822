/* Sessions: a folder for arrays with names, and its end. */
#include "helpers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray.h>

static struct foray_error err;
static const size_t shape[1] = {100};

static void test_folder_is_private(void **state)
{
    struct foray_session *session;
    struct stat st;
    char path[4096];

    (void)state;
    umask(077);
    assert_ok(foray_session_open(&session, NULL, &err), err);
    strcpy(path, foray_session_path(session));
    assert_non_null(strstr(path, "/foray-"));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_ok(foray_session_close(session, &err), err);
    assert_false(exists(path));
    assert_int_equal(foray_session_close(NULL, &err), 0);
    umask(0777);
    assert_ok(foray_session_open(&session, test_folder(), &err), err);
    umask(022);
    assert_int_equal(stat(foray_session_path(session), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_ok(foray_session_close(session, &err), err);
}

static int read_by_name(void *path)
{
    struct foray_array array;

    if (foray_array_open(&array, path, "r+", NULL))
        return 1;
    if (FORAY_AT(&array, double, 99) != 5)
        return 2;
    FORAY_AT(&array, double, 0) = 6;
    return foray_array_close(&array, NULL) ? 3 : 0;
}

static void test_named_array(void **state)
{
    struct foray_session *session;
    struct foray_array array, copy;
    struct foray_placement at = {.name = "x"};
    char path[4200];
    struct stat st;

    (void)state;
    assert_ok(foray_session_open(&session, test_folder(), &err), err);
    at.session = session;
    assert_ok(
        foray_array_create_at(&array, NULL, FORAY_F64, 1, shape, &at, &err),
        err);
    snprintf(path, sizeof path, "%s/x.npy", foray_session_path(session));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    FORAY_AT(&array, double, 99) = 5;
    assert_int_equal(in_child(read_by_name, path), 0);
    assert_true(FORAY_AT(&array, double, 0) == 6);
    at.name = "y";
    assert_ok(foray_array_dump(&copy, &array, &at, &err), err);
    assert_ok(foray_array_close(&copy, &err), err);
    /* The session's end takes the name, not the memory. */
    assert_ok(foray_session_close(session, &err), err);
    assert_false(exists(path));
    assert_true(FORAY_AT(&array, double, 99) == 5);
    assert_ok(foray_array_close(&array, &err), err);
}

static void test_bad_names(void **state)
{
    static const char *const names[] = {"",     ".",   "..",
                                        "../x", "a/b", ".hidden"};
    struct foray_session *session;
    struct foray_placement at = {0};
    struct foray_array array;
    char longest[300];

    (void)state;
    memset(longest, 'a', sizeof longest);
    longest[299] = '\0';
    assert_ok(foray_session_open(&session, test_folder(), &err), err);
    at.session = session;
    assert_int_equal(
        foray_array_create_at(&array, NULL, FORAY_F64, 1, shape, &at, &err),
        FORAY_EINVAL);
    for (size_t i = 0; i < 6; i++) {
        at.name = names[i];
        assert_int_equal(
            foray_array_create_at(&array, NULL, FORAY_F64, 1, shape, &at, &err),
            FORAY_EINVAL);
    }
    at.name = longest;
    assert_int_equal(
        foray_array_create_at(&array, NULL, FORAY_F64, 1, shape, &at, &err),
        FORAY_EINVAL);
    at.session = NULL;
    assert_int_equal(
        foray_array_create_at(&array, NULL, FORAY_F64, 1, shape, &at, &err),
        FORAY_EINVAL);
    assert_ok(foray_session_close(session, &err), err);
}

static int close_in_child(void *session)
{
    struct foray_placement at = {.session = session, .name = "z"};
    struct foray_array array;

    if (foray_session_close(session, NULL) != FORAY_EFORK)
        return 1;
    return foray_array_create_at(&array, NULL, FORAY_F64, 1, shape, &at,
                                 NULL) == FORAY_EFORK
               ? 0
               : 2;
}

static void test_child_cannot_close(void **state)
{
    struct foray_session *session;

    (void)state;
    assert_ok(foray_session_open(&session, test_folder(), &err), err);
    assert_int_equal(in_child(close_in_child, session), 0);
    assert_true(exists(foray_session_path(session)));
    assert_ok(foray_session_close(session, &err), err);
}

static int die_in_session(void *folder)
{
    struct foray_session *session;
    struct foray_array array;
    struct foray_placement at = {.name = "left"};

    if (foray_session_open(&session, folder, NULL))
        return 1;
    at.session = session;
    if (foray_array_create_at(&array, NULL, FORAY_F64, 1, shape, &at, NULL))
        return 2;
    kill(getpid(), SIGKILL);
    return 3;
}

static void test_next_start_sweeps(void **state)
{
    struct foray_session *session;
    char *folder = strdup(test_path("sweep"));
    size_t count;

    (void)state;
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(in_child(die_in_session, folder), 128 + SIGKILL);
    assert_ok(foray_clean(folder, true, &count, NULL, NULL, &err), err);
    assert_int_equal(count, 1);
    assert_ok(foray_session_open(&session, folder, &err), err);
    assert_ok(foray_clean(folder, true, &count, NULL, NULL, &err), err);
    assert_int_equal(count, 0);
    assert_ok(foray_session_close(session, &err), err);
    assert_int_equal(rmdir(folder), 0); /* nothing is left in it */
    free(folder);
}

static void test_chdir_changes_nothing(void **state)
{
    struct foray_session *session;
    char *here = realpath(".", NULL), path[4096];

    (void)state;
    assert_int_equal(chdir(test_folder()), 0);
    assert_ok(foray_session_open(&session, ".", &err), err);
    strcpy(path, foray_session_path(session));
    assert_int_equal(path[0], '/');
    assert_int_equal(chdir(here), 0);
    assert_ok(foray_session_close(session, &err), err);
    assert_false(exists(path));
    free(here);
}

static void test_open_errors(void **state)
{
    struct foray_session *session;

    (void)state;
    assert_int_equal(foray_session_open(&session, "/nowhere", &err),
                     FORAY_ENOENT);
    assert_null(session);
    assert_int_equal(foray_session_open(&session, "/nowhere", NULL),
                     FORAY_ENOENT);
}

static size_t descriptors, names;

static int remember(void **state)
{
    (void)state;
    test_folder();
    descriptors = count_descriptors();
    names = count_shm_names();
    return 0;
}

static int leaves_nothing(void **state)
{
    (void)state;
    return count_descriptors() != descriptors || !no_more_shm_names(names);
}

/* Its end needs none. */
static void test_closes_without_descriptors(void **state)
{
    struct foray_session *session;
    struct rlimit usual, none;
    char path[4400];
    int code;

    (void)state;
    assert_ok(foray_session_open(&session, test_folder(), &err), err);
    snprintf(path, sizeof path, "%s", foray_session_path(session));
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    none = usual;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    code = foray_session_close(session, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_int_equal(code, 0);
    assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folder_is_private),
        cmocka_unit_test(test_named_array),
        cmocka_unit_test(test_bad_names),
        cmocka_unit_test(test_child_cannot_close),
        cmocka_unit_test(test_next_start_sweeps),
        cmocka_unit_test(test_chdir_changes_nothing),
        cmocka_unit_test(test_open_errors),
        cmocka_unit_test(test_closes_without_descriptors),
    };

    return cmocka_run_group_tests(tests, remember, leaves_nothing);
}
