/* Datasets of HDF5 files in every kind of pool. What only the HDF5 library can
 * make is made in a child: this process stays without it. */
#include "helpers.h"

#include <hdf5.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <foray/hdf5.h>
#include <foray/storage.h>

#include "every_pool.h"

enum { ROWS = 50, COLS = 40 };

static const char *file;
static int32_t numbers[ROWS][COLS];

static struct foray_array make_numbers(void)
{
    const size_t shape[2] = {ROWS, COLS};
    struct foray_array x;
    struct foray_error err;

    for (int i = 0; i < ROWS * COLS; i++)
        (&numbers[0][0])[i] = i;
    assert_ok(foray_array_wrap(&x, numbers, FORAY_I32, 2, shape, &err), err);
    return x;
}

/* "plain" and "packed". */
static int set_up(void **state)
{
    struct foray_array x = make_numbers();
    struct foray_hdf5_options packed = {
        .deflate = 1, .shuffle = true, .chunk = {7, 9}};
    struct foray_error err;

    (void)state;
    file = test_path("x.h5");
    unlink(file);
    assert_ok(foray_hdf5_save(NULL, file, "plain", &x, NULL, &err), err);
    assert_ok(foray_hdf5_save(NULL, file, "g/packed", &x, &packed, &err), err);
    return 0;
}

static void check_numbers(struct foray_array *x)
{
    assert_int_equal(x->ndim, 2);
    assert_int_equal(x->shape[0], ROWS);
    for (size_t i = 0; i < ROWS; i++)
        assert_memory_equal(foray_row(x, i), numbers[i], sizeof numbers[i]);
}

static void test_every_pool(void **state)
{
    struct foray_array x = make_numbers(), y;
    struct foray_hdf5_options options = {
        .deflate = 4, .fletcher32 = true, .overwrite = true, .chunk = {3, 40}};
    struct foray_dataset_list list;
    struct foray_error err;

    (void)state;
    for (int k = 0; k < N_EVERY_POOL; k++) {
        const struct foray_dataset *found;

        assert_ok(foray_hdf5_list(&list, every_pool[k], file, &err), err);
        found = foray_dataset_find(&list, "g/packed");
        assert_non_null(found);
        assert_false(found->mappable);
        assert_string_equal(found->layout, "chunks 7x9, shuffle, deflate 1");
        assert_true(foray_dataset_find(&list, "/plain")->mappable);
        foray_dataset_list_free(&list);
        assert_ok(
            foray_hdf5_save(every_pool[k], file, "new", &x, &options, &err),
            err);
        for (int i = 0; i < 3; i++) {
            const char *names[] = {"plain", "/g/packed", "new"};

            assert_ok(
                foray_hdf5_load(&y, every_pool[k], file, names[i], NULL, &err),
                err);
            check_numbers(&y);
            assert_int_equal(foray_array_close(&y, NULL), 0);
        }
        options.chunk[0]++;
    }
}

/* Of every type, in either order of bytes: it is the same when it is back. */
static void test_every_type(void **state)
{
    static unsigned char bytes[3 * 16];
    struct foray_hdf5_options options = {.overwrite = true};
    struct foray_array x, y;
    struct foray_error err;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = i % 2; /* truth values, too */
    for (enum foray_dtype dtype = FORAY_OPAQUE + 1; dtype <= FORAY_C128;
         dtype++)
        for (int swapped = 0; swapped < 2; swapped++) {
            assert_ok(
                foray_array_wrap(&x, bytes, dtype, 1, (size_t[]){3}, &err),
                err);
            x.swapped = swapped && x.itemsize > 1;
            assert_ok(foray_hdf5_save(every_pool[0], file, "typed", &x,
                                      &options, &err),
                      err);
            assert_ok(
                foray_hdf5_load(&y, every_pool[0], file, "typed", NULL, &err),
                err);
            assert_int_equal(y.dtype, dtype);
            assert_int_equal(y.swapped, x.swapped);
            assert_memory_equal(y.data, bytes, 3 * x.itemsize);
            assert_int_equal(foray_array_close(&y, NULL), 0);
        }
}

static void test_modes(void **state)
{
    struct foray_array x;
    struct foray_error err;

    (void)state;
    assert_ok(foray_hdf5_open(&x, NULL, file, "plain", "r", NULL, &err), err);
    check_numbers(&x);
    assert_int_equal(x.mode, FORAY_READ);
    assert_int_equal(foray_array_close(&x, NULL), 0);
    assert_ok(foray_hdf5_open(&x, NULL, file, "plain", "c", NULL, &err), err);
    FORAY_AT(&x, int32_t, 1, 1) = -1;
    assert_int_equal(foray_array_close(&x, NULL), 0);
    assert_ok(foray_hdf5_open(&x, NULL, file, "plain", "r+", NULL, &err), err);
    check_numbers(&x);
    FORAY_AT(&x, int32_t, 2, 3) = -5;
    assert_int_equal(foray_array_close(&x, NULL), 0);
    assert_ok(foray_hdf5_load(&x, NULL, file, "plain", NULL, &err), err);
    assert_int_equal(FORAY_AT(&x, int32_t, 2, 3), -5);
    assert_int_equal(foray_array_close(&x, NULL), 0);

    assert_ok(foray_hdf5_open(&x, NULL, file, "g/packed", "r", NULL, &err),
              err);
    check_numbers(&x);
    assert_int_equal(x.mode, FORAY_READ);
    assert_int_equal(foray_array_close(&x, NULL), 0);
    assert_int_equal(
        foray_hdf5_open(&x, NULL, file, "g/packed", "r+", NULL, &err),
        FORAY_ENOTSUP);
    assert_non_null(strstr(err.msg, "deflate 1"));
    assert_int_equal(foray_hdf5_open(&x, NULL, file, "plain", "w", NULL, &err),
                     FORAY_EINVAL);
    assert_null(x.segment);
}

static void test_slab(void **state)
{
    const char *names[] = {"plain", "g/packed"};
    struct foray_hdf5_slab slab = {
        .start = {4, 5}, .count = {6, 7}, .step = {3, 0}};
    struct foray_array x;
    struct foray_error err;

    (void)state;
    for (int k = 0; k < 2; k++) {
        assert_ok(foray_hdf5_open(&x, NULL, file, names[k], "r", &slab, &err),
                  err);
        assert_int_equal(x.shape[0], 6);
        assert_int_equal(x.shape[1], 7);
        for (size_t i = 0; i < 6; i++)
            for (size_t j = 0; j < 7; j++)
                assert_int_equal(FORAY_AT(&x, int32_t, i, j),
                                 numbers[4 + 3 * i][5 + j]);
        assert_int_equal(foray_array_close(&x, NULL), 0);
    }
    slab.step[0] = 10;
    assert_int_equal(foray_hdf5_open(&x, NULL, file, "plain", "r", &slab, &err),
                     FORAY_ERANGE);
}

static void test_errors(void **state)
{
    struct foray_array x = make_numbers(), y;
    struct foray_hdf5_options bad = {.deflate = 10};
    struct foray_dataset_list list;
    const char *words = test_path("words.txt");
    struct foray_error err;
    FILE *text = fopen(words, "w");

    (void)state;
    assert_non_null(text);
    fputs("these are words, and no numbers\n", text);
    fclose(text);
    assert_int_equal(foray_hdf5_list(&list, NULL, "/no/such.h5", &err),
                     FORAY_ENOENT);
    assert_int_equal(foray_hdf5_list(&list, NULL, test_path("no.h5"), &err),
                     FORAY_ENOENT);
    assert_int_equal(foray_hdf5_list(&list, NULL, words, &err), FORAY_EFORMAT);
    assert_non_null(strstr(err.msg, "words.txt is no HDF5 file"));
    assert_int_equal(foray_hdf5_list(&list, NULL, test_folder(), &err),
                     FORAY_EFORMAT);
    assert_int_equal(foray_hdf5_load(&y, NULL, file, "gone", NULL, &err),
                     FORAY_ENOENT);
    assert_non_null(strstr(err.msg, "/g/packed, /plain"));
    assert_int_equal(foray_hdf5_load(&y, NULL, file, NULL, NULL, &err),
                     FORAY_ENOENT);
    assert_int_equal(foray_hdf5_save(NULL, file, "plain", &x, NULL, &err),
                     FORAY_EEXIST);
    assert_int_equal(foray_hdf5_save(NULL, file, "g", &x, NULL, &err),
                     FORAY_EEXIST);
    assert_int_equal(foray_hdf5_save(NULL, file, "b", &x, &bad, &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_hdf5_save(NULL, words, "b", &x, NULL, &err),
                     FORAY_EFORMAT);
    assert_int_equal(foray_hdf5_append(NULL, file, "plain", &x, &err),
                     FORAY_ENOTSUP);
    assert_int_equal(
        foray_hdf5_save(NULL, "/no/such/x.h5", "b", &x, NULL, &err),
        FORAY_ENOENT);
}

/* Somebody else writes: neither waits, and nothing is changed. */
static void test_locked(void **state)
{
    struct foray_array x = make_numbers(), y;
    struct foray_error err;
    int fd = open(file, O_RDONLY);

    (void)state;
    assert_int_equal(flock(fd, LOCK_SH), 0);
    assert_int_equal(foray_hdf5_save(NULL, file, "more", &x, NULL, &err),
                     FORAY_EBUSY);
    assert_non_null(strstr(err.msg, "x.h5"));
    assert_ok(foray_hdf5_load(&y, NULL, file, "plain", NULL, &err), err);
    assert_int_equal(foray_array_close(&y, NULL), 0);
    close(fd);
    assert_ok(foray_hdf5_save(NULL, file, "more", &x, NULL, &err), err);
}

/* Rows, columns, parts: what is in private memory and has gaps. */
static void test_strides(void **state)
{
    struct foray_array x = make_numbers(), turned, part, y;
    struct foray_hdf5_options packed = {.deflate = 1, .chunk = {16, 16}};
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_transpose(&turned, &x, NULL, &err), err);
    assert_ok(foray_array_slice(&part, &turned, 1, FORAY_TO_END, FORAY_TO_END,
                                -2, &err),
              err);
    assert_ok(foray_hdf5_save(NULL, file, "part", &part, NULL, &err), err);
    assert_ok(foray_hdf5_save(NULL, file, "part2", &part, &packed, &err), err);
    for (int k = 0; k < 2; k++) {
        assert_ok(
            foray_hdf5_load(&y, NULL, file, k ? "part2" : "part", NULL, &err),
            err);
        for (size_t i = 0; i < COLS; i++)
            for (size_t j = 0; j < ROWS / 2; j++)
                assert_int_equal(FORAY_AT(&y, int32_t, i, j),
                                 numbers[ROWS - 1 - 2 * j][i]);
        assert_int_equal(foray_array_close(&y, NULL), 0);
    }
}

/* Chunks at the ends that are not filtered, and say nothing of it. */
static int make_raw_edges(void *path)
{
    hsize_t shape[2] = {ROWS, COLS}, chunk[2] = {16, 16};
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), to, space, properties, dataset;

    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    to = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    space = H5Screate_simple(2, shape, NULL);
    properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(properties, 2, chunk);
    H5Pset_shuffle(properties);
    H5Pset_deflate(properties, 3);
    H5Pset_chunk_opts(properties, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
    dataset = H5Dcreate2(to, "data", H5T_NATIVE_INT32, space, H5P_DEFAULT,
                         properties, H5P_DEFAULT);
    if (H5Dwrite(dataset, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                 numbers) < 0)
        return 1;
    return H5Dclose(dataset) < 0 || H5Fclose(to) < 0;
}

static void test_raw_edges(void **state)
{
    char *path = strdup(test_path("edges.h5"));
    struct foray_array x;
    struct foray_error err;

    (void)state;
    make_numbers();
    assert_int_equal(in_child(make_raw_edges, path), 0);
    assert_ok(foray_hdf5_load(&x, NULL, path, NULL, NULL, &err), err);
    check_numbers(&x);
    assert_int_equal(foray_array_close(&x, NULL), 0);
    free(path);
}

/* More rounds than one, of chunks that deflate cannot make smaller. */
static void test_rounds(void **state)
{
    const size_t shape[2] = {3000, 3100};
    struct foray_hdf5_options options = {
        .deflate = 1, .extendable = true, .chunk = {100, 1000}};
    struct foray_array x, y;
    struct foray_error err;
    uint64_t s = 88172645463325252ull;

    (void)state;
    assert_ok(foray_array_create(&x, NULL, FORAY_F64, 2, shape, &err), err);
    for (size_t i = 0; i < shape[0] * shape[1]; i++) {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        ((uint64_t *)x.data)[i] = s;
    }
    assert_ok(foray_hdf5_save(every_pool[1], file, "noise", &x, &options, &err),
              err);
    assert_ok(foray_hdf5_append(every_pool[2], file, "noise", &x, &err), err);
    assert_ok(foray_hdf5_load(&y, every_pool[1], file, "noise", NULL, &err),
              err);
    assert_int_equal(y.shape[0], 6000);
    assert_memory_equal(y.data, x.data, foray_array_nbytes(&x));
    assert_memory_equal(foray_row(&y, 3000), x.data, foray_array_nbytes(&x));
    assert_int_equal(foray_array_close(&y, NULL), 0);
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

static void test_strings(void **state)
{
    const char *names[] = {"a.jpg", "", "b.jpg"};
    struct foray_hdf5_strings got;
    struct foray_hdf5_options packed = {.deflate = 1};
    struct foray_error err;

    (void)state;
    assert_ok(
        foray_hdf5_save_strings(NULL, file, "names", names, 3, NULL, &err),
        err);
    assert_ok(foray_hdf5_load_strings(&got, NULL, file, "names", &err), err);
    assert_int_equal(got.n, 3);
    assert_string_equal(got.items[2], "b.jpg");
    foray_hdf5_strings_free(&got);
    assert_null(got.items);
    assert_int_equal(
        foray_hdf5_save_strings(NULL, file, "x", names, 3, &packed, &err),
        FORAY_EINVAL);
    assert_int_equal(foray_hdf5_load_strings(&got, NULL, file, "plain", &err),
                     FORAY_EDTYPE);
    assert_ok(foray_hdf5_save_strings(NULL, file, "none", names, 0, NULL, &err),
              err);
    assert_ok(foray_hdf5_load_strings(&got, NULL, file, "none", &err), err);
    assert_int_equal(got.n, 0);
    foray_hdf5_strings_free(&got);
}

/* What all of this opened is closed, and no file of ours is left over. */
static void test_left(void **state)
{
    size_t descriptors = count_descriptors(), mappings = count_foray_mappings();

    test_modes(state);
    set_up(state);
    test_slab(state);
    test_strides(state);
    assert_int_equal(count_descriptors(), descriptors);
    assert_int_equal(count_foray_mappings(), mappings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_pool, set_up),
        cmocka_unit_test_setup(test_every_type, set_up),
        cmocka_unit_test_setup(test_modes, set_up),
        cmocka_unit_test_setup(test_slab, set_up),
        cmocka_unit_test_setup(test_errors, set_up),
        cmocka_unit_test_setup(test_locked, set_up),
        cmocka_unit_test_setup(test_strides, set_up),
        cmocka_unit_test(test_raw_edges),
        cmocka_unit_test_setup(test_rounds, set_up),
        cmocka_unit_test_setup(test_strings, set_up),
        cmocka_unit_test_setup(test_left, set_up),
    };

    test_init();
    return cmocka_run_group_tests(tests, open_every_pool, close_every_pool);
}
