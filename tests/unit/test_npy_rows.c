/* Rows that are put into a .npy file where it is. */
#include "helpers.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray.h>

static struct foray_error err;
static float values[200][3];

/* Rows first, first + 1, ...: row k begins with k. */
static struct foray_array rows(size_t first, size_t n)
{
    struct foray_array out;

    for (size_t k = 0; k < 200; k++)
        for (size_t c = 0; c < 3; c++)
            values[k][c] = (float)(1000 * c + k);
    assert_ok(foray_array_wrap(&out, values[first], FORAY_F32, 2,
                               (size_t[]){n, 3}, &err),
              err);
    return out;
}

static const char *make(const char *name, size_t n)
{
    const char *path = test_path(name);
    struct foray_array x = rows(0, n);

    assert_ok(foray_array_save(&x, path, &err), err);
    return path;
}

/* It holds what save makes of these rows. */
static void assert_saved(const char *path, const struct foray_array *wanted)
{
    static char a[8192], b[8192];
    const char *other = test_path("wanted.npy");
    FILE *file;
    size_t n, m;

    assert_ok(foray_array_save(wanted, other, &err), err);
    file = fopen(path, "rb");
    assert_non_null(file);
    n = fread(a, 1, sizeof a, file);
    fclose(file);
    file = fopen(other, "rb");
    assert_non_null(file);
    m = fread(b, 1, sizeof b, file);
    fclose(file);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
}

static void test_appended_rows_are_as_if_saved(void **state)
{
    const char *path = make("a.npy", 8);
    size_t where[192];
    struct foray_array more = rows(8, 192), all = rows(0, 200);

    (void)state;
    for (size_t k = 0; k < 192; k++)
        where[k] = 8 + k;
    /* 8 becomes 10, then 200: the header's digits grow. */
    more.shape[0] = 2;
    assert_ok(foray_npy_put_rows(path, &more, where, &err), err);
    more = rows(10, 190);
    assert_ok(foray_npy_put_rows(path, &more, where + 2, &err), err);
    assert_saved(path, &all);
}

static void test_replaced_and_appended_may_be_repeated(void **state)
{
    const char *path = make("r.npy", 99);
    const size_t where[] = {2, 3, 98, 99, 100};
    struct foray_array put = rows(100, 5), all = rows(0, 101);
    struct stat before, after;

    (void)state;
    assert_ok(foray_npy_put_rows(path, &put, where, &err), err);
    assert_int_equal(stat(path, &before), 0);
    assert_ok(foray_npy_put_rows(path, &put, where, &err), err);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    assert_int_equal(before.st_ino, after.st_ino);
    for (size_t k = 0; k < 5; k++)
        memmove(values[where[k]], values[100 + k], sizeof values[0]);
    assert_saved(path, &all);
}

/* A mapping of before sees the rows that it had. */
static void test_mapped_meanwhile(void **state)
{
    const char *path = make("m.npy", 5);
    struct foray_array mapped, put = rows(50, 2);

    (void)state;
    assert_ok(foray_array_open(&mapped, path, "r", &err), err);
    assert_ok(foray_npy_put_rows(path, &put, (size_t[]){4, 5}, &err), err);
    assert_int_equal(mapped.shape[0], 5);
    assert_true(FORAY_AT(&mapped, float, 3, 0) == 3);
    assert_true(FORAY_AT(&mapped, float, 4, 0) == 50);
    assert_int_equal(foray_array_close(&mapped, &err), 0);
}

/* What a writer that was killed left behind the data. */
static void test_a_longer_file_is_no_hindrance(void **state)
{
    const char *path = make("l.npy", 4);
    struct foray_array put = rows(4, 1), all = rows(0, 5);
    struct stat st;

    (void)state;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size + 12), 0);
    assert_ok(foray_npy_put_rows(path, &put, (size_t[]){4}, &err), err);
    assert_saved(path, &all);
}

static void test_no_rows(void **state)
{
    const char *path = make("n.npy", 4);
    struct foray_array put = rows(4, 0), all = rows(0, 4);

    (void)state;
    assert_ok(foray_npy_put_rows(path, &put, NULL, &err), err);
    assert_saved(path, &all);
}

static void assert_refused(const char *path, const struct foray_array *put,
                           const size_t *where, int code)
{
    struct foray_array before = rows(0, 4);

    assert_int_equal(foray_npy_put_rows(path, put, where, &err), code);
    assert_saved(path, &before);
}

/* Among those replaced, between, and among the new ones. */
static void test_some_are_left_out(void **state)
{
    const char *path = make("s.npy", 9);
    const size_t where[] = {
        FORAY_NO_ROW, 3,  FORAY_NO_ROW, 4, FORAY_NO_ROW, 9, 10,
        FORAY_NO_ROW, 11, FORAY_NO_ROW};
    struct foray_array put = rows(100, 10), all = rows(0, 12);

    (void)state;
    for (int twice = 0; twice < 2; twice++)
        assert_ok(foray_npy_put_rows(path, &put, where, &err), err);
    for (size_t k = 0; k < 10; k++)
        if (where[k] != FORAY_NO_ROW)
            memmove(values[where[k]], values[100 + k], sizeof values[0]);
    assert_saved(path, &all);
}

static void test_refused_untouched(void **state)
{
    const char *path = make("u.npy", 4);
    struct foray_array put = rows(4, 2);
    double number[3] = {0};
    struct foray_array other;

    (void)state;
    assert_refused(path, &put, (size_t[]){4, 6}, FORAY_EINVAL);
    assert_refused(path, &put, (size_t[]){5, 6}, FORAY_EINVAL);
    assert_refused(path, &put, (size_t[]){2, 2}, FORAY_EINVAL);
    assert_refused(path, &put, (size_t[]){3, 2}, FORAY_EINVAL);
    assert_ok(
        foray_array_wrap(&other, number, FORAY_F64, 2, (size_t[]){1, 3}, &err),
        err);
    assert_refused(path, &other, (size_t[]){4}, FORAY_EDTYPE);
    assert_ok(
        foray_array_wrap(&other, values, FORAY_F32, 2, (size_t[]){1, 2}, &err),
        err);
    assert_refused(path, &other, (size_t[]){4}, FORAY_ESHAPE);
    other.ndim = 1;
    assert_refused(path, &other, (size_t[]){4}, FORAY_ESHAPE);
    assert_int_equal(
        foray_npy_put_rows(test_path("none.npy"), &put, (size_t[]){0, 1}, &err),
        FORAY_ENOENT);
}

static void test_columns_after_one_another(void **state)
{
    const char *path = test_path("f.npy");
    struct foray_array put = rows(4, 1), made;

    (void)state;
    assert_ok(foray_array_create_at(
                  &made, path, FORAY_F32, 2, (size_t[]){4, 3},
                  &(struct foray_placement){.fortran_order = true}, &err),
              err);
    assert_int_equal(foray_array_close(&made, &err), 0);
    assert_int_equal(foray_npy_put_rows(path, &put, (size_t[]){4}, &err),
                     FORAY_ENOTSUP);
}

/* A header as short as its text: what other writers make. */
static void make_tight(const char *path, const char *dict)
{
    struct foray_array some = rows(0, 9);
    FILE *file = fopen(path, "wb");
    unsigned char length = (unsigned char)(strlen(dict) + 1);

    assert_non_null(file);
    fwrite("\x93NUMPY\1\0", 1, 8, file);
    fputc(length, file);
    fputc(0, file);
    fprintf(file, "%s\n", dict);
    fwrite(some.data, sizeof values[0], 9, file);
    assert_int_equal(fclose(file), 0);
}

static void test_header_of_another_writer(void **state)
{
    const char *path = test_path("t.npy");
    struct foray_array put = rows(9, 1), opened;

    (void)state;
    make_tight(path, "{'shape':(9,3),'fortran_order':False,'descr':'<f4'}");
    assert_int_equal(foray_npy_put_rows(path, &put, (size_t[]){9}, &err),
                     FORAY_ENOTSUP);
    assert_non_null(strstr(err.msg, "without room"));
    make_tight(path, "{'shape': (9, 3), 'fortran_order': False, "
                     "'descr': '<f4'}            ");
    assert_ok(foray_npy_put_rows(path, &put, (size_t[]){9}, &err), err);
    assert_ok(foray_array_open(&opened, path, "r", &err), err);
    assert_int_equal(opened.shape[0], 10);
    assert_memory_equal(opened.data, values, 10 * sizeof values[0]);
    assert_int_equal(foray_array_close(&opened, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appended_rows_are_as_if_saved),
        cmocka_unit_test(test_replaced_and_appended_may_be_repeated),
        cmocka_unit_test(test_mapped_meanwhile),
        cmocka_unit_test(test_a_longer_file_is_no_hindrance),
        cmocka_unit_test(test_no_rows),
        cmocka_unit_test(test_some_are_left_out),
        cmocka_unit_test(test_refused_untouched),
        cmocka_unit_test(test_columns_after_one_another),
        cmocka_unit_test(test_header_of_another_writer),
    };

    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
