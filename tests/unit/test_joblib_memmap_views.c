/* Conformance with joblib, cases 32 to 34: views of mapped files arrive in
 * tasks as the same view of the same bytes of the same file. */
#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>

#include "every_backend.h"
#include "mapping.h"

static struct foray_error err;

static double *numbers(size_t n)
{
    double *x = malloc(n * sizeof *x);

    assert_non_null(x);
    for (size_t i = 0; i < n; i++)
        x[i] = (double)i + 0.25;
    return x;
}

static void slice(struct foray_array *view, int axis, ptrdiff_t start,
                  ptrdiff_t stop, ptrdiff_t step)
{
    assert_ok(foray_array_slice(view, view, axis, start, stop, step, &err),
              err);
}

/* Fortran order, (3, 5, 4), at an offset that no double likes. */
static void write_fortran(const char *path)
{
    double *x = numbers(60);

    write_npy(path,
              "{'descr': '<f8', 'fortran_order': True, 'shape': (3, 5, 4), }",
              132, x, 60 * sizeof *x);
    free(x);
}

static void check_fortran_views(struct foray_pool *pool, const char *path,
                                const char *mode)
{
    struct foray_array a, b;

    assert_ok(foray_array_open(&a, path, mode, &err), err);
    assert_int_equal((uintptr_t)a.data % 8, 4);
    check_same_memory(pool, &a);
    b = a;
    slice(&b, 0, 1, -1, 1);
    slice(&b, 1, 2, -1, 1);
    slice(&b, 2, 2, 4, 1);
    assert_int_equal(foray_array_nitems(&b), 1 * 2 * 2);
    check_same_memory(pool, &b);
    assert_ok(foray_array_transpose(&b, &a, NULL, &err), err);
    check_same_memory(pool, &b);
    b = a;
    slice(&b, 1, FORAY_TO_END, FORAY_TO_END, -2);
    check_same_memory(pool, &b);
    assert_ok(foray_array_close(&a, &err), err);
}

static void check_reshaped(struct foray_pool *pool, const char *path)
{
    struct foray_array a, b;

    assert_ok(foray_array_open(&a, path, "r", &err), err);
    assert_ok(foray_array_reshape(&b, &a, 2, (size_t[]){10, 50}, &err), err);
    check_same_memory(pool, &b);
    slice(&b, 1, 3, FORAY_TO_END, 4);
    check_same_memory(pool, &b);
    assert_ok(foray_array_close(&a, &err), err);
}

static void test_32_views_of_files_in_fortran_order(void **state)
{
    const char *path = test_path("f.npy"), *flat = test_path("flat.npy");
    double *x = numbers(500);

    (void)state;
    write_fortran(path);
    write_npy(flat, "{'descr': '<f8', 'fortran_order': False, 'shape': (500,)}",
              68, x, 500 * sizeof *x);
    free(x);
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);

        check_fortran_views(pool, path, "r");
        check_fortran_views(pool, path, "r+");
        check_fortran_views(pool, path, "c");
        check_reshaped(pool, flat);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_33_views_of_four_axes(void **state)
{
    struct foray_array a, b;
    size_t shape[4] = {100, 15, 15, 3};

    (void)state;
    assert_ok(foray_array_create(&a, NULL, FORAY_F64, 4, shape, &err), err);
    for (size_t i = 0; i < foray_array_nitems(&a); i++)
        ((double *)a.data)[i] = (double)i;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);

        b = a;
        slice(&b, 0, 0, 10, 1);
        check_same_memory(pool, &b);
        b = a;
        slice(&b, 1, 5, 10, 1);
        check_same_memory(pool, &b);
        assert_ok(foray_array_index(&b, &a, 3, 0, &err), err);
        check_same_memory(pool, &b);
        b = a;
        slice(&b, 0, 1, 3, 4);
        check_same_memory(pool, &b);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_ok(foray_array_close(&a, &err), err);
}

static void test_34_offset_is_no_page(void **state)
{
    const char *path = test_path("odd.npy");
    double *x = numbers(3000);

    (void)state;
    write_npy(path,
              "{'descr': '<f8', 'fortran_order': False, 'shape': (3000,), }",
              4097, x, 3000 * sizeof *x);
    free(x);
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct foray_array a;
        struct mapping here;

        assert_ok(foray_array_open(&a, path, "r", &err), err);
        assert_int_equal(find_mapping(&here, a.data), 0);
        assert_int_equal(here.offset, 4097);
        check_same_memory(pool, &a);
        slice(&a, 0, 1, FORAY_TO_END, 2);
        check_same_memory(pool, &a);
        assert_ok(foray_array_close(&a, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_32_views_of_files_in_fortran_order),
        cmocka_unit_test(test_33_views_of_four_axes),
        cmocka_unit_test(test_34_offset_is_no_page),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
