#include "compute/eval_walk.h"

#include <string.h>

static const ptrdiff_t no_strides[FORAY__EVAL_MAX_OPERANDS];

/* Whether the axis goes on where the one before it ends, for all operands. */
static bool continues(const struct foray__eval_walk *walk,
                      const ptrdiff_t *strides)
{
    int last = walk->ndim - 1;

    for (int k = 0; k < walk->n_operands; k++)
        if (strides[k] != walk->strides[last][k] * (ptrdiff_t)walk->shape[last])
            return false;
    return true;
}

void foray__eval_walk_axis(struct foray__eval_walk *walk, size_t length,
                           const ptrdiff_t *strides)
{
    if (walk->ndim && length == 1)
        return;
    if (walk->ndim && continues(walk, strides)) {
        walk->shape[walk->ndim - 1] *= length;
        return;
    }
    walk->shape[walk->ndim] = length;
    memcpy(walk->strides[walk->ndim], strides,
           (size_t)walk->n_operands * sizeof *strides);
    walk->ndim++;
}

size_t foray__eval_walk_size(const struct foray__eval_walk *walk)
{
    size_t n = 1;

    for (int d = 0; d < walk->ndim; d++)
        n *= walk->shape[d];
    return n;
}

static const ptrdiff_t *strides_of(const struct foray__eval_walk *walk, int d)
{
    return d < walk->ndim ? walk->strides[d] : no_strides;
}

/* The addresses of the first element of row `row`, as the axes behind the
 * inner one count. */
static void find_row(char **data, const struct foray__eval_walk *walk,
                     size_t row)
{
    memcpy(data, walk->data, (size_t)walk->n_operands * sizeof *data);
    for (int d = 1; d < walk->ndim; d++) {
        ptrdiff_t i = (ptrdiff_t)(row % walk->shape[d]);

        row /= walk->shape[d];
        for (int k = 0; k < walk->n_operands; k++)
            data[k] += i * walk->strides[d][k];
    }
}

void foray__eval_walk_all(struct foray__eval_walk *walk)
{
    char *data[FORAY__EVAL_MAX_OPERANDS];
    size_t n = foray__eval_walk_size(walk), m, n_rows;

    if (!n)
        return;
    n_rows = n / walk->shape[0];
    m = walk->ndim > 1 ? walk->shape[1] : 1;
    for (size_t row = 0; row < n_rows; row += m) {
        find_row(data, walk, row);
        walk->fn(data, walk->strides[0], strides_of(walk, 1), walk->shape[0], m,
                 walk->numbers, walk->counts);
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

void foray__eval_walk_block(struct foray__eval_walk *walk, size_t first,
                            size_t n, int block, size_t itemsize)
{
    size_t length = walk->shape[0], row = first / length, at = first % length;
    size_t axis = walk->ndim > 1 ? walk->shape[1] : 1;
    ptrdiff_t outer[FORAY__EVAL_MAX_OPERANDS];
    char *data[FORAY__EVAL_MAX_OPERANDS], *into = walk->data[block];

    memcpy(outer, strides_of(walk, 1), sizeof outer);
    outer[block] = (ptrdiff_t)(length * itemsize);
    while (n) {
        size_t taken = least(length - at, n), rows = 1;

        if (!at && n >= length)
            rows = least(n / length, axis - row % axis);
        find_row(data, walk, row);
        for (int k = 0; k < walk->n_operands; k++)
            data[k] += (ptrdiff_t)at * walk->strides[0][k];
        data[block] = into;
        walk->fn(data, walk->strides[0], outer, taken, rows, walk->numbers,
                 walk->counts);
        into += rows * taken * itemsize;
        n -= rows * taken;
        at = at + taken == length ? 0 : at + taken;
        row += at ? 0 : rows;
    }
}
