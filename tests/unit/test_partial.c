/* Arrays on their way to a name, beside it. */
#include "helpers.h"

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
static const size_t shape[2] = {100, 8};
static const struct foray_placement beside = {.partial = true};

static int create(struct foray_array *out, const char *path)
{
    return foray_array_create_at(out, path, FORAY_F32, 2, shape, &beside, &err);
}

static void test_visible_until_committed(void **state)
{
    const char *path = test_path("a.npy"),
               *partial = test_path("a.npy.partial");
    struct foray_array array, other;

    (void)state;
    assert_ok(create(&array, path), err);
    assert_false(exists(path));
    FORAY_AT(&array, float, 99, 7) = 3;
    assert_ok(foray_array_open(&other, partial, "r", &err), err);
    assert_true(FORAY_AT(&other, float, 99, 7) == 3);
    FORAY_AT(&array, float, 0, 0) = 4;
    assert_true(FORAY_AT(&other, float, 0, 0) == 4);
    assert_int_equal(foray_array_close(&other, &err), 0);
    assert_ok(foray_array_commit(&array, &err), err);
    assert_false(exists(partial));
    assert_int_equal(foray_array_commit(&array, &err), FORAY_EINVAL);
    FORAY_AT(&array, float, 1, 1) = 5;
    assert_int_equal(foray_array_close(&array, &err), 0);
    assert_ok(foray_array_open(&other, path, "r", &err), err);
    assert_true(FORAY_AT(&other, float, 1, 1) == 5);
    assert_int_equal(foray_array_close(&other, &err), 0);
}

static void test_discard_removes_what_nobody_writes(void **state)
{
    const struct foray_placement stays = {.partial = true, .resumable = true};
    const char *path = test_path("d.npy"),
               *partial = test_path("d.npy.partial");
    struct foray_array array;

    (void)state;
    assert_ok(
        foray_array_create_at(&array, path, FORAY_F32, 2, shape, &stays, &err),
        err);
    assert_int_equal(foray_array_discard(path, &err), FORAY_EBUSY);
    assert_int_equal(foray_array_close(&array, &err), 0);
    assert_true(exists(partial));
    assert_ok(foray_array_discard(path, &err), err);
    assert_false(exists(partial));
    assert_ok(foray_array_discard(path, &err), err);
    assert_int_equal(foray_array_discard("", &err), FORAY_EINVAL);
}

static void test_close_without_commit_removes(void **state)
{
    const char *path = test_path("b.npy"),
               *partial = test_path("b.npy.partial");
    struct foray_array array;

    (void)state;
    assert_ok(create(&array, path), err);
    assert_true(exists(partial));
    assert_int_equal(foray_array_close(&array, &err), 0);
    assert_false(exists(partial));
    assert_false(exists(path));
}

static void test_living_maker_is_busy(void **state)
{
    const char *path = test_path("c.npy");
    struct foray_array array, second;

    (void)state;
    assert_ok(create(&array, path), err);
    assert_int_equal(create(&second, path), FORAY_EBUSY);
    assert_non_null(strstr(err.msg, "c.npy.partial"));
    assert_null(second.segment);
    assert_ok(foray_array_commit(&array, &err), err);
    assert_ok(create(&second, path), err);
    assert_int_equal(foray_array_close(&second, &err), 0);
    assert_int_equal(foray_array_close(&array, &err), 0);
}

static int die_with_partial(void *path)
{
    struct foray_array array;

    if (create(&array, path))
        return 1;
    kill(getpid(), SIGKILL);
    return 2;
}

static void test_dead_maker_is_replaced(void **state)
{
    char path[256];
    struct foray_array array;

    (void)state;
    strcpy(path, test_path("d.npy"));
    unlink(path);
    assert_int_equal(in_child(die_with_partial, path), 128 + SIGKILL);
    assert_false(exists(path));
    assert_ok(create(&array, path), err);
    assert_ok(foray_array_commit(&array, &err), err);
    assert_int_equal(foray_array_close(&array, &err), 0);
}

static void test_planted_link_is_not_followed(void **state)
{
    const char *path = test_path("e.npy"),
               *partial = test_path("e.npy.partial");
    const char *victim = test_path("victim");
    struct foray_array array;
    struct stat st;
    int fd = open(victim, O_CREAT | O_WRONLY, 0600);

    (void)state;
    assert_int_equal(write(fd, "precious", 8), 8);
    close(fd);
    assert_int_equal(symlink(victim, partial), 0);
    assert_ok(create(&array, path), err);
    assert_ok(foray_array_commit(&array, &err), err);
    assert_int_equal(foray_array_close(&array, &err), 0);
    assert_int_equal(stat(victim, &st), 0);
    assert_int_equal(st.st_size, 8);
}

static void test_folder_in_the_way(void **state)
{
    const char *path = test_path("f.npy"),
               *partial = test_path("f.npy.partial");
    struct foray_array array;

    (void)state;
    assert_int_equal(mkdir(partial, 0700), 0);
    assert_int_equal(create(&array, path), FORAY_EEXIST);
    assert_true(exists(partial));
}

static void test_removed_by_somebody_else(void **state)
{
    const char *path = test_path("g.npy"),
               *partial = test_path("g.npy.partial");
    struct foray_array array;

    (void)state;
    assert_ok(create(&array, path), err);
    assert_int_equal(unlink(partial), 0);
    assert_int_equal(foray_array_commit(&array, &err), FORAY_EBUSY);
    close(open(partial, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(foray_array_close(&array, &err), 0);
    assert_true(exists(partial)); /* not ours */
}

static void test_chdir_changes_nothing(void **state)
{
    struct foray_array array;
    char *here = realpath(".", NULL);

    (void)state;
    assert_int_equal(chdir(test_folder()), 0);
    assert_ok(create(&array, "h.npy"), err);
    assert_int_equal(chdir("/"), 0);
    assert_ok(foray_array_commit(&array, &err), err);
    assert_int_equal(foray_array_close(&array, &err), 0);
    assert_true(exists(test_path("h.npy")));
    assert_int_equal(chdir(here), 0);
    free(here);
}

static int close_in_child(void *array)
{
    return foray_array_close(array, NULL) == FORAY_EFORK ? 0 : 1;
}

static void test_child_removes_nothing(void **state)
{
    const char *path = test_path("i.npy"),
               *partial = test_path("i.npy.partial");
    struct foray_array array;

    (void)state;
    assert_ok(create(&array, path), err);
    assert_int_equal(in_child(close_in_child, &array), 0);
    assert_true(exists(partial));
    assert_int_equal(foray_array_close(&array, &err), 0);
}

/* Everybody starts at once: one may have it, the others are told. */
static void test_one_of_many_wins(void **state)
{
    enum { MANY = 6 };
    const char *path = test_path("j.npy");
    int won = 0, busy = 0;
    pid_t children[MANY];

    (void)state;
    shut_gate();
    for (int i = 0; i < MANY; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct foray_array array;
            int code;

            come_to_gate();
            await_at_gate(MANY);
            code = create(&array, path);
            come_to_gate();
            if (code)
                _exit(code == FORAY_EBUSY ? 1 : 2);
            await_at_gate(2 * MANY); /* holds it while the others try */
            _exit(foray_array_commit(&array, NULL) ? 3 : 0);
        }
    }
    for (int i = 0; i < MANY; i++) {
        int status;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        won += WEXITSTATUS(status) == 0;
        busy += WEXITSTATUS(status) == 1;
    }
    assert_int_equal(won, 1);
    assert_int_equal(busy, MANY - 1);
}

/* What lies beside the output is not removed if it is another user's. */
static void test_file_of_others_stays(void **state)
{
    const char *path = test_path("other.npy"),
               *beside_it = test_path("other.npy.partial");
    struct foray_array array;

    (void)state;
    if (geteuid()) {
        print_message("only root makes files of others\n");
        skip();
    }
    assert_ok(create(&array, path), err);
    assert_int_equal(rename(beside_it, test_path("kept")), 0);
    assert_int_equal(foray_array_close(&array, &err), 0);
    assert_int_equal(rename(test_path("kept"), beside_it), 0);
    assert_int_equal(chown(beside_it, 65534, 65534), 0);
    assert_int_equal(create(&array, path), FORAY_EEXIST);
    assert_non_null(strstr(err.msg, "another user's"));
    assert_true(exists(beside_it));
    assert_int_equal(unlink(beside_it), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_visible_until_committed),
        cmocka_unit_test(test_discard_removes_what_nobody_writes),
        cmocka_unit_test(test_close_without_commit_removes),
        cmocka_unit_test(test_living_maker_is_busy),
        cmocka_unit_test(test_dead_maker_is_replaced),
        cmocka_unit_test(test_planted_link_is_not_followed),
        cmocka_unit_test(test_folder_in_the_way),
        cmocka_unit_test(test_removed_by_somebody_else),
        cmocka_unit_test(test_chdir_changes_nothing),
        cmocka_unit_test(test_child_removes_nothing),
        cmocka_unit_test(test_one_of_many_wins),
        cmocka_unit_test(test_file_of_others_stays),
    };
    const struct CMUnitTest without_tmpfile[] = {
        cmocka_unit_test(test_close_without_commit_removes),
        cmocka_unit_test(test_living_maker_is_busy),
        cmocka_unit_test(test_dead_maker_is_replaced),
        cmocka_unit_test(test_chdir_changes_nothing),
        cmocka_unit_test(test_one_of_many_wins),
    };
    int failed;

    make_gate();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    setenv("FORAY_TEST_NO", "tmpfile,fallocate", 1);
    return failed + cmocka_run_group_tests(without_tmpfile, NULL, NULL);
}
