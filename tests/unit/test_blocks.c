/* Blocks along several axes, halo, broadcasting: against plain loops. */
#include "helpers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>

#include "outside.h"

static const char *const backends[] = {"fork", "serial", "outside", "elsewhere",
                                       "fork"};
enum { N_BACKENDS = 5, GUARDED = 4, MAX_DIM = 4, ROOM = 1 << 15 };

static struct foray_pool *pools[N_BACKENDS];

/* Memory for the arrays of a case: a segment's, or the program's own. */
static struct foray_array rooms[4];
static double private_rooms[4][ROOM];

static int open_all(void **state)
{
    size_t shape[1] = {ROOM};

    (void)state;
    register_outside();
    for (int b = 0; b < N_BACKENDS; b++)
        if (foray_pool_open(&pools[b],
                            &(struct foray_config){.backend = backends[b],
                                                   .guard = b == GUARDED,
                                                   .n_jobs = 2},
                            NULL))
            return -1;
    for (int k = 0; k < 4; k++)
        if (foray_array_create(&rooms[k], NULL, FORAY_F64, 1, shape, NULL))
            return -1;
    return 0;
}

static int close_all(void **state)
{
    int code = 0;

    (void)state;
    for (int b = 0; b < N_BACKENDS; b++)
        code |= foray_pool_close(pools[b]);
    for (int k = 0; k < 4; k++)
        code |= foray_array_close(&rooms[k], NULL);
    return code;
}

static uint64_t seed = 1;

static size_t below(size_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(seed >> 33) % n;
}

/* An array of that shape somewhere in room k: axes in any order, with gaps,
 * backwards. Elements are small integers, sums of them exact. */
static struct foray_array scattered(int k, int ndim, const size_t *shape)
{
    bool private = below(4) == 0;
    double *base = private ? private_rooms[k] : rooms[k].data;
    struct foray_array array = rooms[k];
    ptrdiff_t step = (ptrdiff_t)(sizeof(double) * (1 + below(2)));
    int order[MAX_DIM];

    for (size_t i = 0; i < ROOM; i++)
        base[i] = (double)below(100);
    array.data = base;
    array.segment = private ? NULL : rooms[k].segment;
    array.ndim = ndim;
    for (int axis = 0; axis < ndim; axis++) {
        int other = (int)below((size_t)axis + 1);

        order[axis] = order[other];
        order[other] = axis;
    }
    for (int i = 0; i < ndim; i++) {
        int axis = order[i];

        array.shape[axis] = shape[axis];
        array.strides[axis] = step;
        step *= (ptrdiff_t)shape[axis] + (ptrdiff_t)below(2);
        if (below(3) == 0 && shape[axis]) {
            array.data = (char *)array.data +
                         (ptrdiff_t)(shape[axis] - 1) * array.strides[axis];
            array.strides[axis] *= -1;
        }
    }
    return array;
}

static double *at(const struct foray_array *array, const size_t *index)
{
    return foray_array_address(array, index);
}

/* Go to the next index in C order; false behind the last. */
static bool next(size_t *index, int ndim, const size_t *shape)
{
    for (int axis = ndim - 1; axis >= 0; axis--) {
        if (++index[axis] < shape[axis])
            return true;
        index[axis] = 0;
    }
    return false;
}

static bool is_empty(int ndim, const size_t *shape)
{
    for (int axis = 0; axis < ndim; axis++)
        if (!shape[axis])
            return true;
    return false;
}

/* What each task does: a weighted sum of the neighbours of each element, and
 * an element of what is broadcast. */
struct stencil {
    int n_cuts;
    int axes[FORAY_MAX_CUTS];
    size_t halo[FORAY_MAX_CUTS];
};

/* Of the element at `center` of x. */
static double around(const struct foray_array *x, const size_t *center,
                     const struct stencil *stencil)
{
    size_t offset[FORAY_MAX_CUTS] = {0}, shape[FORAY_MAX_CUTS];
    double sum = 0, weight = 1;

    for (int c = 0; c < stencil->n_cuts; c++)
        shape[c] = 2 * stencil->halo[c] + 1;
    do {
        size_t index[MAX_DIM];
        bool inside = true;

        memcpy(index, center, sizeof index);
        for (int c = 0; c < stencil->n_cuts; c++) {
            size_t *i = &index[stencil->axes[c]];

            *i += offset[c] - stencil->halo[c]; /* wraps below 0 */
            inside = inside && *i < x->shape[stencil->axes[c]];
        }
        if (inside)
            sum += weight * *at(x, index);
        weight++;
    } while (next(offset, stencil->n_cuts, shape));
    return sum;
}

static int compute(struct foray_task *task)
{
    const struct stencil *stencil = foray_task_params(task);
    const struct foray_array *x = foray_task_in(task, 0);
    const struct foray_array *factor = foray_task_in(task, 1);
    const struct foray_array *count = foray_task_inout(task, 0);
    const struct foray_array *y = foray_task_out(task, 0);
    size_t index[MAX_DIM] = {0};

    for (int c = 0; c < stencil->n_cuts; c++) {
        struct foray_slice rows = foray_task_block(task, c);
        struct foray_halo halo = foray_task_halo(task, c);
        int axis = stencil->axes[c];

        if (rows.stop - rows.start != y->shape[axis] ||
            halo.before > stencil->halo[c] || halo.before > rows.start ||
            halo.before + y->shape[axis] + halo.after != x->shape[axis])
            return 2;
    }
    if (foray_task_block(task, 0).start != foray_task_slice(task).start ||
        foray_task_halo(task, stencil->n_cuts).before ||
        foray_task_block(task, -1).stop || factor->ndim != x->ndim ||
        memcmp(factor->shape, x->shape, (size_t)x->ndim * sizeof x->shape[0]))
        return 3;
    if (is_empty(y->ndim, y->shape))
        return 0;
    do {
        size_t center[MAX_DIM];

        memcpy(center, index, sizeof center);
        for (int c = 0; c < stencil->n_cuts; c++)
            center[stencil->axes[c]] += foray_task_halo(task, c).before;
        *at(y, index) = around(x, center, stencil) * *at(factor, center);
        *at(count, index) += 1;
    } while (next(index, y->ndim, y->shape));
    return 0;
}

struct example {
    struct foray_array x, factor, count, y;
    struct stencil stencil;
    struct foray_map map;
};

/* Lengths that broadcast to those of x: some 1, the first axes left out. */
static struct foray_array repeated(const struct foray_array *x)
{
    int lacking = (int)below((size_t)x->ndim + 1);
    size_t shape[MAX_DIM];

    for (int axis = lacking; axis < x->ndim; axis++)
        shape[axis - lacking] = below(2) ? 1 : x->shape[axis];
    return scattered(1, x->ndim - lacking, shape);
}

static void make_example(struct example *example)
{
    int ndim = 1 + (int)below(MAX_DIM), n = 1 + (int)below((size_t)ndim);
    struct stencil *stencil = &example->stencil;
    struct foray_blocks *blocks = &example->map.blocks;
    size_t shape[MAX_DIM];
    int order[MAX_DIM];

    memset(example, 0, sizeof *example);
    for (int axis = 0; axis < ndim; axis++) {
        int other = (int)below((size_t)axis + 1);

        shape[axis] = below(40) ? 1 + below(ndim < 3 ? 24 : 6) : 0;
        order[axis] = order[other];
        order[other] = axis;
    }
    example->x = scattered(0, ndim, shape);
    example->factor = repeated(&example->x);
    example->count = scattered(2, ndim, shape);
    example->y = scattered(3, ndim, shape);
    stencil->n_cuts = n;
    for (int c = 0; c < n; c++) {
        stencil->axes[c] = blocks->axes[c] = order[c];
        stencil->halo[c] = blocks->halo[c] = below(3) ? below(4) : 0;
        blocks->chunks[c] = below(3) ? 1 + below(9) : 0;
    }
    blocks->n_axes = n;
    blocks->broadcast = true;
    if (n == 1 && below(2)) { /* the simple way to say so */
        blocks->n_axes = 0;
        blocks->axes[0] = 0;
        example->map.axis = order[0];
        example->map.chunk = blocks->chunks[0];
    }
    example->map.fn = compute;
    example->map.in[0] = &example->x;
    example->map.in[1] = &example->factor;
    example->map.inout[0] = &example->count;
    example->map.out[0] = &example->y;
    example->map.params = stencil;
    example->map.params_size = sizeof *stencil;
}

/* The element that an array repeats at an index of x. */
static double factor_at(const struct foray_array *factor, int ndim,
                        const size_t *index)
{
    size_t own[MAX_DIM] = {0};

    for (int axis = 0; axis < factor->ndim; axis++)
        if (factor->shape[axis] > 1)
            own[axis] = index[axis + ndim - factor->ndim];
    return *at(factor, own);
}

static void check_example(const struct example *example,
                          const double *counts_before)
{
    const struct foray_array *x = &example->x;
    size_t index[MAX_DIM] = {0}, i = 0;

    if (is_empty(x->ndim, x->shape))
        return;
    do {
        double expected = around(x, index, &example->stencil) *
                          factor_at(&example->factor, x->ndim, index);

        if (*at(&example->y, index) != expected)
            fail_msg("element %zu is %g, not %g", i, *at(&example->y, index),
                     expected);
        assert_true(*at(&example->count, index) == counts_before[i] + 1);
        i++;
    } while (next(index, x->ndim, x->shape));
}

static void keep(double *out, const struct foray_array *array)
{
    size_t index[MAX_DIM] = {0};

    if (is_empty(array->ndim, array->shape))
        return;
    do
        *out++ = *at(array, index);
    while (next(index, array->ndim, array->shape));
}

static void test_blocks_as_plain_loops(void **state)
{
    static double counts[ROOM];

    (void)state;
    for (int i = 0; i < 2500; i++) {
        struct example example;
        struct foray_report report;
        struct foray_error err;
        size_t n_tasks;

        make_example(&example);
        keep(counts, &example.count);
        assert_ok(foray_map_tasks(&n_tasks, &example.map, &err), err);
        if (foray_map(pools[i % N_BACKENDS], &example.map, &report, &err))
            fail_msg("case %d, %s: %s", i, backends[i % N_BACKENDS], err.msg);
        assert_int_equal(report.tasks, n_tasks);
        check_example(&example, counts);
    }
}

static struct foray_array zeros(int k, size_t rows, size_t cols)
{
    size_t shape[2] = {rows, cols};
    struct foray_array array;
    struct foray_error err;

    (void)k;
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
    struct foray_array y = zeros(0, 5, 7);

    (void)state;
    for (int b = 0; b < N_BACKENDS; b++)
        for (int first = 0; first < 2; first++) {
            struct foray_map map = {.fn = number,
                                    .out = {&y},
                                    .blocks = {.n_axes = 2,
                                               .axes = {first, 1 - first},
                                               .chunks = {2, 2}}};
            size_t n = first ? 3 : 4;
            struct foray_error err;

            assert_ok(foray_map(pools[b], &map, NULL, &err), err);
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
    struct foray_array y = zeros(0, 6, 8);

    (void)state;
    for (int b = 0; b < N_BACKENDS; b++) {
        int crashes = strcmp(backends[b], "fork") == 0;
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

        assert_ok(foray_map(pools[b], &map, NULL, &err), err);
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
    struct foray_array y = zeros(0, 6, 8);

    (void)state;
    for (int b = 0; b < N_BACKENDS; b++) {
        struct foray_map map = {
            .fn = fail_once,
            .out = {&y},
            .blocks = {.n_axes = 2, .axes = {0, 1}, .chunks = {4, 3}}};
        struct foray_pool *pool;
        struct foray_report report;
        struct foray_error err;

        assert_ok(foray_pool_open(&pool,
                                  &(struct foray_config){.backend = backends[b],
                                                         .guard = b == GUARDED,
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
    struct foray_array y = zeros(0, 4, 8);
    struct foray_map map = {
        .fn = stray,
        .out = {&y},
        .blocks = {.n_axes = 2, .axes = {0, 1}, .chunks = {2, 4}}};
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_map(pools[GUARDED], &map, NULL, &err), FORAY_ETASK);
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

static void add(void *into, const void *from, const void *params)
{
    (void)params;
    *(double *)into += *(const double *)from;
}

static void test_reductions_over_blocks_are_the_same_everywhere(void **state)
{
    struct foray_array x = zeros(0, 300, 500);
    double sums[N_BACKENDS], plain = 0;

    (void)state;
    for (size_t i = 0; i < 300 * 500; i++) {
        ((double *)x.data)[i] = (double)below(1000);
        plain += 1 / (1 + ((double *)x.data)[i]);
    }
    for (int b = 0; b < N_BACKENDS; b++) {
        struct foray_reduce reduce = {
            .fn = sum_block,
            .in = {&x},
            .size = sizeof(double),
            .combine = add,
            .blocks = {.n_axes = 2, .axes = {0, 1}, .halo = {2, 0}}};
        struct foray_report report;
        struct foray_error err;

        assert_ok(foray_reduce(pools[b], &reduce, &sums[b], &report, &err),
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
    assert_int_equal(foray_map(pools[0], map, NULL, &err), code);
}

static void test_blocks_that_make_no_sense_are_refused(void **state)
{
    struct foray_array x = zeros(0, 6, 8), y = zeros(1, 6, 8), odd, half;
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
    assert_ok(foray_map(pools[0], &map, NULL, &err), err);

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
    struct foray_array x = zeros(0, 4096, 1000);
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
        cmocka_unit_test(test_blocks_as_plain_loops),
        cmocka_unit_test(test_blocks_are_numbered_in_the_order_of_axes),
        cmocka_unit_test(test_failed_blocks_are_blank),
        cmocka_unit_test(test_blocks_are_tried_again),
        cmocka_unit_test(test_guard_sees_stores_into_other_blocks),
        cmocka_unit_test(test_reductions_over_blocks_are_the_same_everywhere),
        cmocka_unit_test(test_blocks_that_make_no_sense_are_refused),
        cmocka_unit_test(test_chunks_depend_on_shape_and_dtype_only),
    };

    test_init();
    return cmocka_run_group_tests(tests, open_all, close_all);
}
