#include "compute/eval_task.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <foray/reduce.h>

#include "base/error.h"
#include "compute/eval_module.h"
#include "compute/eval_reduce.h"
#include "compute/eval_walk.h"

/* What tasks are told: plain bytes. */
struct order {
    char module[4096];
    enum foray_eval_reduce reduce;
    enum foray_dtype number; /* of what is reduced */
    bool fortran_order;
    int ndim, inner, cut;
    size_t shape[FORAY_MAX_NDIM];
    int n_operands;
    struct {
        unsigned char place, number;
    } operands[FORAY__EVAL_MAX_OPERANDS];
    union foray__eval_number numbers[];
};

void *foray__eval_order_new(size_t *size, const struct foray__eval_loop *loop,
                            const char *path)
{
    size_t n_nodes = (size_t)loop->body.tree->n_nodes;
    struct order *order =
        calloc(1, sizeof *order + n_nodes * sizeof *order->numbers);
    bool *needed = calloc(n_nodes + 1, sizeof *needed);
    int n;

    if (!order || !needed) {
        free(order);
        free(needed);
        return NULL;
    }
    strcpy(order->module, path);
    order->reduce = loop->reduce;
    order->number = loop->body.operands[loop->body.n_operands - 1].dtype;
    order->fortran_order = loop->fortran_order;
    order->ndim = loop->ndim;
    order->inner = loop->inner;
    order->cut = loop->cut;
    memcpy(order->shape, loop->shape, sizeof order->shape);
    order->n_operands = loop->body.n_operands;
    for (int k = 0; k < order->n_operands; k++) {
        order->operands[k].place = (unsigned char)loop->places[k];
        order->operands[k].number = (unsigned char)loop->numbers[k];
    }
    foray__eval_needed(needed, &loop->body);
    n = foray__eval_numbers(order->numbers, &loop->body, needed);
    free(needed);
    *size = sizeof *order + (size_t)n * sizeof *order->numbers;
    return order;
}

static const struct foray_array *array_of(struct foray_task *task,
                                          const struct order *order, int k)
{
    int number = order->operands[k].number;

    switch (order->operands[k].place) {
    case FORAY__EVAL_IN:
        return foray_task_in(task, number);
    case FORAY__EVAL_WHOLE:
        return foray_task_whole(task, number);
    case FORAY__EVAL_OUT:
        return foray_task_out(task, number);
    default:
        return NULL;
    }
}

/* The task's place in each array, and the strides there. */
static void place(struct foray__eval_walk *walk, struct foray_task *task,
                  const struct order *order,
                  ptrdiff_t strides[FORAY_MAX_NDIM][FORAY__EVAL_MAX_OPERANDS])
{
    size_t start = foray_task_slice(task).start;

    walk->n_operands = order->n_operands;
    for (int k = 0; k < order->n_operands; k++) {
        const struct foray_array *array = array_of(task, order, k);

        for (int axis = 0; axis < order->ndim; axis++)
            strides[axis][k] =
                array && array->shape[axis] != 1 ? array->strides[axis] : 0;
        walk->data[k] = array ? array->data : NULL;
        if (order->operands[k].place == FORAY__EVAL_WHOLE)
            walk->data[k] += (ptrdiff_t)start * strides[order->cut][k];
    }
}

/* The axes in the order of the loops. A block has the strides that it would
 * have as an array of this shape: what can be gone through as one depends on
 * the inputs. */
static void begin(struct foray__eval_walk *walk, struct foray_task *task,
                  const struct order *order)
{
    ptrdiff_t strides[FORAY_MAX_NDIM][FORAY__EVAL_MAX_OPERANDS];
    struct foray_slice slice = foray_task_slice(task);
    size_t dense = foray_dtype_size(order->number);

    place(walk, task, order, strides);
    for (int i = -1; i < order->ndim; i++) {
        int axis = i < 0                  ? order->inner
                   : order->fortran_order ? i
                                          : order->ndim - 1 - i;
        size_t length =
            axis == order->cut ? slice.stop - slice.start : order->shape[axis];

        if (i >= 0 && axis == order->inner)
            continue;
        if (order->reduce)
            strides[axis][order->n_operands - 1] = (ptrdiff_t)dense;
        dense *= length;
        foray__eval_walk_axis(walk, length, strides[axis]);
    }
}

static int check_counts(struct foray_task *task, const uint64_t *counts)
{
    struct foray_error err;

    if (!counts[FORAY__EVAL_NEGATIVES])
        return 0;
    foray__fail(&err, FORAY_ERANGE,
                "an integer was to be raised to a negative power: make one "
                "side a float");
    return foray_task_raise(task, &err);
}

int foray__eval_compute_slice(struct foray_task *task)
{
    const struct order *order = foray_task_params(task);
    struct foray__eval_walk walk = {.numbers = order->numbers};
    struct foray_error err;
    void *module;

    if (foray__eval_module_enter(&module, &walk.fn, order->module, &err))
        return foray_task_raise(task, &err);
    begin(&walk, task, order);
    foray__eval_walk_all(&walk);
    foray__eval_module_leave(module);
    memcpy(foray_task_partial(task), walk.counts, sizeof walk.counts);
    return check_counts(task, walk.counts);
}

static int reduce_blocks(struct foray__eval_partial *partial,
                         struct foray__eval_walk *walk,
                         const struct order *order, struct foray_error *err)
{
    _Alignas(64) char block[FORAY__EVAL_BLOCK_ITEMS * 16];
    size_t itemsize = foray_dtype_size(order->number);
    size_t size = foray__eval_walk_size(walk), n;

    for (size_t first = 0; first < size; first += n) {
        n = size - first < FORAY__EVAL_BLOCK_ITEMS ? size - first
                                                   : FORAY__EVAL_BLOCK_ITEMS;
        walk->data[order->n_operands - 1] = block;
        foray__eval_walk_block(walk, first, n, order->n_operands - 1, itemsize);
        FORAY_TRY(foray__eval_partial_add(partial, order->reduce, order->number,
                                          block, n, err));
    }
    return 0;
}

int foray__eval_reduce_slice(struct foray_task *task)
{
    const struct order *order = foray_task_params(task);
    struct foray__eval_partial *partial = foray_task_partial(task);
    struct foray__eval_walk walk = {.numbers = order->numbers};
    struct foray_error err;
    void *module;
    int code;

    if (foray__eval_module_enter(&module, &walk.fn, order->module, &err))
        return foray_task_raise(task, &err);
    begin(&walk, task, order);
    code = reduce_blocks(partial, &walk, order, &err);
    foray__eval_module_leave(module);
    if (code)
        return foray_task_raise(task, &err);
    memcpy(partial->counts, walk.counts, sizeof partial->counts);
    return check_counts(task, walk.counts);
}
