/* Blocks along several axes: their order, failures, guards, refusals. */
#include "helpers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>

#include "block_pools.h"
#include "calls.h"

static struct foray_array zeros(size_t rows, size_t cols)
{
    size_t shape[2] = {rows, cols};
    struct foray_array array;
    struct foray_error err;

    assert_ok(foray_array_create(&array, NULL, FORAY_F64, 2, shape, &err), err);
    return array;
}

static int number(struct foray_task *task)
{
    const struct foray_array *y = foray_task_out(task, 0);

    for (size_t i = 0; i < y->shape[0]; i++)
        for (size_t j = 0; j < y->shape[1]; j++)
            FORAY_AT(y, double, i, j) = (double)foray_task_index(task);
    return 0;
}

static void test_blocks_are_numbered_in_the_order_of_axes(void **state)
{
    struct foray_array y = zeros(5, 7);

    (void)state;
    for (int b = 0; b < N_BLOCK_POOLS; b++)
        for (int first = 0; first < 2; first++) {
            struct foray_map map = {.fn = number,
                                    .out = {&y},
                                    .blocks = {.n_axes = 2,
                                               .axes = {first, 1 - first},
                                               .chunks = {2, 2}}};
            size_t n = first ? 3 : 4;
            struct foray_error err;

            assert_ok(foray_map(block_pools[b], &map, NULL, &err), err);
            for (size_t i = 0; i < 5; i++)
                for (size_t j = 0; j < 7; j++)
                    assert_true(FORAY_AT(&y, double, i, j) ==
                                (double)(first ? j / 2 * n + i / 2
                                               : i / 2 * n + j / 2));
        }
    assert_int_equal(foray_array_close(&y, NULL), 0);
}

/* Every third block fails, after it wrote, some by a crash. */
static int fail_some(struct foray_task *task)
{
    number(task);
    if (foray_task_index(task) % 3 == 0)
        return foray_task_fail(task, "no");
    if (foray_task_index(task) == 4 && *(const int *)foray_task_params(task))
        abort();
    return 0;
}

static void test_failed_blocks_are_blank(void **state)
{
    struct foray_array y = zeros(6, 8);

    (void)state;
    for (int b = 0; b < N_BLOCK_POOLS; b++) {
        int crashes = strcmp(block_backends[b], "fork") == 0;
        uint8_t status[12];
        struct foray_map map = {
            .fn = fail_some,
            .out = {&y},
            .on_error = FORAY_SKIP,
            .status = status,
            .params = &crashes,
            .params_size = sizeof crashes,
            .blocks = {.n_axes = 2, .axes = {0, 1}, .chunks = {2, 2}}};
        struct foray_error err;

        assert_ok(foray_map(block_pools[b], &map, NULL, &err), err);
        for (size_t i = 0; i < 6; i++)
            for (size_t j = 0; j < 8; j++) {
                size_t task = i / 2 * 4 + j / 2;
                double value = FORAY_AT(&y, double, i, j);

                if (task % 3 == 0 || (crashes && task == 4))
                    assert_true(isnan(value));
                else
                    assert_true(value == (double)task);
            }
        assert_int_equal(status[0], FORAY_TASK_FAILED);
        assert_int_equal(status[4],
                         crashes ? FORAY_TASK_CRASHED : FORAY_TASK_OK);
        assert_int_equal(status[11], FORAY_TASK_OK);
    }
    assert_int_equal(foray_array_close(&y, NULL), 0);
}

/* The first try leaves its block half done; the second must not see it. */
static int fail_once(struct foray_task *task)
{
    const struct foray_array *y = foray_task_out(task, 0);

    if (foray_task_attempt(task) > 1 && !isnan(FORAY_AT(y, double, 0, 1)))
        return 2;
    number(task);
    return foray_task_attempt(task) == 1;
}

static void test_blocks_are_tried_again(void **state)
{
    struct foray_array y = zeros(6, 8);

    (void)state;
    for (int b = 0; b < N_BLOCK_POOLS; b++) {
        struct foray_map map = {
            .fn = fail_once,
            .out = {&y},
            .blocks = {.n_axes = 2, .axes = {0, 1}, .chunks = {4, 3}}};
        struct foray_pool *pool;
        struct foray_report report;
        struct foray_error err;

        assert_ok(
            foray_pool_open(&pool,
                            &(struct foray_config){.backend = block_backends[b],
                                                   .guard = b == GUARDED_POOL,
                                                   .n_jobs = 2,
                                                   .retries = 1},
                            &err),
            err);
        assert_ok(foray_map(pool, &map, &report, &err), err);
        assert_int_equal(report.retried, 6);
        for (size_t i = 0; i < 6; i++)
            for (size_t j = 0; j < 8; j++)
                assert_true(FORAY_AT(&y, double, i, j) ==
                            (double)(i / 4 * 3 + j / 3));
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&y, NULL), 0);
}

/* A store into the block beside its own. */
static int stray(struct foray_task *task)
{
    const struct foray_array *y = foray_task_out(task, 0);

    number(task);
    if (foray_task_index(task) == 1)
        *((double *)y->data - 1) = 77;
    return 0;
}

static void test_guard_sees_stores_into_other_blocks(void **state)
{
    struct foray_array y = zeros(4, 8);
    struct foray_map map = {
        .fn = stray,
        .out = {&y},
        .blocks = {.n_axes = 2, .axes = {0, 1}, .chunks = {2, 4}}};
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_map(block_pools[GUARDED_POOL], &map, NULL, &err),
                     FORAY_ETASK);
    assert_non_null(strstr(err.msg, "task 1 stored outside of its slice "
                                    "[0, 2) x [4, 8)"));
    assert_int_equal(foray_array_close(&y, NULL), 0);
}

/* Position-weighted sums whose order of addition shows. */
static int sum_block(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    double *sum = foray_task_partial(task);
    size_t above = foray_task_halo(task, 0).before;
    struct foray_slice rows = foray_task_block(task, 0);

    for (size_t i = 0; i < rows.stop - rows.start; i++)
        for (size_t j = 0; j < x->shape[1]; j++)
            *sum += 1 / (1 + FORAY_AT(x, double, i + above, j));
    return 0;
}

static void test_reductions_over_blocks_are_the_same_everywhere(void **state)
{
    struct foray_array x = zeros(300, 500);
    double sums[N_BLOCK_POOLS], plain = 0;

    (void)state;
    for (size_t i = 0; i < 300 * 500; i++) {
        ((double *)x.data)[i] = (double)(i * 7919 % 1000);
        plain += 1 / (1 + ((double *)x.data)[i]);
    }
    for (int b = 0; b < N_BLOCK_POOLS; b++) {
        struct foray_reduce reduce = {
            .fn = sum_block,
            .in = {&x},
            .size = sizeof(double),
            .combine = combine_sum,
            .blocks = {.n_axes = 2, .axes = {0, 1}, .halo = {2, 0}}};
        struct foray_report report;
        struct foray_error err;

        assert_ok(
            foray_reduce(block_pools[b], &reduce, &sums[b], &report, &err),
            err);
        assert_true(report.tasks >= 64);
        assert_true(sums[b] == sums[0]);
    }
    assert_close(sums[0], plain, 1e-9 * plain);
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

static void assert_refused(const struct foray_map *map, int code,
                           const char *words)
{
    struct foray_error err;
    size_t n;

    assert_int_equal(foray_map_tasks(&n, map, &err), code);
    if (!strstr(err.msg, words))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, words);
    assert_int_equal(foray_map(block_pools[0], map, NULL, &err), code);
}

static void test_blocks_that_make_no_sense_are_refused(void **state)
{
    struct foray_array x = zeros(6, 8), y = zeros(6, 8), odd, half;
    struct foray_map map = {.fn = number, .in = {&x}, .out = {&y}};
    struct foray_error err;

    (void)state;
    map.blocks = (struct foray_blocks){.n_axes = 2, .axes = {1, 1}};
    assert_refused(&map, FORAY_EINVAL, "names axis 1 twice");
    map.blocks = (struct foray_blocks){.n_axes = 9};
    assert_refused(&map, FORAY_EINVAL, "n_axes is 9");
    map.blocks = (struct foray_blocks){.n_axes = 2, .axes = {0, 2}};
    assert_refused(&map, FORAY_ESHAPE, "cannot be cut along axis 2");
    map.blocks = (struct foray_blocks){.n_axes = 1};
    map.chunk = 3;
    assert_refused(&map, FORAY_EINVAL, "blocks.chunks alone");
    map.chunk = 0;

    map.in[0] = &y; /* its neighbours' rows are written */
    map.blocks = (struct foray_blocks){.halo = {1}};
    assert_refused(&map, FORAY_EOVERLAP, "in its halo");
    map.blocks = (struct foray_blocks){.n_axes = 2, .axes = {0, 1}};
    assert_ok(foray_map(block_pools[0], &map, NULL, &err), err);

    map.in[0] = &x;
    assert_ok(foray_array_slice(&half, &x, 1, 0, 4, 1, &err), err);
    map.in[1] = &half;
    assert_refused(&map, FORAY_ESHAPE, "in[1] is 4 long along axis 1");
    map.blocks.broadcast = true;
    assert_refused(&map, FORAY_ESHAPE, "in[1] cannot be broadcast");
    map.in[1] = NULL;

    assert_ok(foray_array_slice(&odd, &y, 0, 0, 1, 1, &err), err);
    map.in[0] = &odd; /* all tasks read it, the first ones write it */
    assert_refused(&map, FORAY_EOVERLAP, "what another one writes");
    map.in[0] = &x;
    map.out[1] = &odd; /* written arrays are not repeated */
    assert_refused(&map, FORAY_ESHAPE, "out[1] is 1 long along axis 0");
    assert_int_equal(foray_array_close(&x, NULL), 0);
    assert_int_equal(foray_array_close(&y, NULL), 0);
}

static void test_chunks_depend_on_shape_and_dtype_only(void **state)
{
    struct foray_array x = zeros(4096, 1000);
    struct foray_map map = {
        .fn = number, .out = {&x}, .blocks = {.n_axes = 2, .axes = {0, 1}}};
    struct foray_error err;
    size_t n, again;

    (void)state;
    /* 4096 x 1000 is halved to 256 x 500, below 1 MiB, and once more. */
    assert_ok(foray_map_tasks(&n, &map, &err), err);
    assert_int_equal(n, 64);
    map.blocks.halo[0] = 300; /* no chunk is smaller than its halo */
    assert_ok(foray_map_tasks(&again, &map, &err), err);
    assert_int_equal(again, 8 * 8);
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_numbered_in_the_order_of_axes),
        cmocka_unit_test(test_failed_blocks_are_blank),
        cmocka_unit_test(test_blocks_are_tried_again),
        cmocka_unit_test(test_guard_sees_stores_into_other_blocks),
        cmocka_unit_test(test_reductions_over_blocks_are_the_same_everywhere),
        cmocka_unit_test(test_blocks_that_make_no_sense_are_refused),
        cmocka_unit_test(test_chunks_depend_on_shape_and_dtype_only),
    };

    test_init();
    return cmocka_run_group_tests(tests, open_block_pools, close_block_pools);
}
