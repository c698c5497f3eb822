/* Arrays in files: open, create, dump, load, save, and what they refuse. */
#include "helpers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <foray.h>

static struct foray_error err;

/* Large enough for large pages, and no multiple of them. */
enum { ROWS = 1000, COLUMNS = 817 };
static const size_t large[2] = {ROWS, COLUMNS};

static double value_at(size_t i, size_t j)
{
    return (double)(i * COLUMNS + j) + 0.25;
}

static void fill(struct foray_array *array)
{
    for (size_t i = 0; i < array->shape[0]; i++)
        for (size_t j = 0; j < array->shape[1]; j++)
            FORAY_AT(array, double, i, j) = value_at(i, j);
}

static void check(const struct foray_array *array)
{
    assert_int_equal(array->ndim, 2);
    assert_int_equal(array->shape[0], ROWS);
    assert_int_equal(array->shape[1], COLUMNS);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < COLUMNS; j++)
            if (FORAY_AT(array, double, i, j) != value_at(i, j))
                fail_msg("[%zu, %zu] differs", i, j);
}

static void close_array(struct foray_array *array)
{
    assert_ok(foray_array_close(array, &err), err);
    assert_null(array->segment);
}

static void test_create_is_zero_and_real(void **state)
{
    struct foray_array array;
    struct stat st;

    (void)state;
    assert_ok(foray_array_create(&array, NULL, FORAY_F64, 2, large, &err), err);
    assert_int_equal(array.mode, FORAY_CREATE);
    assert_int_equal((uintptr_t)array.data % 64, 0);
    assert_string_equal(foray_array_descr(&array), "<f8");
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < COLUMNS; j++)
            assert_true(FORAY_AT(&array, double, i, j) == 0);
    close_array(&array);
    assert_ok(foray_array_create(&array, test_path("real.npy"), FORAY_F64, 2,
                                 large, &err),
              err);
    assert_int_equal(stat(test_path("real.npy"), &st), 0);
    assert_true((size_t)st.st_blocks * 512 >= foray_array_nbytes(&array));
    assert_int_equal(st.st_size, 128 + foray_array_nbytes(&array));
    close_array(&array);
}

static void test_open_in_modes(void **state)
{
    const char *path = test_path("modes.npy");
    struct foray_array made, read, write, copy;

    (void)state;
    assert_ok(foray_array_create(&made, path, FORAY_F64, 2, large, &err), err);
    fill(&made);
    close_array(&made);
    assert_ok(foray_array_open(&read, path, "r", &err), err);
    assert_ok(foray_array_open(&write, path, "r+", &err), err);
    assert_ok(foray_array_open(&copy, path, "c", &err), err);
    assert_int_equal(read.mode, FORAY_READ);
    assert_int_equal(write.mode, FORAY_READ_WRITE);
    assert_int_equal(copy.mode, FORAY_COPY);
    check(&read);
    FORAY_AT(&copy, double, 1, 1) = -1;
    FORAY_AT(&write, double, 2, 2) = -2;
    assert_true(FORAY_AT(&read, double, 1, 1) == value_at(1, 1));
    assert_true(FORAY_AT(&read, double, 2, 2) == -2);
    close_array(&copy);
    close_array(&write);
    close_array(&read);
    assert_ok(foray_array_open(&read, path, "r", &err), err);
    assert_true(FORAY_AT(&read, double, 2, 2) == -2);
    close_array(&read);
}

static int store(void *array)
{
    FORAY_AT((struct foray_array *)array, double, 0, 0) = 1;
    return 0;
}

static void test_store_in_mode_r_is_a_fault(void **state)
{
    struct foray_array array;

    (void)state;
    assert_ok(foray_array_open(&array, test_path("modes.npy"), "r", &err), err);
    assert_int_equal(in_child(store, &array), 128 + SIGSEGV);
    assert_true(FORAY_AT(&array, double, 0, 0) == value_at(0, 0));
    close_array(&array);
}

static int open_unprivileged(void *path)
{
    struct foray_array array;

    if (geteuid() == 0 && setresuid(65534, 65534, 65534))
        return 1;
    if (foray_array_open(&array, path, "r", NULL))
        return 2;
    if (foray_array_close(&array, NULL))
        return 3;
    return foray_array_open(&array, path, "r+", NULL) == FORAY_EACCES ? 0 : 4;
}

static void test_open_without_permission(void **state)
{
    char path[256];

    (void)state;
    strcpy(path, test_path("modes.npy"));
    assert_int_equal(chmod(test_folder(), 0711), 0);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(in_child(open_unprivileged, path), 0);
}

static void test_create_replaces_at_once(void **state)
{
    const char *path = test_path("replace.npy");
    struct foray_array old, new;
    size_t shape[1] = {5};

    (void)state;
    assert_ok(foray_array_create(&old, path, FORAY_F64, 2, large, &err), err);
    fill(&old);
    assert_ok(foray_array_create(&new, path, FORAY_I16, 1, shape, &err), err);
    check(&old); /* its file lives on without a name */
    close_array(&old);
    FORAY_AT(&new, int16_t, 4) = 9;
    close_array(&new);
    assert_ok(foray_array_open(&new, path, "r", &err), err);
    assert_int_equal(FORAY_AT(&new, int16_t, 4), 9);
    close_array(&new);
}

static void test_small_shapes(void **state)
{
    const size_t shapes[][3] = {{0}, {1}, {0, 3}, {3, 0, 2}};
    const int ndims[] = {1, 1, 2, 3};
    const char *path = test_path("small.npy");
    struct foray_array array, copy;
    double value = 2.5;

    (void)state;
    for (size_t k = 0; k < 4; k++) {
        assert_ok(foray_array_create(&array, path, FORAY_F64, ndims[k],
                                     shapes[k], &err),
                  err);
        close_array(&array);
        assert_ok(foray_array_load(&array, path, &err), err);
        assert_int_equal(array.ndim, ndims[k]);
        assert_memory_equal(array.shape, shapes[k],
                            (size_t)ndims[k] * sizeof(size_t));
        assert_ok(foray_array_dump(&copy, &array, NULL, &err), err);
        close_array(&copy);
        close_array(&array);
    }
    assert_ok(foray_array_wrap(&array, &value, FORAY_F64, 0, NULL, &err), err);
    assert_ok(foray_array_save(&array, path, &err), err);
    assert_ok(foray_array_open(&copy, path, "r", &err), err);
    assert_int_equal(copy.ndim, 0);
    assert_true(*(double *)copy.data == 2.5);
    close_array(&copy);
}

/* Dump, save and load of one array in the orders there are. */
static void test_copies(void **state)
{
    const char *path = test_path("copies.npy");
    struct foray_array array, turned, dumped, loaded, every;
    double *values = malloc(sizeof *values * ROWS * COLUMNS);

    (void)state;
    assert_ok(foray_array_wrap(&array, values, FORAY_F64, 2, large, &err), err);
    fill(&array);
    assert_ok(foray_array_dump(&dumped, &array, NULL, &err), err);
    assert_int_equal(dumped.mode, FORAY_READ_WRITE);
    check(&dumped);
    /* Fortran order stays, and is saved as such. */
    assert_ok(foray_array_transpose(&turned, &dumped, NULL, &err), err);
    assert_ok(foray_array_save(&turned, path, &err), err);
    assert_ok(foray_array_load(&loaded, path, &err), err);
    assert_true(foray_array_is_contiguous(&loaded, FORAY_F_ORDER));
    assert_int_equal(loaded.shape[0], COLUMNS);
    assert_ok(foray_array_transpose(&loaded, &loaded, NULL, &err), err);
    check(&loaded);
    close_array(&loaded);
    /* Rows backwards, every second column: gathered. */
    assert_ok(foray_array_slice(&every, &array, 1, 1, FORAY_TO_END, 2, &err),
              err);
    assert_ok(foray_array_slice(&every, &every, 0, FORAY_TO_END, FORAY_TO_END,
                                -1, &err),
              err);
    assert_ok(foray_array_save(&every, path, &err), err);
    close_array(&dumped);
    assert_ok(foray_array_dump(&dumped, &every, NULL, &err), err);
    assert_ok(foray_array_open(&loaded, path, "r", &err), err);
    assert_true(foray_array_is_contiguous(&dumped, FORAY_C_ORDER));
    for (size_t i = 0; i < every.shape[0]; i++)
        for (size_t j = 0; j < every.shape[1]; j++) {
            double wanted = value_at(ROWS - 1 - i, 2 * j + 1);

            if (FORAY_AT(&dumped, double, i, j) != wanted ||
                FORAY_AT(&loaded, double, i, j) != wanted)
                fail_msg("[%zu, %zu] differs", i, j);
        }
    close_array(&dumped);
    close_array(&loaded);
    free(values);
}

/* One row alone is larger than the buffer for gathering. */
static void test_gather_long_rows(void **state)
{
    size_t shape[3] = {2, 3, 300000};
    struct foray_array array, every, saved;
    uint32_t *values = malloc(sizeof *values * 2 * 3 * 300000);

    (void)state;
    for (uint32_t i = 0; i < 2 * 3 * 300000; i++)
        values[i] = i;
    assert_ok(foray_array_wrap(&array, values, FORAY_U32, 3, shape, &err), err);
    assert_ok(foray_array_slice(&every, &array, 2, FORAY_TO_END, FORAY_TO_END,
                                -1, &err),
              err);
    assert_ok(foray_array_save(&every, test_path("long.npy"), &err), err);
    assert_ok(foray_array_open(&saved, test_path("long.npy"), "r", &err), err);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 3; j++)
            for (size_t k = 0; k < 300000; k++)
                if (FORAY_AT(&saved, uint32_t, i, j, k) !=
                    (i * 3 + j) * 300000 + 299999 - k)
                    fail_msg("[%zu, %zu, %zu] differs", i, j, k);
    close_array(&saved);
    free(values);
}

static void write_file(const char *path, const char *header, const void *data,
                       size_t nbytes)
{
    FILE *file = fopen(path, "we");
    size_t length = strlen(header);

    assert_non_null(file);
    fwrite("\x93NUMPY\1\0", 1, 8, file);
    fputc((int)(length & 255), file);
    fputc((int)(length >> 8), file);
    fputs(header, file);
    fwrite(data, 1, nbytes, file);
    assert_int_equal(fclose(file), 0);
}

static void test_foreign_types_survive(void **state)
{
    const char *path = test_path("foreign.npy"),
               *again = test_path("again.npy");
    static const char big[] =
        "{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }\n";
    static const char text[] =
        "{'descr': '<U2', 'fortran_order': False, 'shape': (3,), }\n";
    struct foray_array array, copy;
    struct foray_npy_info info;

    (void)state;
    write_file(path, big, "\1\2\3\4", 4);
    assert_ok(foray_array_load(&array, path, &err), err);
    assert_true(array.swapped);
    assert_int_equal(array.dtype, FORAY_I16);
    assert_memory_equal(array.data, "\1\2\3\4", 4);
    assert_string_equal(foray_array_descr(&array), ">i2");
    assert_ok(foray_array_save(&array, again, &err), err);
    close_array(&array);
    assert_ok(foray_npy_info(&info, again, &err), err);
    assert_string_equal(info.descr, ">i2");
    assert_true(info.swapped);
    assert_int_equal(info.offset, 128);

    write_file(path, text, "a\0\0\0b\0\0\0c\0\0\0d\0\0\0e\0\0\0f\0\0\0", 24);
    assert_ok(foray_array_open(&array, path, "r", &err), err);
    assert_int_equal(array.dtype, FORAY_OPAQUE);
    assert_int_equal(array.itemsize, 8);
    assert_string_equal(foray_array_descr(&array), "<U2");
    assert_ok(foray_array_slice(&array, &array, 0, 0, FORAY_TO_END, 2, &err),
              err);
    assert_ok(foray_array_dump(&copy, &array, NULL, &err), err);
    assert_memory_equal(copy.data, "a\0\0\0b\0\0\0e\0\0\0f\0\0\0", 16);
    assert_ok(foray_array_save(&copy, again, &err), err);
    close_array(&copy);
    close_array(&array);
    assert_ok(foray_npy_info(&info, again, &err), err);
    assert_string_equal(info.descr, "<U2");
    assert_int_equal(info.shape[0], 2);
    assert_int_equal(info.nbytes, 16);
}

static void test_open_refuses_what_is_no_file(void **state)
{
    const char *pipe_path = test_path("pipe"), *sock = test_path("socket");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct foray_array array;
    struct foray_npy_info info;
    const char *paths[] = {pipe_path, sock, test_folder(), "/dev/zero",
                           "/dev/null"};

    (void)state;
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    strcpy(address.sun_path, sock);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    alarm(PATIENCE); /* none of them may be waited for */
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(foray_array_open(&array, paths[i], "r", &err),
                         FORAY_EFORMAT);
        assert_int_equal(foray_array_open(&array, paths[i], "r+", &err),
                         FORAY_EFORMAT);
        assert_int_equal(foray_array_load(&array, paths[i], &err),
                         FORAY_EFORMAT);
        assert_int_equal(foray_npy_info(&info, paths[i], &err), FORAY_EFORMAT);
        assert_null(array.segment);
    }
    alarm(0);
}

static void test_open_errors(void **state)
{
    const char *path = test_path("bad.npy");
    struct foray_array array;

    (void)state;
    assert_int_equal(foray_array_open(&array, path, "r", &err), FORAY_ENOENT);
    assert_non_null(strstr(err.msg, "bad.npy"));
    assert_int_equal(foray_array_open(&array, NULL, "r", &err), FORAY_EINVAL);
    assert_int_equal(foray_array_open(&array, "", "r", &err), FORAY_EINVAL);
    assert_int_equal(foray_array_open(&array, path, "w+", &err), FORAY_EINVAL);
    assert_int_equal(foray_array_open(&array, path, NULL, NULL), FORAY_EINVAL);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    assert_int_not_equal(foray_array_open(&array, path, "r", &err), 0);
    write_file(path,
               "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n",
               "12345678", 8);
    assert_int_equal(foray_array_open(&array, path, "r", &err),
                     FORAY_ETRUNCATED);
    assert_int_equal(foray_array_load(&array, path, NULL), FORAY_ETRUNCATED);
    assert_null(array.segment);
}

static void test_create_errors(void **state)
{
    struct foray_array array;
    size_t shape[1] = {4}, huge[2] = {SIZE_MAX / 2, 4};
    struct foray_placement bad = {.align = 96}, both = {.name = "x"};

    (void)state;
    assert_int_equal(
        foray_array_create(&array, NULL, FORAY_OPAQUE, 1, shape, &err),
        FORAY_EDTYPE);
    assert_int_equal(
        foray_array_create(&array, NULL, FORAY_F64, 33, shape, &err),
        FORAY_EINVAL);
    assert_int_equal(foray_array_create(&array, NULL, FORAY_F64, 1, NULL, &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_array_create(&array, NULL, FORAY_F64, 2, huge, &err),
                     FORAY_ERANGE);
    huge[0] = SIZE_MAX / 64;
    huge[1] = 1;
    assert_int_equal(foray_array_create(&array, NULL, FORAY_F64, 2, huge, &err),
                     FORAY_ENOSPC);
    assert_int_equal(
        foray_array_create_at(&array, NULL, FORAY_F64, 1, shape, &bad, &err),
        FORAY_EINVAL);
    assert_int_equal(
        foray_array_create_at(&array, NULL, FORAY_F64, 1, shape, &both, &err),
        FORAY_EINVAL);
    assert_int_equal(foray_array_create_at(&array, test_path("x"), FORAY_F64, 1,
                                           shape, &both, &err),
                     FORAY_EINVAL);
    assert_int_equal(
        foray_array_create(&array, "/dev/null", FORAY_F64, 1, shape, &err),
        FORAY_EINVAL);
    assert_int_equal(
        foray_array_create(&array, "/nowhere/x", FORAY_F64, 1, shape, &err),
        FORAY_ENOENT);
    assert_null(array.segment);
}

static void test_alignment_and_order(void **state)
{
    struct foray_placement page = {.align = 4096, .fortran_order = true};
    const char *path = test_path("page.npy");
    struct foray_npy_info info;
    struct foray_array array;

    (void)state;
    assert_ok(
        foray_array_create_at(&array, path, FORAY_F32, 2, large, &page, &err),
        err);
    assert_int_equal((uintptr_t)array.data % 4096, 0);
    assert_true(foray_array_is_contiguous(&array, FORAY_F_ORDER));
    close_array(&array);
    assert_ok(foray_npy_info(&info, path, &err), err);
    assert_int_equal(info.offset, 4096);
    assert_true(info.fortran_order);
}

static size_t descriptors, mappings, names;

static int remember(void **state)
{
    (void)state;
    test_folder();
    descriptors = count_descriptors();
    mappings = count_foray_mappings();
    names = count_shm_names();
    return 0;
}

static int leaves_nothing(void **state)
{
    (void)state;
    return count_descriptors() != descriptors ||
           count_foray_mappings() != mappings || !no_more_shm_names(names);
}

int main(void)
{
    static const char *const absent[] = {
        "",        "collapse",  "memfd",
        "tmpfile", "fallocate", "collapse,memfd,tmpfile,fallocate"};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_is_zero_and_real),
        cmocka_unit_test(test_open_in_modes),
        cmocka_unit_test(test_store_in_mode_r_is_a_fault),
        cmocka_unit_test(test_open_without_permission),
        cmocka_unit_test(test_create_replaces_at_once),
        cmocka_unit_test(test_small_shapes),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_gather_long_rows),
        cmocka_unit_test(test_foreign_types_survive),
        cmocka_unit_test(test_create_errors),
        cmocka_unit_test(test_alignment_and_order),
    };
    const struct CMUnitTest once[] = {
        cmocka_unit_test(test_open_refuses_what_is_no_file),
        cmocka_unit_test(test_open_errors),
    };
    int failed = cmocka_run_group_tests(once, remember, leaves_nothing);

    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        setenv("FORAY_TEST_NO", absent[i], 1);
        print_message("FORAY_TEST_NO=%s\n", absent[i]);
        failed += cmocka_run_group_tests(tests, remember, leaves_nothing);
    }
    return failed;
}
