/* The backend threads: what tasks get is where it was, what they return is
 * handed over. */
#include "helpers.h"

#include <stdlib.h>

#include <foray.h>

#include "threads.h"

static int add_rows(struct foray_task *task)
{
    const struct foray_array *in = foray_task_in(task, 0);
    const struct foray_array *out = foray_task_inout(task, 0);
    const struct foray_array *where = foray_task_whole(task, 0);

    for (size_t i = 0; i < out->shape[0]; i++)
        FORAY_AT(out, double, i) += FORAY_AT(in, double, i);
    FORAY_AT(where, uintptr_t, foray_task_index(task)) = (uintptr_t)out->data;
    return 0;
}

static void test_private_memory_is_where_it_was(void **state)
{
    enum { N = 1000, CHUNK = 10 };
    static double a[N], b[N];
    static uint64_t addresses[N / CHUNK];
    struct foray_pool *pool = open_threads(3, NULL);
    struct foray_array in, out, where;
    struct foray_error err;
    struct foray_map map = {.fn = add_rows,
                            .chunk = CHUNK,
                            .in = {&in},
                            .inout = {&out},
                            .whole = {&where}};

    (void)state;
    for (int i = 0; i < N; i++)
        a[i] = b[i] = i;
    assert_ok(foray_array_wrap(&in, a, FORAY_F64, 1, (size_t[]){N}, &err), err);
    assert_ok(foray_array_wrap(&out, b, FORAY_F64, 1, (size_t[]){N}, &err),
              err);
    assert_ok(foray_array_wrap(&where, addresses, FORAY_U64, 1,
                               (size_t[]){N / CHUNK}, &err),
              err);
    assert_ok(foray_map(pool, &map, NULL, &err), err);
    for (int i = 0; i < N; i++) {
        assert_true(b[i] == 2 * i);
        assert_true(addresses[i / CHUNK] == (uintptr_t)&b[i / CHUNK * CHUNK]);
    }
    assert_int_equal(foray_pool_close(pool), 0);
}

/* (array) -> where it is, its sum */
static int locate(struct foray_task *task)
{
    const struct foray_array *array = foray_task_array(task, 0);
    double sum = 0;

    for (size_t i = 0; i < array->shape[0]; i++)
        sum += FORAY_AT(array, double, i);
    return foray_return(task, (uint64_t)(uintptr_t)array->data, sum,
                        foray_task_bytes(task, 1).size, array);
}

/* A list's caller waits, so that tasks may read what it has; others copy. */
static void test_a_list_lends_private_memory(void **state)
{
    enum { N = 300000 };
    static double data[N];
    struct foray_pool *pool = open_threads(2, NULL);
    struct foray_call calls[100];
    struct foray_result results[100];
    struct foray_array whole, part;
    struct foray_future *future;
    struct foray_error err;

    (void)state;
    for (int i = 0; i < N; i++)
        data[i] = i;
    assert_ok(foray_array_wrap(&whole, data, FORAY_F64, 1, (size_t[]){N}, &err),
              err);
    assert_ok(foray_array_slice(&part, &whole, 0, 10, 0, -3, &err), err);
    for (int i = 0; i < 100; i++)
        calls[i] = foray_delayed(locate, i % 2 ? &whole : &part,
                                 FORAY_BYTES(data, sizeof data));
    assert_ok(foray_parallel(pool, calls, 100, results, &err), err);
    for (int i = 0; i < 100; i++) {
        const struct foray_array *array = i % 2 ? &whole : &part;
        const struct foray_array *copy = foray_result_array(&results[i], 3);

        assert_true(foray_result_u64(&results[i], 0) == (uintptr_t)array->data);
        assert_true(foray_result_f64(&results[i], 1) ==
                    (i % 2 ? (N - 1.0) * N / 2 : 10 + 7 + 4 + 1));
        assert_int_equal(foray_result_u64(&results[i], 2), sizeof data);
        assert_true(copy->data != array->data);
        assert_true(FORAY_AT(copy, double, 1) == FORAY_AT(array, double, 1));
    }
    foray_results_free(results, 100);
    assert_ok(foray_submit(&future, pool, &calls[1], &err), err);
    data[N - 1] = 0;
    assert_ok(foray_future_wait(future, -1, &results[0], &err), err);
    assert_true(foray_result_u64(&results[0], 0) != (uintptr_t)data);
    assert_true(foray_result_f64(&results[0], 1) == (N - 1.0) * N / 2);
    foray_result_free(&results[0]);
    foray_future_free(future);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* Each task of mode c begins with what is in the file. */
static int store(struct foray_task *task)
{
    const struct foray_array *array = foray_task_n_args(task)
                                          ? foray_task_array(task, 0)
                                          : foray_task_whole(task, 0);

    if (FORAY_AT(array, double, 3) != 3)
        return foray_task_fail(task, "another task's change");
    for (size_t k = 0; k < 8; k++)
        FORAY_AT(array, double, k) = -1;
    nap(200e-6);
    return 0;
}

static void test_mode_c_is_private_to_a_task(void **state)
{
    struct foray_pool *pool = open_threads(2, NULL);
    struct foray_call calls[50];
    struct foray_array array, copy;
    struct foray_error err;

    (void)state;
    assert_ok(
        foray_array_create(&array, NULL, FORAY_F64, 1, (size_t[]){8}, &err),
        err);
    for (size_t k = 0; k < 8; k++)
        FORAY_AT(&array, double, k) = (double)k;
    copy = array;
    copy.mode = FORAY_COPY;
    assert_ok(
        foray_for(pool,
                  &(struct foray_for){.fn = store, .n = 50, .whole = {&copy}},
                  NULL, &err),
        err);
    for (int i = 0; i < 50; i++)
        calls[i] = foray_delayed(store, &copy);
    assert_ok(foray_parallel(pool, calls, 50, NULL, &err), err);
    for (size_t k = 0; k < 8; k++)
        assert_true(FORAY_AT(&array, double, k) == (double)k);
    assert_int_equal(foray_array_close(&array, NULL), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

static struct foray_array kept; /* the program's */

/* (i) -> an array of its own, a view of it, one of the program's */
static int make_arrays(struct foray_task *task)
{
    struct foray_array own, part;
    struct foray_error err;

    if (foray_array_create(&own, NULL, FORAY_I64, 1, (size_t[]){100000},
                           &err) ||
        foray_array_slice(&part, &own, 0, 1, 100000, 1, &err))
        return foray_task_raise(task, &err);
    FORAY_AT(&own, int64_t, 5) = foray_task_i64(task, 0);
    return foray_return(task, &own, &part, &kept);
}

static void test_arrays_are_handed_over(void **state)
{
    enum { N = 60 };
    size_t n_mappings = count_foray_mappings();
    struct foray_pool *pool = open_threads(3, NULL);
    struct foray_call calls[N];
    struct foray_result results[N];
    struct foray_error err;

    (void)state;
    assert_ok(
        foray_array_create(&kept, NULL, FORAY_F64, 1, (size_t[]){4}, &err),
        err);
    FORAY_AT(&kept, double, 1) = 4.5;
    for (int i = 0; i < N; i++)
        calls[i] = foray_delayed(make_arrays, i);
    for (int round = 0; round < 3; round++) {
        assert_ok(foray_parallel(pool, calls, N, results, &err), err);
        for (int i = 0; i < N; i++) {
            const struct foray_array *own = foray_result_array(&results[i], 0);
            const struct foray_array *part = foray_result_array(&results[i], 1);
            const struct foray_array *copy = foray_result_array(&results[i], 2);

            assert_int_equal(FORAY_AT(own, int64_t, 5), i);
            assert_int_equal(FORAY_AT(part, int64_t, 4), i);
            assert_true((char *)own->data + 8 == (char *)part->data);
            assert_true(FORAY_AT(copy, double, 1) == 4.5);
            assert_true(copy->data != kept.data);
        }
        foray_results_free(results, N);
    }
    assert_true(FORAY_AT(&kept, double, 1) == 4.5);
    assert_int_equal(foray_array_close(&kept, NULL), 0);
    assert_int_equal(foray_pool_close(pool), 0);
    assert_int_equal(count_foray_mappings(), n_mappings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_private_memory_is_where_it_was),
        cmocka_unit_test(test_a_list_lends_private_memory),
        cmocka_unit_test(test_mode_c_is_private_to_a_task),
        cmocka_unit_test(test_arrays_are_handed_over),
    };

    unsetenv("FORAY_FORCE_BACKEND");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
