/* Journals as files: which run one is of, damage, what cannot have any. All of
 * it in serial pools. */
#include "helpers.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "squares.h"

/* `y` is a file that stays. */
static int run_serially(const struct foray_array *y, struct foray_map map,
                        struct foray_report *report, struct foray_error *err)
{
    struct foray_pool *pool = NULL;
    struct foray_config config = {.backend = "serial"};
    int code = foray_pool_open(&pool, &config, err);

    if (!code)
        code = run_squares(pool, y, map, report, err);
    foray_pool_close(pool);
    return code;
}

static void open_file(struct foray_array *y, const char *name)
{
    struct foray_error err;
    size_t n = N_SQUARES;

    assert_ok(foray_array_create(y, test_path(name), FORAY_F64, 1, &n, &err),
              err);
}

/* Interrupted at task 50. */
static void interrupt(const struct foray_array *y, struct foray_map map)
{
    struct foray_error err;

    unlink(test_path("y.journal"));
    begin_squares(50);
    assert_int_equal(run_serially(y, map, NULL, &err), FORAY_ETASK);
    atomic_store(&squares->broken, -1);
}

static void refused(const struct foray_array *y, struct foray_map map, int code,
                    const char *why)
{
    int before = n_square_tries();
    struct foray_error err;

    assert_int_equal(run_serially(y, map, NULL, &err), code);
    if (!strstr(err.msg, why))
        fail_msg("%s does not say %s", err.msg, why);
    assert_int_equal(n_square_tries(), before);
}

static void test_another_run_is_refused(void **state)
{
    const struct foray_map with = {.journal_key = "method skimage\nbins 9"};
    struct foray_array y = {0};
    struct foray_report report;
    struct foray_error err;

    (void)state;
    make_numbers();
    open_file(&y, "y.npy");
    interrupt(&y, with);
    refused(&y, (struct foray_map){.journal_key = "method skimage\nbins 8"},
            FORAY_EINVAL, "run: bins was 9, now 8; remove");
    refused(&y, (struct foray_map){.journal_key = with.journal_key, .chunk = 2},
            FORAY_EINVAL, "\"tasks 100\" then, \"tasks 50\" now");
    refused(&y, (struct foray_map){.journal_key = "method skimage"},
            FORAY_EINVAL, "with more to tell");
    refused(&y, (struct foray_map){.params = "p", .params_size = 1},
            FORAY_EINVAL, "now; remove it");
    make_numbers(); /* changed */
    refused(&y, with, FORAY_EINVAL, "\"in[0] <f8 (100,)");
    interrupt(&y, (struct foray_map){.params = "p", .params_size = 1});
    refused(&y, (struct foray_map){.params = "q", .params_size = 1},
            FORAY_EINVAL, "\"params 1 ");
    assert_ok(run_serially(&y,
                           (struct foray_map){.params = "p", .params_size = 1},
                           &report, &err),
              err);
    assert_int_equal(report.resumed, 50);
    foray_array_close(&y, NULL);
}

static void test_another_output_begins_anew(void **state)
{
    struct foray_array y = {0}, z = {0};
    struct foray_report report;
    struct foray_error err;

    (void)state;
    make_numbers();
    open_file(&y, "y.npy");
    open_file(&z, "z.npy");
    interrupt(&y, (struct foray_map){0});
    assert_ok(run_serially(&z, (struct foray_map){.keep_journal = true},
                           &report, &err),
              err);
    assert_int_equal(report.resumed, 0);
    check_squares(&z);
    begin_squares(-1); /* all is done, and said so */
    assert_ok(run_serially(&z, (struct foray_map){0}, &report, &err), err);
    assert_int_equal(report.resumed, N_SQUARES);
    assert_int_equal(n_square_tries(), 0);
    assert_false(exists(test_path("y.journal")));
    foray_array_close(&z, NULL);
    foray_array_close(&y, NULL);
}

static void put_file(const char *name, const char *bytes, size_t size)
{
    FILE *file = fopen(test_path(name), "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void test_what_cannot_be_journalled(void **state)
{
    struct foray_array y = {0}, z = {0}, memory = {0};
    struct foray_error err;
    double there[N_SQUARES] = {0};
    size_t n = N_SQUARES;
    int fd;

    (void)state;
    make_numbers();
    open_file(&y, "y.npy");
    begin_squares(-1);
    assert_ok(foray_array_create(&memory, NULL, FORAY_F64, 1, &n, &err), err);
    refused(&memory, (struct foray_map){0}, FORAY_EINVAL,
            "out[0] is in memory");
    foray_array_close(&memory, NULL);
    assert_ok(foray_array_wrap(&memory, there, FORAY_F64, 1, &n, &err), err);
    refused(&memory, (struct foray_map){0}, FORAY_EINVAL,
            "out[0] is in memory");
    open_file(&z, "z.npy");
    refused(&y, (struct foray_map){.inout = {&z}}, FORAY_EINVAL,
            "half done when the run goes on");
    put_file("a.txt", "Dear diary,\n", 12);
    refused(&y, (struct foray_map){.journal = test_path("a.txt")},
            FORAY_EFORMAT, "no journal");
    assert_int_equal(symlink("a.txt", test_path("link")), 0);
    refused(&y, (struct foray_map){.journal = test_path("link")}, FORAY_EINVAL,
            "symbolic link");
    refused(&y, (struct foray_map){.journal = test_path("no/where")},
            FORAY_ENOENT, "");
    refused(&y, (struct foray_map){.journal = "/dev/full"}, FORAY_EINVAL,
            "no regular file");
    fd = open(test_path("y.journal"), O_RDWR | O_CREAT, 0666);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    refused(&y, (struct foray_map){0}, FORAY_EBUSY, "another run's");
    close(fd);
    unlink(test_path("y.journal"));
    foray_array_close(&z, NULL);
    foray_array_close(&y, NULL);
}

/* What a run makes of a journal that says of it that all is done, damaged. */
static void check_damaged(const struct foray_array *y, const char *bytes,
                          size_t size, size_t *n_resumed)
{
    struct foray_report report;
    struct foray_error err;
    size_t n_left = 0;
    int code;

    put_file("y.journal", bytes, size);
    for (size_t i = 0; i < N_SQUARES; i++)
        FORAY_AT(y, double, i) = -1;
    code = run_serially(y, (struct foray_map){.chunk = 10}, &report, &err);
    if (code) { /* of another run, or no journal */
        assert_true(code == FORAY_EINVAL || code == FORAY_EFORMAT);
        assert_true(*err.msg && !strchr(err.msg, '\n'));
        return;
    }
    for (size_t i = 0; i < N_SQUARES; i++)
        if (FORAY_AT(y, double, i) == -1)
            n_left++;
        else
            assert_true(FORAY_AT(y, double, i) == (double)(i * i));
    assert_int_equal(n_left, 10 * report.resumed);
    *n_resumed += report.resumed;
}

static void test_damaged_journals(void **state)
{
    struct foray_array y = {0};
    struct foray_error err;
    char bytes[4096];
    size_t size, n_resumed = 0;
    FILE *file;

    (void)state;
    make_numbers();
    open_file(&y, "y.npy");
    begin_squares(5);
    assert_int_equal(
        run_serially(&y, (struct foray_map){.chunk = 10}, NULL, &err),
        FORAY_ETASK);
    begin_squares(-1);
    assert_ok(
        run_serially(&y, (struct foray_map){.chunk = 10, .keep_journal = true},
                     NULL, &err),
        err);
    file = fopen(test_path("y.journal"), "r");
    assert_non_null(file);
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_in_range(size, 100, sizeof bytes - 1);
    check_damaged(&y, bytes, size, &n_resumed);
    assert_int_equal(n_resumed, 10);
    for (size_t cut = 0; cut < size; cut += 3)
        check_damaged(&y, bytes, cut, &n_resumed);
    assert_true(n_resumed > 10); /* some of it counted */
    for (size_t at = 0; at < size; at += 5) {
        bytes[at] ^= 1;
        check_damaged(&y, bytes, size, &n_resumed);
        bytes[at] ^= 1;
    }
    foray_array_close(&y, NULL);
    unlink(test_path("y.journal"));
}

/* Who could say of any task that it is done. */
static void test_journal_of_another_user(void **state)
{
    const char *path = test_path("y.journal");
    struct foray_array y = {0};

    (void)state;
    if (geteuid()) {
        print_message("only root makes files of others\n");
        skip();
    }
    make_numbers();
    open_file(&y, "y.npy");
    interrupt(&y, (struct foray_map){0});
    assert_int_equal(chown(path, 65534, 65534), 0);
    refused(&y, (struct foray_map){0}, FORAY_EACCES, "another user's");
    foray_array_close(&y, NULL);
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_another_run_is_refused),
        cmocka_unit_test(test_another_output_begins_anew),
        cmocka_unit_test(test_what_cannot_be_journalled),
        cmocka_unit_test(test_damaged_journals),
        cmocka_unit_test(test_journal_of_another_user),
    };

    if (share_squares())
        return 99;
    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
