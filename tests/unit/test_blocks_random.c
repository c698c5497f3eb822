/* Blocks along random axes, with random halos, of arrays that lie in memory in
 * any way: what tasks make of them against plain loops over the whole. */
#include "helpers.h"

#include <string.h>

#include <foray.h>

#include "block_pools.h"

enum { MAX_DIM = 4, ROOM = 1 << 15 };

/* Memory for the arrays of a case: a segment's, or the program's own. */
static struct foray_array rooms[4];
static double private_rooms[4][ROOM];

static int open_all(void **state)
{
    size_t shape[1] = {ROOM};

    if (open_block_pools(state))
        return -1;
    for (int k = 0; k < 4; k++)
        if (foray_array_create(&rooms[k], NULL, FORAY_F64, 1, shape, NULL))
            return -1;
    return 0;
}

static int close_all(void **state)
{
    int code = close_block_pools(state);

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
        if (foray_map(block_pools[i % N_BLOCK_POOLS], &example.map, &report,
                      &err))
            fail_msg("case %d, %s: %s", i, block_backends[i % N_BLOCK_POOLS],
                     err.msg);
        assert_int_equal(report.tasks, n_tasks);
        check_example(&example, counts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_as_plain_loops),
    };

    test_init();
    return cmocka_run_group_tests(tests, open_all, close_all);
}
