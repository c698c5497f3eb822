#include "helpers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/dataset.h>
#include <foray/storage.h>

static char path[4096];

/* `head` bytes of 7, then the numbers 0, 1, 2, ... as 16 bits. */
static int set_up(void **state)
{
    const char *folder = getenv("TMPDIR");
    unsigned char sevens[10];
    int fd;

    (void)state;
    snprintf(path, sizeof path, "%s/foray-raw-XXXXXX",
             folder ? folder : "/tmp");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    memset(sevens, 7, sizeof sevens);
    assert_int_equal(write(fd, sevens, sizeof sevens), sizeof sevens);
    for (uint16_t i = 0; i < 24; i++)
        assert_int_equal(write(fd, &i, sizeof i), sizeof i);
    close(fd);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static const struct foray_dataset numbers = {
    .dtype = FORAY_U16, .ndim = 2, .shape = {4, 6}, .offset = 10};

static void test_map(void **state)
{
    struct foray_dataset columns = numbers;
    struct foray_array x;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_map(&x, path, "r", &numbers, &err), err);
    assert_int_equal(FORAY_AT(&x, uint16_t, 2, 3), 15);
    assert_string_equal(foray_array_descr(&x), "<u2");
    assert_int_equal(foray_array_close(&x, NULL), 0);

    columns.fortran_order = true;
    assert_ok(foray_array_map(&x, path, "c", &columns, &err), err);
    assert_int_equal(FORAY_AT(&x, uint16_t, 2, 3), 14);
    FORAY_AT(&x, uint16_t, 2, 3) = 99;
    assert_int_equal(foray_array_close(&x, NULL), 0);
    assert_ok(foray_array_map(&x, path, "r+", &columns, &err), err);
    assert_int_equal(FORAY_AT(&x, uint16_t, 2, 3), 14);
    FORAY_AT(&x, uint16_t, 2, 3) = 99;
    assert_int_equal(foray_array_close(&x, NULL), 0);
    assert_ok(foray_array_map(&x, path, "r", &numbers, &err), err);
    assert_int_equal(FORAY_AT(&x, uint16_t, 2, 2), 99);
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

static void test_other_elements(void **state)
{
    struct foray_dataset items = {
        .ndim = 1, .shape = {12}, .itemsize = 4, .offset = 10};
    struct foray_dataset big = numbers;
    struct foray_array x, copy;
    struct foray_error err;
    uint16_t native[4][6];

    (void)state;
    assert_ok(foray_array_map(&x, path, "r", &items, &err), err);
    assert_int_equal(x.itemsize, 4);
    assert_string_equal(foray_array_descr(&x), "|V4");
    assert_int_equal(foray_array_close(&x, NULL), 0);
    snprintf(items.descr, sizeof items.descr, "<M8[D]");
    assert_ok(foray_array_map(&x, path, "r", &items, &err), err);
    assert_string_equal(foray_array_descr(&x), "<M8[D]");
    assert_int_equal(foray_array_close(&x, NULL), 0);

    big.swapped = true;
    assert_ok(foray_array_map(&x, path, "r", &big, &err), err);
    assert_ok(foray_array_wrap(&copy, native, FORAY_U16, 2, x.shape, &err),
              err);
    assert_ok(foray_array_copy(&copy, &x, &err), err);
    assert_int_equal(native[0][1], 0x0100);
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

/* No elements, even at the end of the file, and a single one. */
static void test_edges(void **state)
{
    struct foray_dataset none = {
        .dtype = FORAY_F64, .ndim = 2, .shape = {0, 3}, .offset = 58};
    struct foray_dataset one = {.dtype = FORAY_U16, .offset = 56};
    struct foray_array x;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_map(&x, path, "r", &none, &err), err);
    assert_int_equal(foray_array_nitems(&x), 0);
    assert_int_equal(foray_array_close(&x, NULL), 0);
    none.offset = 0;
    assert_ok(foray_array_map(&x, path, "r", &none, &err), err);
    assert_int_equal(foray_array_close(&x, NULL), 0);
    assert_ok(foray_array_map(&x, path, "r", &one, &err), err);
    assert_int_equal(*(uint16_t *)x.data, 23);
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

static void test_refused(void **state)
{
    struct foray_dataset wrong = numbers;
    struct foray_array x;
    struct foray_error err;

    (void)state;
    wrong.offset = 11;
    assert_int_equal(foray_array_map(&x, path, "r", &wrong, &err),
                     FORAY_ETRUNCATED);
    assert_non_null(strstr(err.msg, "58 bytes"));
    assert_null(x.segment);
    wrong.offset = UINT64_MAX;
    assert_int_equal(foray_array_map(&x, path, "r", &wrong, &err),
                     FORAY_ERANGE);
    wrong.offset = 0;
    wrong.shape[0] = SIZE_MAX / 2;
    wrong.shape[1] = 0;
    assert_int_equal(foray_array_map(&x, path, "r", &wrong, &err),
                     FORAY_ERANGE);
    wrong = numbers;
    wrong.ndim = FORAY_MAX_NDIM + 1;
    assert_int_not_equal(foray_array_map(&x, path, "r", &wrong, &err), 0);
    wrong = numbers;
    wrong.dtype = FORAY_OPAQUE;
    assert_int_equal(foray_array_map(&x, path, "r", &wrong, &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_array_map(&x, path, "w+", &numbers, &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_array_map(&x, "/", "r", &numbers, &err),
                     FORAY_EFORMAT);
    assert_int_equal(foray_array_map(&x, "/no/such", "r", &numbers, &err),
                     FORAY_ENOENT);
}

/* Also types that foray_array_create has no name for. */
static void test_create_like(void **state)
{
    struct foray_dataset items = {.ndim = 1, .shape = {3}, .itemsize = 5};
    struct foray_dataset big = numbers;
    struct foray_array x;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_create_like(&x, NULL, &items, NULL, &err), err);
    assert_int_equal(x.itemsize, 5);
    assert_int_equal(x.strides[0], 5);
    assert_string_equal(foray_array_descr(&x), "|V5");
    memset(x.data, 1, 15);
    assert_int_equal(foray_array_close(&x, NULL), 0);
    big.swapped = true;
    assert_ok(foray_array_create_like(&x, NULL, &big, NULL, &err), err);
    assert_true(x.swapped);
    assert_int_equal(x.mode, FORAY_CREATE);
    assert_int_equal(FORAY_AT(&x, uint16_t, 3, 5), 0);
    assert_int_equal(foray_array_close(&x, NULL), 0);
    items.itemsize = 0;
    assert_int_equal(foray_array_create_like(&x, NULL, &items, NULL, &err),
                     FORAY_EINVAL);
    assert_null(x.segment);
}

static void test_find(void **state)
{
    struct foray_dataset_list list = {.items = calloc(3, sizeof *list.items),
                                      .n = 3};

    (void)state;
    assert_non_null(list.items);
    list.items[0].name = strdup("a/b");
    list.items[1].name = strdup("/c");
    assert_ptr_equal(foray_dataset_find(&list, "/a/b"), &list.items[0]);
    assert_ptr_equal(foray_dataset_find(&list, "c"), &list.items[1]);
    assert_ptr_equal(foray_dataset_find(&list, ""), &list.items[2]);
    assert_null(foray_dataset_find(&list, "b"));
    foray_dataset_list_free(&list);
    foray_dataset_list_free(&list);
    assert_null(list.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_map, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_elements, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_edges, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
        cmocka_unit_test(test_create_like),
        cmocka_unit_test(test_find),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
