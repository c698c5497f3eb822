/* What an HDF5 file lacks of another. */
#include "helpers.h"

#include <hdf5.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray/hdf5.h>
#include <foray/storage.h>

enum { N = 3000 };

static double numbers[N];
static const char *from, *file;

static void save(const char *path, const char *name, double first, size_t n)
{
    struct foray_array x;
    struct foray_error err;

    for (size_t i = 0; i < n; i++)
        numbers[i] = first + (double)i;
    assert_ok(foray_array_wrap(&x, numbers, FORAY_F64, 1, &n, &err), err);
    assert_ok(foray_hdf5_save(NULL, path, name, &x, NULL, &err), err);
}

static void check(const char *name, double first, size_t n)
{
    struct foray_array x;
    struct foray_error err;

    assert_ok(foray_hdf5_open(&x, NULL, file, name, "r", NULL, &err), err);
    assert_int_equal(x.shape[0], n);
    assert_ok(foray_array_require(&x, FORAY_F64, 1, FORAY_C_ORDER, &err), err);
    for (size_t i = 0; i < n; i++)
        assert_true(FORAY_AT(&x, double, i) == first + (double)i);
    assert_int_equal(foray_array_close(&x, &err), 0);
}

/* A link that leads somewhere, and one that does not; in a child, for this
 * process stays without the library. */
static void link_softly(void)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (!child) {
        hid_t id = H5Fopen(from, H5F_ACC_RDWR, H5P_DEFAULT);
        herr_t done =
            H5Lcreate_soft("/group/b", id, "soft", H5P_DEFAULT, H5P_DEFAULT);

        done |= H5Lcreate_soft("/none", id, "lost", H5P_DEFAULT, H5P_DEFAULT);
        _exit(done < 0 || H5Fclose(id) < 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int set_up(void **state)
{
    (void)state;
    from = test_path("from.h5");
    file = test_path("to.h5");
    unlink(from);
    unlink(file);
    save(from, "a", 100, 10);
    save(from, "group/b", 200, N);
    save(from, "group/c", 300, 3);
    save(file, "a", 1, 5);
    return 0;
}

static void test_what_is_missing_is_copied(void **state)
{
    struct foray_hdf5_attribute mean = {
        .name = "mean", .dtype = FORAY_F64, .values = &(double){7}};
    const char *const words[] = {"one", "two"};
    struct foray_hdf5_attributes attributes;
    struct foray_hdf5_strings strings;
    struct foray_error err;

    (void)state;
    link_softly();
    assert_ok(
        foray_hdf5_save_strings(NULL, from, "words", words, 2, NULL, &err),
        err);
    assert_ok(foray_hdf5_write_attributes(NULL, from, "group", &mean, 1, &err),
              err);
    for (int twice = 0; twice < 2; twice++)
        assert_ok(foray_hdf5_complete(NULL, file, from, &err), err);
    check("a", 1, 5);
    check("group/b", 200, N);
    check("group/c", 300, 3);
    check("soft", 200, N);
    assert_int_equal(unlink(from), 0);
    assert_ok(foray_hdf5_load_strings(&strings, NULL, file, "words", &err),
              err);
    assert_int_equal(strings.n, 2);
    assert_string_equal(strings.items[1], "two");
    foray_hdf5_strings_free(&strings);
    assert_ok(
        foray_hdf5_read_attributes(&attributes, NULL, file, "group", &err),
        err);
    assert_int_equal(attributes.n, 1);
    foray_hdf5_attributes_free(&attributes);
}

static void test_files_that_are_none(void **state)
{
    const char *none = test_path("none.h5");
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_hdf5_complete(NULL, file, none, &err), FORAY_ENOENT);
    assert_non_null(strstr(err.msg, "none.h5"));
    assert_int_equal(foray_hdf5_complete(NULL, none, from, &err), FORAY_ENOENT);
    assert_int_equal(access(none, F_OK), -1);
    check("a", 1, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_is_missing_is_copied, set_up),
        cmocka_unit_test_setup(test_files_that_are_none, set_up),
    };

    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
