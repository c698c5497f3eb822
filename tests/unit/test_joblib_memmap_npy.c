/* Conformance with joblib, cases 45 to 48 and 51, as far as .npy files and
 * arrays of calls are concerned: what is saved, or sent, is what is read. */
#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <foray.h>

#include "calls.h"
#include "every_backend.h"
#include "mapping.h"

static struct foray_error err;

static void expect_equal(const struct foray_array *a,
                         const struct foray_array *b)
{
    size_t nbytes = foray_array_nbytes(a);
    char *x = malloc(nbytes), *y = malloc(nbytes);
    struct foray_array copy_a, copy_b;

    assert_int_equal(a->ndim, b->ndim);
    assert_memory_equal(a->shape, b->shape,
                        (size_t)a->ndim * sizeof a->shape[0]);
    copy_a = wrap(x, a->dtype, a->ndim, a->shape);
    copy_b = wrap(y, b->dtype, b->ndim, b->shape);
    assert_ok(foray_array_copy(&copy_a, a, &err), err);
    assert_ok(foray_array_copy(&copy_b, b, &err), err);
    assert_memory_equal(x, y, nbytes);
    free(x);
    free(y);
}

/* There and back by a file, by a call inline, and by a call dumped. */
static void check_round_trip(const struct backend *backend,
                             const struct foray_array *array)
{
    static const size_t thresholds[] = {1, FORAY_NEVER};
    const char *path = test_path("x.npy");
    struct foray_array file;

    assert_ok(foray_array_save(array, path, &err), err);
    assert_ok(foray_array_load(&file, path, &err), err);
    expect_equal(&file, array);
    assert_ok(foray_array_close(&file, &err), err);
    for (int t = 0; t < 2; t++) {
        struct foray_pool *pool = open_backend(
            backend, 2, &(struct foray_config){.max_nbytes = thresholds[t]});
        struct foray_call call = foray_delayed(call_array, array);
        struct foray_result result;

        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        expect_equal(foray_result_array(&result, 0), array);
        foray_result_free(&result);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* In Fortran order: the transpose of a C array with the axes the other way. */
static struct foray_array fortran(void *data, enum foray_dtype dtype, int ndim,
                                  const size_t *shape)
{
    size_t reversed[FORAY_MAX_NDIM];
    struct foray_array array;

    for (int k = 0; k < ndim; k++)
        reversed[k] = shape[ndim - 1 - k];
    array = wrap(data, dtype, ndim, reversed);
    assert_ok(foray_array_transpose(&array, &array, NULL, &err), err);
    return array;
}

static void test_45_every_order_makes_the_round_trip(void **state)
{
    static int64_t small[4] = {1, 3, 2, 4}; /* [[1, 2], [3, 4]] by columns */
    static double large[10 * 50 * 20];
    size_t small_shape[] = {2, 2}, shape[] = {10, 50, 20};
    struct foray_array x;

    (void)state;
    for (size_t i = 0; i < 10 * 50 * 20; i++)
        large[i] = (double)i;
    FOR_EVERY_BACKEND(backend)
    {
        x = fortran(small, FORAY_I64, 2, small_shape);
        check_round_trip(backend, &x);
        assert_ok(foray_array_slice(&x, &x, 0, 1, FORAY_TO_END, 1, &err), err);
        assert_int_equal(FORAY_AT(&x, int64_t, 0, 1), 4);
        check_round_trip(backend, &x);
        x = wrap(large, FORAY_F64, 3, shape);
        check_round_trip(backend, &x);
        assert_ok(foray_array_transpose(&x, &x, NULL, &err), err);
        check_round_trip(backend, &x);
        x = fortran(large, FORAY_F64, 3, shape);
        check_round_trip(backend, &x);
        assert_ok(foray_array_slice(&x, &x, 1, 0, 1, 1, &err), err);
        check_round_trip(backend, &x);
    }
}

static int store_five(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);

    if (FORAY_AT(x, double, 1) != 1)
        return foray_task_fail(task, "the file was made anew");
    FORAY_AT(x, double, 0) = 5;
    return 0;
}

static double first_in(const char *path)
{
    struct foray_array x;
    double first;

    assert_ok(foray_array_open(&x, path, "r", &err), err);
    assert_int_equal(x.mode, FORAY_READ);
    first = FORAY_AT(&x, double, 0);
    assert_ok(foray_array_close(&x, &err), err);
    return first;
}

static void test_46_modes_of_opened_files(void **state)
{
    const char *path = test_path("modes.npy");
    double data[2] = {0, 1};
    size_t two = 2;
    struct foray_array x = wrap(data, FORAY_F64, 1, &two);

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct foray_array file;
        struct foray_call call = foray_delayed(store_five, &file);

        assert_ok(foray_array_save(&x, path, &err), err);
        assert_true(first_in(path) == 0);
        assert_ok(foray_array_open(&file, path, "r+", &err), err);
        assert_ok(foray_parallel(pool, &call, 1, NULL, &err), err);
        assert_ok(foray_array_close(&file, &err), err);
        assert_true(first_in(path) == 5);
        /* w+ is of arrays that are created, and arrives as r+. */
        assert_int_equal(foray_array_open(&file, path, "w+", &err),
                         FORAY_EINVAL);
        assert_true(first_in(path) == 5);
        assert_ok(foray_array_create(&file, path, FORAY_F64, 1, &two, &err),
                  err);
        FORAY_AT(&file, double, 1) = 1;
        assert_ok(foray_parallel(pool, &call, 1, NULL, &err), err);
        assert_ok(foray_array_close(&file, &err), err);
        assert_true(first_in(path) == 5);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* Both arrays begin behind a header of their own. */
static int compare_two(struct foray_task *task)
{
    const struct foray_array *a = foray_task_array(task, 0);
    const struct foray_array *b = foray_task_array(task, 1);
    struct mapping places[2];

    if (find_mapping(&places[0], a->data) || find_mapping(&places[1], b->data))
        return foray_task_fail(task, "an argument is not mapped");
    for (size_t i = 0; i < a->shape[0]; i++)
        if (FORAY_AT(a, uint8_t, i) != 1 || FORAY_AT(b, uint8_t, i) != 2)
            return foray_task_fail(task, "byte %zu is wrong", i);
    return foray_return(task, places[0].offset, places[1].offset,
                        places[0].inode == places[1].inode);
}

static void test_47_two_arrays_of_a_page(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *data = malloc(2 * page);
    struct foray_array x[2];

    (void)state;
    assert_non_null(data);
    for (int i = 0; i < 2; i++) {
        memset(data + (size_t)i * page, i + 1, page);
        x[i] = wrap(data + (size_t)i * page, FORAY_U8, 1, &page);
    }
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool =
            open_backend(backend, 2, &(struct foray_config){.max_nbytes = 1});
        struct foray_call call = foray_delayed(compare_two, &x[0], &x[1]);
        struct foray_result result;

        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        assert_true(foray_result_i64(&result, 0) > 0);
        assert_true(foray_result_i64(&result, 1) > 0);
        if (backend->processes) /* else they may be where the caller has them */
            assert_false(foray_result_bool(&result, 2));
        foray_result_free(&result);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    free(data);
}

/* Fails at an argument that is not aligned; returns an array of that size. */
static int check_alignment(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);

    if ((uintptr_t)x->data % 16)
        return foray_task_fail(task, "it lies at %p", x->data);
    return foray_return(task, x);
}

static void test_48_alignment(void **state)
{
    static const size_t thresholds[] = {1, FORAY_NEVER};
    static uint8_t bytes[24];

    (void)state;
    FOR_EVERY_BACKEND(backend)
    for (int t = 0; t < 2; t++) {
        struct foray_pool *pool = open_backend(
            backend, 2, &(struct foray_config){.max_nbytes = thresholds[t]});
        struct foray_array x[24], file;
        struct foray_call calls[22];
        struct foray_result results[22];

        for (size_t n = 2; n < 24; n++) {
            x[n] = wrap(bytes, FORAY_U8, 1, &n);
            calls[n - 2] = foray_delayed(check_alignment, &x[n], (int)n);
            assert_ok(foray_array_save(&x[n], test_path("a.npy"), &err), err);
            assert_ok(foray_array_open(&file, test_path("a.npy"), "r", &err),
                      err);
            assert_int_equal((uintptr_t)file.data % 16, 0);
            assert_ok(foray_array_close(&file, &err), err);
        }
        assert_ok(foray_parallel(pool, calls, 22, results, &err), err);
        for (int i = 0; i < 22; i++)
            assert_int_equal(
                (uintptr_t)foray_result_array(&results[i], 0)->data % 16, 0);
        foray_results_free(results, 22);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* The most memory that this process ever had, bytes. */
static size_t peak(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (size_t)usage.ru_maxrss << 10;
}

enum { DATA = 64 << 20, MARGIN = 33 << 20 };

/* A private array, its copy in shared memory, a file, and what is read of it:
 * never more at once than there is data. */
static int save_and_load(void *arg)
{
    size_t n = DATA, base = peak();
    struct foray_array array, copy;
    char *data = malloc(n);

    (void)arg;
    if (!data)
        return 77;
    memset(data, 1, n);
    array = wrap(data, FORAY_U8, 1, &n);
    if (foray_array_save(&array, test_path("large.npy"), NULL) ||
        peak() > base + DATA + MARGIN)
        return 1;
    if (foray_array_dump(&copy, &array, NULL, NULL) ||
        peak() > base + 2 * (size_t)DATA + MARGIN)
        return 2;
    free(data);
    if (foray_array_close(&copy, NULL) ||
        foray_array_load(&copy, test_path("large.npy"), NULL) ||
        peak() > base + 2 * (size_t)DATA + MARGIN)
        return 3;
    return foray_array_close(&copy, NULL) ? 4 : 0;
}

static void test_51_memory(void **state)
{
    const char *path = test_path("large.npy"); /* this process's folder */
    int code = in_child(save_and_load, NULL);

    (void)state;
    unlink(path);
    if (code == 77)
        skip();
    assert_int_equal(code, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_45_every_order_makes_the_round_trip),
        cmocka_unit_test(test_46_modes_of_opened_files),
        cmocka_unit_test(test_47_two_arrays_of_a_page),
        cmocka_unit_test(test_48_alignment),
        cmocka_unit_test(test_51_memory),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
