#include "helpers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <foray/npz.h>
#include <foray/npz_load.h>
#include <foray/storage.h>

#include "mapping.h"

enum { ROWS = 300, COLS = 40 };

/* numbers[i][j] = 100 i + j, and the same as columns. */
static double numbers[ROWS][COLS];
static struct foray_array rows, columns, small;
static int16_t few[3] = {5, 6, 7};

static int set_up(void **state)
{
    size_t shape[2] = {ROWS, COLS}, length[1] = {3};

    (void)state;
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLS; j++)
            numbers[i][j] = 100 * i + j;
    return foray_array_wrap(&rows, numbers, FORAY_F64, 2, shape, NULL) ||
           foray_array_transpose(&columns, &rows, NULL, NULL) ||
           foray_array_wrap(&small, few, FORAY_I16, 1, length, NULL);
}

static const char *save(const char *name, int deflate)
{
    struct foray_named_array arrays[] = {
        {"rows", &rows}, {"columns", &columns}, {NULL, &small}};
    struct foray_npz_options options = {.deflate = deflate};
    const char *path = test_path(name);
    struct foray_error err;

    assert_ok(foray_npz_save(path, arrays, 3, &options, &err), err);
    return path;
}

static void check(const struct foray_array *x, const struct foray_array *wanted)
{
    assert_int_equal(x->ndim, wanted->ndim);
    assert_int_equal(x->dtype, wanted->dtype);
    for (size_t i = 0; i < wanted->shape[0]; i++)
        for (size_t j = 0; wanted->ndim == 2 && j < wanted->shape[1]; j++)
            assert_true(FORAY_AT(x, double, i, j) ==
                        FORAY_AT(wanted, double, i, j));
    if (wanted->ndim == 1)
        assert_memory_equal(x->data, few, sizeof few);
}

static void test_list(void **state)
{
    (void)state;
    for (int deflate = 0; deflate < 7; deflate += 6) {
        const char *path = save("list.npz", deflate);
        struct foray_dataset_list list;
        struct foray_error err;

        assert_ok(foray_npz_list(&list, path, &err), err);
        assert_int_equal(list.n, 3);
        assert_string_equal(list.items[1].name, "columns");
        assert_true(list.items[1].fortran_order);
        assert_int_equal(list.items[1].shape[0], COLS);
        assert_int_equal(list.items[1].mappable, !deflate);
        assert_int_equal(list.items[1].nbytes, sizeof numbers);
        if (deflate)
            assert_true(list.items[1].stored < sizeof numbers / 2);
        assert_string_equal(list.items[2].name, "arr_2");
        assert_string_equal(list.items[2].descr, "<i2");
        assert_int_equal(list.items[2].offset % 64, 0);
        foray_dataset_list_free(&list);
    }
}

static void test_open(void **state)
{
    (void)state;
    for (int deflate = 0; deflate < 10; deflate += 3) {
        const char *path = save("open.npz", deflate);
        struct foray_array x;
        struct foray_error err;

        assert_ok(foray_npz_open(&x, path, "rows", "r", &err), err);
        assert_ok(foray_array_require(&x, FORAY_F64, 2, FORAY_C_ORDER, &err),
                  err);
        check(&x, &rows);
        assert_ok(foray_array_close(&x, &err), err);
        assert_ok(foray_npz_open(&x, path, "columns", "c", &err), err);
        check(&x, &columns);
        FORAY_AT(&x, double, 1, 1) = -1;
        assert_ok(foray_array_close(&x, &err), err);
        assert_ok(foray_npz_load(&x, path, "columns", &err), err);
        check(&x, &columns);
        FORAY_AT(&x, double, 1, 1) = -1;
        assert_ok(foray_array_close(&x, &err), err);
        assert_ok(foray_npz_verify(path, NULL, &err), err);
    }
}

static void test_writing_keeps_the_checksum_right(void **state)
{
    const char *path = save("writing.npz", 0);
    struct foray_array x, y;
    struct foray_error err;

    (void)state;
    assert_ok(foray_npz_open(&x, path, "rows", "r+", &err), err);
    assert_ok(foray_npz_open(&y, path, "arr_2", "r+", &err), err);
    FORAY_AT(&x, double, 7, 7) = -1;
    FORAY_AT(&y, int16_t, 0) = -1;
    assert_int_equal(foray_npz_verify(path, "rows", &err), FORAY_EFORMAT);
    assert_non_null(strstr(err.msg, "writing.npz:rows"));
    assert_ok(foray_array_close(&x, &err), err);
    assert_ok(foray_array_close(&y, &err), err);
    assert_ok(foray_npz_verify(path, NULL, &err), err);
    assert_ok(foray_npz_load(&x, path, "rows", &err), err);
    assert_true(FORAY_AT(&x, double, 7, 7) == -1);
    assert_ok(foray_array_close(&x, &err), err);

    path = save("writing.npz", 3);
    assert_int_equal(foray_npz_open(&x, path, "rows", "r+", &err),
                     FORAY_ENOTSUP);
    assert_null(x.segment);
}

static void load_many(struct foray_pool *pool, int deflate)
{
    const char *path = save("many.npz", deflate);
    const char *names[] = {"arr_2", "rows", "columns", "rows"};
    struct foray_array x[4], *arrays[] = {&x[0], &x[1], &x[2], &x[3]};
    struct foray_error err;

    assert_ok(foray_npz_load_many(pool, arrays, path, names, 4, &err), err);
    check(&x[0], &small);
    check(&x[1], &rows);
    check(&x[2], &columns);
    check(&x[3], &rows);
    FORAY_AT(&x[1], double, 1, 1) = -1;
    for (int i = 0; i < 4; i++)
        assert_ok(foray_array_close(&x[i], &err), err);
}

static void test_load_many(void **state)
{
    static const char *const backends[] = {"serial", "threads", "fork"};
    struct foray_error err;

    (void)state;
    for (int k = 0; k < 3; k++) {
        struct foray_config config = {.n_jobs = 2, .backend = backends[k]};
        struct foray_pool *pool;

        assert_ok(foray_pool_open(&pool, &config, &err), err);
        load_many(pool, 0);
        load_many(pool, 6);
        foray_pool_close(pool);
    }
    load_many(NULL, 6);
    assert_ok(foray_npz_load_many(NULL, NULL, "nothing", NULL, 0, &err), err);
}

/* The data of a member is no longer what was summed. */
static void spoil(const char *path)
{
    struct foray_dataset_list list;
    FILE *file = fopen(path, "r+b");

    assert_int_equal(foray_npz_list(&list, path, NULL), 0);
    fseek(file, (long)list.items[0].offset, SEEK_SET);
    fputc(77, file);
    fclose(file);
    foray_dataset_list_free(&list);
}

static void test_load_many_fails(void **state)
{
    const char *path = save("many.npz", 0);
    const char *names[] = {"columns", "rows", "nothing"};
    struct foray_array x[3], *arrays[] = {&x[0], &x[1], &x[2]};
    size_t descriptors = count_descriptors();
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_npz_load_many(NULL, arrays, path, names, 3, &err),
                     FORAY_ENOENT);
    assert_non_null(strstr(err.msg, "\"nothing\""));
    spoil(path);
    assert_int_equal(foray_npz_load_many(NULL, arrays, path, names, 2, &err),
                     FORAY_EFORMAT);
    assert_non_null(strstr(err.msg, "many.npz:rows"));
    for (int i = 0; i < 3; i++)
        assert_null(x[i].segment);
    assert_int_equal(count_descriptors(), descriptors);
}

/* Where files may be no larger than 20000 bytes. */
static int save_too_much(void *arg)
{
    struct foray_named_array arrays[] = {{"x", &rows}, {"y", &rows}};
    struct rlimit limit = {20000, 20000};
    struct foray_error err;

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit))
        return 99;
    return foray_npz_save(arg, arrays, 2, NULL, &err) ? 0 : 1;
}

static void test_old_file_stays_when_saving_fails(void **state)
{
    const char *path = save("stays.npz", 0);
    int files = count_files(test_folder());
    struct foray_error err;

    (void)state;
    assert_int_equal(in_child(save_too_much, (void *)(uintptr_t)path), 0);
    assert_ok(foray_npz_verify(path, NULL, &err), err);
    assert_int_equal(count_files(test_folder()), files);
}

static void test_refused(void **state)
{
    const char *path = save("refused.npz", 0), *other = test_path("o.npz");
    struct foray_named_array twice[] = {{"a", &small}, {"a", &small}};
    struct foray_named_array empty[] = {{"", &small}};
    struct foray_npz_options bad = {.deflate = 10};
    struct foray_array x;
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_npz_open(&x, path, "rows", "w+", &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_npz_open(&x, path, NULL, "r", &err), FORAY_ENOENT);
    assert_non_null(strstr(err.msg, "\"columns\""));
    assert_int_equal(foray_npz_open(&x, test_folder(), "x", "r", &err),
                     FORAY_EFORMAT);
    assert_int_equal(foray_npz_open(&x, other, "x", "r", &err), FORAY_ENOENT);
    assert_int_equal(foray_npz_save(other, twice, 2, NULL, &err), FORAY_EINVAL);
    assert_int_equal(foray_npz_save(other, empty, 1, NULL, &err), FORAY_EINVAL);
    assert_int_equal(foray_npz_save(other, twice, 1, &bad, &err), FORAY_EINVAL);
    assert_int_equal(foray_npz_save("/nowhere/x.npz", twice, 1, NULL, &err),
                     FORAY_ENOENT);
}

/* What is behind the data of a member that was deflated. */
static void spoil_deflated(const char *path)
{
    FILE *file = fopen(path, "r+b");

    fseek(file, 60, SEEK_SET);
    fputc(77, file);
    fclose(file);
}

static void test_load_many_sees_damage(void **state)
{
    const char *path = save("damaged.npz", 6), *names[] = {"rows"};
    struct foray_array x, *arrays[] = {&x};
    struct foray_error err;

    (void)state;
    spoil_deflated(path);
    assert_int_equal(foray_npz_load_many(NULL, arrays, path, names, 1, &err),
                     FORAY_EFORMAT);
    assert_non_null(strstr(err.msg, "damaged.npz:rows"));
    assert_null(x.segment);
}

/* More members than 16 bits count: a ZIP64 archive. */
static void test_many_members(void **state)
{
    enum { MANY = 66000 };
    struct foray_named_array *arrays = calloc(MANY, sizeof *arrays);
    const char *path = test_path("many.npz");
    struct foray_array x;
    struct foray_error err;

    (void)state;
    assert_non_null(arrays);
    for (int i = 0; i < MANY; i++)
        arrays[i].array = &small;
    assert_ok(foray_npz_save(path, arrays, MANY, NULL, &err), err);
    assert_ok(foray_npz_open(&x, path, "arr_65999", "r", &err), err);
    check(&x, &small);
    assert_ok(foray_array_close(&x, &err), err);
    arrays[7].name = "arr_8";
    assert_int_equal(foray_npz_save(path, arrays, MANY, NULL, &err),
                     FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "\"arr_8\""));
    free(arrays);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_writing_keeps_the_checksum_right),
        cmocka_unit_test(test_load_many),
        cmocka_unit_test(test_load_many_fails),
        cmocka_unit_test(test_load_many_sees_damage),
        cmocka_unit_test(test_old_file_stays_when_saving_fails),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_many_members),
    };

    test_init();
    return cmocka_run_group_tests(tests, set_up, NULL);
}
