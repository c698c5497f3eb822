#include "helpers.h"

#include <math.h>
#include <string.h>

#include <foray.h>

#include "outside.h"

/* data/random/NAME.npy; foray_array_close it. */
static void open_stored(struct foray_array *out, const char *name,
                        enum foray_dtype dtype, int ndim)
{
    struct foray_error err;

    assert_ok(
        foray_array_open(out, data_path("random/%s.npy", name), "r", &err),
        err);
    assert_ok(foray_array_require(out, dtype, ndim, FORAY_C_ORDER, &err), err);
}

/* The sequence of row k of the stored keys. */
static void begin(struct foray_rng *rng, const struct foray_array *keys,
                  size_t k)
{
    foray_rng_init(rng, FORAY_AT(keys, uint64_t, k, 0),
                   FORAY_AT(keys, uint64_t, k, 1));
}

static void test_numbers_are_those_of_numpy(void **state)
{
    struct foray_array keys, limits, raw, floats, integers;
    struct foray_rng rng;

    (void)state;
    open_stored(&keys, "keys", FORAY_U64, 2);
    open_stored(&limits, "limits", FORAY_U64, 1);
    open_stored(&raw, "raw", FORAY_U64, 2);
    open_stored(&floats, "floats", FORAY_F64, 2);
    open_stored(&integers, "integers", FORAY_U64, 2);
    for (size_t k = 0; k < keys.shape[0]; k++) {
        begin(&rng, &keys, k);
        for (size_t i = 0; i < raw.shape[1]; i++)
            assert_int_equal(foray_rng_u64(&rng),
                             FORAY_AT(&raw, uint64_t, k, i));
        begin(&rng, &keys, k);
        for (size_t i = 0; i < floats.shape[1]; i++)
            assert_true(foray_rng_f64(&rng) == FORAY_AT(&floats, double, k, i));
        begin(&rng, &keys, k);
        for (size_t i = 0; i < integers.shape[1]; i++)
            assert_int_equal(
                foray_rng_below(&rng, FORAY_AT(&limits, uint64_t, i)),
                FORAY_AT(&integers, uint64_t, k, i));
    }
    assert_int_equal(foray_array_close(&keys, NULL), 0);
    assert_int_equal(foray_array_close(&limits, NULL), 0);
    assert_int_equal(foray_array_close(&raw, NULL), 0);
    assert_int_equal(foray_array_close(&floats, NULL), 0);
    assert_int_equal(foray_array_close(&integers, NULL), 0);
}

/* What the authors of Philox publish for philox4x64 with 10 rounds; the counter
 * that precedes the block here is one less. */
static void test_known_answers(void **state)
{
    static const struct {
        uint64_t before[4], key[2], block[4];
    } answers[] = {
        {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
         {0, 0},
         {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b,
          0x7e68b68aec7ba23b}},
        {{UINT64_MAX - 1, UINT64_MAX, UINT64_MAX, UINT64_MAX},
         {UINT64_MAX, UINT64_MAX},
         {0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6,
          0xa09caebf594f0ba0}},
        {{0x243f6a8885a308d2, 0x13198a2e03707344, 0xa4093822299f31d0,
          0x082efa98ec4e6c89},
         {0x452821e638d01377, 0xbe5466cf34e90c6c},
         {0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5,
          0x57bd43b5e52b7fe6}},
    };

    (void)state;
    for (size_t k = 0; k < sizeof answers / sizeof answers[0]; k++) {
        struct foray_rng rng;

        foray_rng_init(&rng, answers[k].key[0], answers[k].key[1]);
        memcpy(rng.counter, answers[k].before, sizeof rng.counter);
        for (int i = 0; i < 4; i++)
            assert_int_equal(foray_rng_u64(&rng), answers[k].block[i]);
    }
}

static void test_advance_is_as_drawing(void **state)
{
    struct foray_rng drawn, skipped, twice;

    (void)state;
    for (int before = 0; before < 6; before++)
        for (unsigned n = 0; n < 20; n++) {
            foray_rng_init(&drawn, 5, 6);
            for (int i = 0; i < before; i++)
                foray_rng_u64(&drawn);
            skipped = drawn;
            foray_rng_advance(&skipped, n);
            for (unsigned i = 0; i < n; i++)
                foray_rng_u64(&drawn);
            for (int i = 0; i < 9; i++)
                assert_int_equal(foray_rng_u64(&skipped),
                                 foray_rng_u64(&drawn));
        }

    /* Far, and over the end of the counter's first word. */
    foray_rng_init(&skipped, 5, 6);
    twice = skipped;
    skipped.counter[0] = twice.counter[0] = UINT64_MAX - 10;
    foray_rng_advance(&skipped, UINT64_MAX);
    foray_rng_advance(&twice, UINT64_MAX / 2);
    foray_rng_advance(&twice, UINT64_MAX / 2);
    foray_rng_u64(&twice);
    assert_int_equal(skipped.counter[1], 1);
    assert_int_equal(foray_rng_u64(&skipped), foray_rng_u64(&twice));
}

static void test_below_is_even(void **state)
{
    enum { N = 60000 };
    static const uint64_t limits[] = {1, 2, 3, 6, 7, 10};
    struct foray_rng rng;

    (void)state;
    foray_rng_init(&rng, 1, 1);
    assert_int_equal(foray_rng_below(&rng, 0), 0);
    for (size_t k = 0; k < sizeof limits / sizeof limits[0]; k++) {
        uint64_t n = limits[k], counts[10] = {0};
        double expected = (double)N / (double)n;

        for (int i = 0; i < N; i++) {
            uint64_t drawn = foray_rng_below(&rng, n);

            assert_true(drawn < n);
            counts[drawn]++;
        }
        for (uint64_t i = 0; i < n; i++) /* five standard deviations */
            assert_close((double)counts[i], expected, 5 * sqrt(expected));
    }

    /* Without refusing some, multiples of 3 would come twice as often. */
    uint64_t n = (uint64_t)3 << 62, counts[3] = {0};

    for (int i = 0; i < N; i++)
        counts[foray_rng_below(&rng, n) % 3]++;
    for (int i = 0; i < 3; i++)
        assert_close((double)counts[i], N / 3.0, 5 * sqrt(N / 3.0));
}

/* Fixed bits: the method is part of the interface. */
static void test_normal_has_these_bits(void **state)
{
    static const double wanted[] = {
        -0x1.a07e74062e3fep+0, -0x1.48056f21cd5bdp-2, -0x1.e566afc6a11e3p-2,
        -0x1.3aa7aba4b8ee4p+0, 0x1.95bb6731f2b69p-4,  0x1.2dee36b0a27d5p+0};
    struct foray_rng rng;

    (void)state;
    foray_rng_init(&rng, 2026, 7);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        assert_true(foray_rng_normal(&rng) == wanted[i]);
}

static void test_normal_is_normal(void **state)
{
    enum { N = 1000000 };
    /* Of them below -3, -2 ... 3. */
    static const double share[] = {0.00134990, 0.02275013, 0.15865525, 0.5,
                                   0.84134475, 0.97724987, 0.99865010};
    double sum = 0, squares = 0, fourths = 0;
    size_t below[7] = {0};
    struct foray_rng rng;

    (void)state;
    foray_rng_init(&rng, 3, 4);
    for (int i = 0; i < N; i++) {
        double x = foray_rng_normal(&rng);

        sum += x;
        squares += x * x;
        fourths += x * x * x * x;
        for (int k = 0; k < 7; k++)
            below[k] += x < k - 3;
    }
    /* Five standard deviations: of x 1, of x^2 sqrt 2, of x^4 sqrt 96. */
    assert_close(sum / N, 0, 5e-3);
    assert_close(squares / N, 1, 5e-3 * sqrt(2));
    assert_close(fourths / N, 3, 5e-3 * sqrt(96));
    for (int k = 0; k < 7; k++)
        assert_close((double)below[k] / N, share[k],
                     5e-3 * sqrt(share[k] * (1 - share[k])));
}

enum { TASKS = 500, DRAWS = 11 };

static int draw_row(struct foray_task *task, const struct foray_array *rows,
                    size_t row)
{
    const uint64_t *seed = foray_task_params(task);
    size_t i = 0;
    struct foray_rng rng;

    foray_task_rng(&rng, task, *seed);
    for (; i < DRAWS - 1; i++)
        FORAY_AT(rows, double, row, i) = foray_rng_f64(&rng);
    FORAY_AT(rows, double, row, i) = foray_rng_normal(&rng);
    return 0;
}

static int draw_by_slice(struct foray_task *task)
{
    return draw_row(task, foray_task_out(task, 0), 0);
}

static int draw_by_index(struct foray_task *task)
{
    return draw_row(task, foray_task_whole(task, 0), foray_task_index(task));
}

static void run(const struct foray_array *rows, uint64_t seed, bool as_map,
                const struct foray_config *config)
{
    struct foray_map map = {.fn = draw_by_slice,
                            .out = {rows},
                            .chunk = 1,
                            .params = &seed,
                            .params_size = sizeof seed};
    struct foray_for loop = {.fn = draw_by_index,
                             .n = TASKS,
                             .whole = {rows},
                             .params = &seed,
                             .params_size = sizeof seed};
    struct foray_pool *pool;
    struct foray_error err;

    memset(rows->data, 0, foray_array_nbytes(rows));
    assert_ok(foray_pool_open(&pool, config, &err), err);
    if (as_map)
        assert_ok(foray_map(pool, &map, NULL, &err), err);
    else
        assert_ok(foray_for(pool, &loop, NULL, &err), err);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_any_workers_draw_the_same(void **state)
{
    static const struct foray_config configs[] = {
        {.backend = "serial"},
        {.backend = "fork", .n_jobs = 1},
        {.backend = "fork", .n_jobs = 2},
        {.backend = "fork", .n_jobs = 4},
        {.backend = "outside", .n_jobs = 3},
        {.backend = "elsewhere", .n_jobs = 3}, /* whose tasks share no array */
    };
    static double wanted[TASKS][DRAWS];
    size_t shape[2] = {TASKS, DRAWS};
    struct foray_array rows;
    struct foray_error err;
    struct foray_rng rng;

    (void)state;
    for (size_t i = 0; i < TASKS; i++) {
        foray_rng_init(&rng, 42, i);
        for (int k = 0; k < DRAWS - 1; k++)
            wanted[i][k] = foray_rng_f64(&rng);
        wanted[i][DRAWS - 1] = foray_rng_normal(&rng);
    }
    assert_ok(foray_array_create(&rows, NULL, FORAY_F64, 2, shape, &err), err);
    for (size_t k = 0; k < sizeof configs / sizeof configs[0]; k++)
        for (int as_map = 0; as_map < 2; as_map++) {
            run(&rows, 42, as_map || !strcmp(configs[k].backend, "elsewhere"),
                &configs[k]);
            assert_memory_equal(rows.data, wanted, sizeof wanted);
        }
    run(&rows, 43, false, &configs[0]);
    assert_memory_not_equal(rows.data, wanted, sizeof wanted[0]);
    assert_int_equal(foray_array_close(&rows, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_those_of_numpy),
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_advance_is_as_drawing),
        cmocka_unit_test(test_below_is_even),
        cmocka_unit_test(test_normal_has_these_bits),
        cmocka_unit_test(test_normal_is_normal),
        cmocka_unit_test(test_any_workers_draw_the_same),
    };

    register_outside();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
