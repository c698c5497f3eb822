#include "helpers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <foray/joblib.h>
#include <foray/storage.h>

#include "mapping.h"

enum { ROWS = 300, COLS = 40 };

static const char *const compressors[] = {NULL, "zlib", "gzip", "bz2",
                                          "xz", "lzma", "lz4"};
enum { N_COMPRESSORS = sizeof compressors / sizeof *compressors };

static double numbers[ROWS][COLS];
static struct foray_array rows, columns, second;

static int set_up(void **state)
{
    size_t shape[2] = {ROWS, COLS};

    (void)state;
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLS; j++)
            numbers[i][j] = 100 * i + j;
    return foray_array_wrap(&rows, numbers, FORAY_F64, 2, shape, NULL) ||
           foray_array_transpose(&columns, &rows, NULL, NULL) ||
           foray_array_slice(&second, &rows, 0, 0, FORAY_TO_END, 2, NULL);
}

static void check(struct foray_array *x, const struct foray_array *wanted)
{
    struct foray_error err;

    assert_int_equal(x->shape[0], wanted->shape[0]);
    assert_int_equal(x->shape[1], wanted->shape[1]);
    for (size_t i = 0; i < wanted->shape[0]; i++)
        for (size_t j = 0; j < wanted->shape[1]; j++)
            assert_true(FORAY_AT(x, double, i, j) ==
                        FORAY_AT(wanted, double, i, j));
    assert_int_equal((uintptr_t)x->data % 64, 0);
    assert_ok(foray_array_close(x, &err), err);
}

/* Zero when the library of a compressor is not installed. */
static int save(const char *path, const struct foray_named_array *arrays,
                size_t n, const char *compress)
{
    struct foray_joblib_options options = {.compress = compress};
    struct foray_error err;
    int code = foray_joblib_save(path, arrays, n, &options, &err);

    if (code == FORAY_ENOTSUP && compress) {
        print_message("%s\n", err.msg);
        return 0;
    }
    assert_ok(code, err);
    return 1;
}

static void test_one_array(void **state)
{
    const char *path = test_path("one.joblib");
    struct foray_named_array one = {NULL, &columns};
    struct foray_array x;
    struct foray_error err;

    (void)state;
    for (int k = 0; k < N_COMPRESSORS; k++) {
        if (!save(path, &one, 1, compressors[k]))
            continue;
        assert_ok(foray_joblib_open(&x, path, NULL, "r", &err), err);
        assert_ok(foray_array_require(&x, FORAY_F64, 2, FORAY_F_ORDER, &err),
                  err);
        check(&x, &columns);
        assert_ok(foray_joblib_open(&x, path, "", "c", &err), err);
        FORAY_AT(&x, double, 1, 1) = -1;
        assert_ok(foray_array_close(&x, &err), err);
        assert_ok(foray_joblib_load(&x, path, "/", &err), err);
        check(&x, &columns);
        assert_int_equal(foray_joblib_open(&x, path, "a", "r", &err),
                         FORAY_ENOENT);
    }
}

static void test_nested_arrays(void **state)
{
    struct foray_named_array arrays[] = {
        {"a/first", &rows}, {"b", &second}, {"a/deep/x", &columns}};
    const char *path = test_path("nested.joblib");
    struct foray_dataset_list list;
    struct foray_array x;
    struct foray_error err;

    (void)state;
    for (int k = 0; k < N_COMPRESSORS; k++) {
        if (!save(path, arrays, 3, compressors[k]))
            continue;
        assert_ok(foray_joblib_list(&list, path, &err), err);
        assert_int_equal(list.n, 3);
        assert_string_equal(list.items[0].name, "a/first");
        assert_string_equal(list.items[1].name, "a/deep/x");
        assert_string_equal(list.items[2].name, "b");
        assert_true(list.items[1].fortran_order);
        assert_int_equal(list.items[1].mappable, !compressors[k]);
        assert_string_equal(list.items[1].layout,
                            compressors[k] ? compressors[k] : "stored");
        foray_dataset_list_free(&list);
        assert_ok(foray_joblib_open(&x, path, "a/deep/x", "r", &err), err);
        check(&x, &columns);
        assert_ok(foray_joblib_load(&x, path, "b", &err), err);
        check(&x, &second);
    }
}

static void test_list_of_arrays(void **state)
{
    struct foray_named_array arrays[] = {{NULL, &rows}, {NULL, &columns}};
    const char *path = test_path("list.joblib");
    struct foray_array x;
    struct foray_error err;

    (void)state;
    save(path, arrays, 2, NULL);
    assert_ok(foray_joblib_open(&x, path, "1", "r", &err), err);
    check(&x, &columns);
    assert_int_equal(foray_joblib_open(&x, path, NULL, "r", &err),
                     FORAY_ENOENT);
    assert_non_null(strstr(err.msg, "\"0\", \"1\""));
}

static void test_writing_in_place(void **state)
{
    struct foray_named_array one = {NULL, &rows};
    const char *path = test_path("writing.joblib");
    struct foray_array x;
    struct foray_error err;

    (void)state;
    save(path, &one, 1, NULL);
    assert_ok(foray_joblib_open(&x, path, NULL, "r+", &err), err);
    FORAY_AT(&x, double, 3, 3) = -1;
    assert_ok(foray_array_close(&x, &err), err);
    assert_ok(foray_joblib_load(&x, path, NULL, &err), err);
    assert_true(FORAY_AT(&x, double, 3, 3) == -1);
    assert_ok(foray_array_close(&x, &err), err);
    if (save(path, &one, 1, "zlib"))
        assert_int_equal(foray_joblib_open(&x, path, NULL, "r+", &err),
                         FORAY_ENOTSUP);
}

/* Where files may be no larger than 20000 bytes. */
static int save_too_much(void *arg)
{
    struct foray_named_array one = {NULL, &rows};
    struct rlimit limit = {20000, 20000};
    struct foray_error err;

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit))
        return 99;
    return foray_joblib_save(arg, &one, 1, NULL, &err) ? 0 : 1;
}

static void test_old_file_stays_when_saving_fails(void **state)
{
    struct foray_named_array one = {NULL, &second};
    char *path = (char *)(uintptr_t)test_path("stays.joblib");
    struct foray_array x;
    struct foray_error err;
    int files;

    (void)state;
    save(path, &one, 1, NULL);
    files = count_files(test_folder());
    assert_int_equal(in_child(save_too_much, path), 0);
    assert_ok(foray_joblib_open(&x, path, NULL, "r", &err), err);
    check(&x, &second);
    assert_int_equal(count_files(test_folder()), files);
}

static int read_without_library(void *arg)
{
    struct foray_array x;
    struct foray_error err;

    setenv("FORAY_TEST_NO", "libz.so.1", 1);
    if (foray_joblib_open(&x, arg, NULL, "r", &err) != FORAY_ENOTSUP)
        return 1;
    return strstr(err.msg, "libz.so.1") && strstr(err.msg, "none.joblib") ? 0
                                                                          : 2;
}

static void test_missing_library(void **state)
{
    /* Nothing is decompressed of it, and no library was loaded for it. */
    char *path = (char *)(uintptr_t)test_path("none.joblib");
    FILE *file = fopen(path, "wb");

    (void)state;
    fputs("\x78\x9C more", file);
    fclose(file);
    assert_int_equal(in_child(read_without_library, path), 0);
}

static void test_nothing_stays_open(void **state)
{
    struct foray_named_array arrays[] = {{"x", &rows}, {"y", &columns}};
    const char *path = test_path("open.joblib");
    size_t descriptors, mappings;
    struct foray_array x;

    (void)state;
    for (int k = 0; k < N_COMPRESSORS; k++) {
        if (!save(path, arrays, 2, compressors[k]))
            continue;
        descriptors = count_descriptors();
        mappings = count_foray_mappings();
        assert_int_equal(foray_joblib_open(&x, path, "x", "r", NULL), 0);
        assert_int_equal(foray_array_close(&x, NULL), 0);
        assert_int_not_equal(foray_joblib_open(&x, path, "z", "r", NULL), 0);
        assert_int_not_equal(foray_joblib_open(&x, path, NULL, "r", NULL), 0);
        assert_int_equal(count_descriptors(), descriptors);
        assert_int_equal(count_foray_mappings(), mappings);
    }
}

static void test_refused(void **state)
{
    struct foray_named_array mixed[] = {{"a", &rows}, {NULL, &rows}};
    struct foray_named_array both[] = {{"a", &rows}, {"a/b", &rows}};
    struct foray_named_array twice[] = {{"a", &rows}, {"a", &rows}};
    struct foray_named_array empty[] = {{"a//b", &rows}};
    struct foray_joblib_options unknown = {.compress = "brotli"};
    struct foray_joblib_options high = {.compress = "zlib", .level = 10};
    struct foray_joblib_options level = {.level = 3};
    const char *path = test_path("refused.joblib");
    struct foray_array x;
    struct foray_error err;

    (void)state;
#define REFUSED(arrays, n, options)                                            \
    assert_int_equal(foray_joblib_save(path, arrays, n, options, &err),        \
                     FORAY_EINVAL)
    REFUSED(mixed, 2, NULL);
    REFUSED(both, 2, NULL);
    REFUSED(twice, 2, NULL);
    REFUSED(empty, 1, NULL);
    REFUSED(both, 1, &unknown);
    REFUSED(both, 1, &high);
    REFUSED(both, 1, &level);
#undef REFUSED
    assert_int_equal(foray_joblib_open(&x, path, NULL, "r", &err),
                     FORAY_ENOENT);
    assert_int_equal(foray_joblib_open(&x, path, NULL, "w+", &err),
                     FORAY_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing_library),
        cmocka_unit_test(test_one_array),
        cmocka_unit_test(test_nested_arrays),
        cmocka_unit_test(test_list_of_arrays),
        cmocka_unit_test(test_writing_in_place),
        cmocka_unit_test(test_old_file_stays_when_saving_fails),
        cmocka_unit_test(test_nothing_stays_open),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
