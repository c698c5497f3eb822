#include "helpers.h"

#include <math.h>
#include <string.h>

#include <foray.h>

/* One of each type, side by side. */
struct elements {
    int64_t i64;
    uint64_t u64;
    double f64;
    int32_t i32;
    uint32_t u32;
    float f32;
    uint32_t arrived;
};

enum { WORKERS = 4, ROUNDS = 100000 };

/* Run `fn` in four tasks, each in a worker of its own, on shared elements. */
static void run(struct elements *elements, foray_task_fn fn)
{
    struct foray_config config = {.backend = "fork", .n_jobs = WORKERS};
    size_t n = sizeof *elements / 8;
    struct foray_array shared;
    struct foray_pool *pool;
    struct foray_error err;

    assert_ok(foray_array_create(&shared, NULL, FORAY_U64, 1, &n, &err), err);
    memcpy(shared.data, elements, sizeof *elements);
    assert_ok(foray_pool_open(&pool, &config, &err), err);
    assert_ok(foray_for(pool,
                        &(struct foray_for){
                            .fn = fn, .n = WORKERS, .whole = {&shared}},
                        NULL, &err),
              err);
    memcpy(elements, shared.data, sizeof *elements);
    assert_int_equal(foray_pool_close(pool), 0);
    assert_int_equal(foray_array_close(&shared, NULL), 0);
}

/* The elements, once all four tasks have come: they work at the same time. */
static struct elements *meet(struct foray_task *task)
{
    struct elements *e = foray_task_whole(task, 0)->data;
    uint32_t there;

    foray_atomic_add(&e->arrived, 1);
    do {
        there = WORKERS;
        if (foray_task_cancelled(task))
            break;
    } while (!foray_atomic_compare_exchange(&e->arrived, &there, WORKERS));
    return e;
}

static int add_one_each(struct foray_task *task)
{
    struct elements *e = meet(task);

    for (int i = 0; i < ROUNDS; i++) {
        foray_atomic_add(&e->i32, 1);
        foray_atomic_add(&e->i64, -1);
        foray_atomic_add(&e->u32, 1);
        foray_atomic_add(&e->u64, 1);
        foray_atomic_add(&e->f32, 1);
        foray_atomic_add(&e->f64, 0.5);
    }
    return 0;
}

static void test_no_addition_is_lost(void **state)
{
    struct elements e = {.u64 = (uint64_t)1 << 40, .f64 = 0.25};

    (void)state;
    run(&e, add_one_each);
    assert_int_equal(e.i32, WORKERS * ROUNDS);
    assert_int_equal(e.i64, -WORKERS * ROUNDS);
    assert_int_equal(e.u32, WORKERS * ROUNDS);
    assert_int_equal(e.u64, ((uint64_t)1 << 40) + WORKERS * ROUNDS);
    assert_true(e.f32 == WORKERS * ROUNDS);
    assert_true(e.f64 == 0.25 + WORKERS * ROUNDS / 2);
}

/* Every number below WORKERS * ROUNDS once, in no order. */
static int find_extremes(struct foray_task *task)
{
    struct elements *e = meet(task);
    int t = (int)foray_task_index(task);

    for (int i = 0; i < ROUNDS; i++) {
        int value = (i * 7919 % ROUNDS) * WORKERS + t;

        foray_atomic_max(&e->i32, value);
        foray_atomic_min(&e->i64, -value);
        foray_atomic_max(&e->u32, (uint32_t)value);
        foray_atomic_min(&e->u64, (uint64_t)value + 5);
        foray_atomic_max(&e->f32, (float)value);
        foray_atomic_min(&e->f64, -0.5 * value);
    }
    return 0;
}

static void test_extremes_of_all_workers(void **state)
{
    struct elements e = {.i32 = -1, .u64 = UINT64_MAX};
    int largest = WORKERS * ROUNDS - 1;

    (void)state;
    run(&e, find_extremes);
    assert_int_equal(e.i32, largest);
    assert_int_equal(e.i64, -largest);
    assert_int_equal(e.u32, largest);
    assert_int_equal(e.u64, 5);
    assert_true(e.f32 == (float)largest);
    assert_true(e.f64 == -0.5 * largest);
}

/* Additions that are made of compare_exchange: none is lost either. */
#define ADD_BY_EXCHANGE(at, type)                                              \
    do {                                                                       \
        type old = 0;                                                          \
                                                                               \
        while (!foray_atomic_compare_exchange(at, &old, (type)(old + 1)))      \
            ;                                                                  \
    } while (0)

static int exchange(struct foray_task *task)
{
    struct elements *e = meet(task);

    for (int i = 0; i < ROUNDS / 10; i++) {
        ADD_BY_EXCHANGE(&e->i32, int32_t);
        ADD_BY_EXCHANGE(&e->i64, int64_t);
        ADD_BY_EXCHANGE(&e->u32, uint32_t);
        ADD_BY_EXCHANGE(&e->u64, uint64_t);
        ADD_BY_EXCHANGE(&e->f32, float);
        ADD_BY_EXCHANGE(&e->f64, double);
    }
    return 0;
}

static void test_no_exchange_is_lost(void **state)
{
    enum { TOTAL = WORKERS * (ROUNDS / 10) };
    struct elements e = {0};

    (void)state;
    run(&e, exchange);
    assert_int_equal(e.i32, TOTAL);
    assert_int_equal(e.i64, TOTAL);
    assert_int_equal(e.u32, TOTAL);
    assert_int_equal(e.u64, TOTAL);
    assert_true(e.f32 == TOTAL);
    assert_true(e.f64 == TOTAL);
}

static void test_the_old_value_is_returned(void **state)
{
    struct elements e = {
        .i32 = 5, .u32 = 5, .i64 = 5, .u64 = 5, .f32 = 5, .f64 = 5};

    (void)state;
    assert_int_equal(foray_atomic_add(&e.i32, -6), 5);
    assert_int_equal(foray_atomic_min(&e.i32, 0), -1);
    assert_int_equal(foray_atomic_max(&e.i32, 2), -1);
    assert_int_equal(e.i32, 2);
    assert_int_equal(foray_atomic_add(&e.u32, UINT32_MAX), 5);
    assert_int_equal(foray_atomic_min(&e.u32, 9), 4);
    assert_int_equal(foray_atomic_max(&e.u32, UINT32_MAX), 4);
    assert_int_equal(e.u32, UINT32_MAX);
    assert_int_equal(foray_atomic_add(&e.i64, INT64_MAX), 5);
    assert_int_equal(foray_atomic_max(&e.i64, 0), INT64_MIN + 4);
    assert_int_equal(foray_atomic_min(&e.i64, INT64_MIN), 0);
    assert_int_equal(e.i64, INT64_MIN);
    assert_int_equal(foray_atomic_min(&e.u64, 7), 5);
    assert_int_equal(foray_atomic_max(&e.u64, UINT64_MAX), 5);
    assert_int_equal(foray_atomic_add(&e.u64, 1), UINT64_MAX);
    assert_int_equal(e.u64, 0);
    assert_true(foray_atomic_add(&e.f32, 0.5F) == 5);
    assert_true(foray_atomic_min(&e.f32, -2) == 5.5F);
    assert_true(foray_atomic_max(&e.f32, -3) == -2);
    assert_true(foray_atomic_add(&e.f64, 0.1) == 5);
    assert_true(foray_atomic_max(&e.f64, INFINITY) == 5 + 0.1);
    assert_true(foray_atomic_min(&e.f64, 1e300) == (double)INFINITY);
    assert_true(e.f64 == 1e300);
}

/* The result of both orders of a and b is `wanted`, to the sign of zero. */
static void assert_min_and_max(double a, double b, double least,
                               double greatest)
{
    for (int turned = 0; turned < 2; turned++) {
        double start = turned ? b : a, value = turned ? a : b;
        double low = start, high = start;
        float low32 = (float)start, high32 = (float)start;

        foray_atomic_min(&low, value);
        foray_atomic_max(&high, value);
        foray_atomic_min(&low32, (float)value);
        foray_atomic_max(&high32, (float)value);
        assert_memory_equal(&low, &least, sizeof low);
        assert_memory_equal(&high, &greatest, sizeof high);
        assert_memory_equal(&low32, &(float){(float)least}, sizeof low32);
        assert_memory_equal(&high32, &(float){(float)greatest}, sizeof high32);
    }
}

static void test_nan_wins_and_zero_has_a_sign(void **state)
{
    double nan = (double)NAN, infinity = (double)INFINITY;

    (void)state;
    assert_min_and_max(1, 2, 1, 2);
    assert_min_and_max(-0.0, 0.0, -0.0, 0.0);
    assert_min_and_max(-0.0, -1, -1, -0.0);
    assert_min_and_max(-infinity, infinity, -infinity, infinity);
    assert_min_and_max(nan, 1, nan, nan);
    assert_min_and_max(nan, infinity, nan, nan);
    assert_min_and_max(nan, -infinity, nan, nan);
    assert_min_and_max(nan, nan, nan, nan);
}

static void test_exchange_only_if_equal(void **state)
{
    int64_t whole = 3, expected = 4;
    double real = -0.0, old = 0.0;

    (void)state;
    assert_false(foray_atomic_compare_exchange(&whole, &expected, 9));
    assert_int_equal(whole, 3);
    assert_int_equal(expected, 3);
    assert_true(foray_atomic_compare_exchange(&whole, &expected, 9));
    assert_int_equal(whole, 9);
    assert_int_equal(expected, 3);

    /* Bits: -0 is not 0, a NaN is itself. */
    assert_false(foray_atomic_compare_exchange(&real, &old, 1));
    assert_true(signbit(old));
    assert_true(foray_atomic_compare_exchange(&real, &old, (double)NAN));
    old = real;
    assert_true(foray_atomic_compare_exchange(&real, &old, 2));
    assert_true(real == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_addition_is_lost),
        cmocka_unit_test(test_extremes_of_all_workers),
        cmocka_unit_test(test_no_exchange_is_lost),
        cmocka_unit_test(test_the_old_value_is_returned),
        cmocka_unit_test(test_nan_wins_and_zero_has_a_sign),
        cmocka_unit_test(test_exchange_only_if_equal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
