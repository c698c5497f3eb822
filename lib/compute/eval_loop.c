#include "compute/eval_loop.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "compute/eval_apply.h"
#include "compute/eval_promote.h"

/* An axis of fewer rows makes too few tasks. */
enum { MIN_ROWS = 64 };

enum foray_dtype foray__eval_reduced(enum foray_dtype dtype)
{
    switch (foray__eval_class_of(dtype)) {
    case FORAY__EVAL_OF_COMPLEX:
        return FORAY_C128;
    case FORAY__EVAL_OF_REALS:
        return FORAY_F64;
    case FORAY__EVAL_OF_BOOL:
        return FORAY_I64;
    default:
        return foray__eval_is_signed(dtype) ? FORAY_I64 : FORAY_U64;
    }
}

/* The nodes that the values of some nodes take. Owner: the caller, free(). */
static bool *find_needed(const struct foray__eval_tree *tree, const int *nodes,
                         int n)
{
    struct foray__eval_body body = {.tree = tree, .n_operands = n};
    bool *needed = calloc((size_t)tree->n_nodes + 1, sizeof *needed);

    for (int k = 0; k < n; k++)
        body.operands[k] =
            (struct foray__eval_operand){.input = -1, .node = nodes[k]};
    if (needed)
        foray__eval_needed(needed, &body);
    return needed;
}

static bool takes(const struct foray__eval_tree *tree, const bool *needed,
                  int input)
{
    for (int i = 0; i < tree->n_nodes; i++)
        if (needed[i] && tree->nodes[i].kind == FORAY__EVAL_ARRAY &&
            tree->nodes[i].input == input)
            return true;
    return false;
}

bool foray__eval_in_fortran_order(const struct foray__eval_tree *tree,
                                  const int *nodes, int n)
{
    const struct foray__eval_node *node = &tree->nodes[nodes[0]];
    bool *needed = find_needed(tree, nodes, n), found = false, all = true;

    for (int k = 0; needed && node->ndim > 1 && k < tree->n_in; k++) {
        const struct foray_array *array = tree->in[k].array;

        if (!array || array->ndim != node->ndim || !takes(tree, needed, k) ||
            memcmp(array->shape, node->shape,
                   (size_t)node->ndim * sizeof *node->shape) != 0)
            continue;
        found = true;
        all &= foray_array_is_contiguous(array, FORAY_F_ORDER) &&
               !foray_array_is_contiguous(array, FORAY_C_ORDER);
    }
    free(needed);
    return found && all;
}

/* Axes from the one that changes least to the inner one. */
static int axis_at(const struct foray__eval_loop *loop, int place)
{
    return loop->fortran_order ? loop->ndim - 1 - place : place;
}

/* The inner loop goes along the last axis that has more than one element, the
 * tasks are slices of the first that is long, or else of the longest. What is
 * reduced is cut by its shape alone. */
static void choose_axes(struct foray__eval_loop *loop)
{
    int longest = axis_at(loop, 0);

    loop->inner = axis_at(loop, loop->ndim - 1);
    for (int place = loop->ndim - 1; place >= 0; place--) {
        loop->inner = axis_at(loop, place);
        if (loop->shape[loop->inner] > 1)
            break;
    }
    for (int place = 0; place < loop->ndim; place++) {
        int axis = axis_at(loop, place);

        if (loop->shape[axis] > loop->shape[longest])
            longest = axis;
        if (loop->shape[axis] >= MIN_ROWS) {
            longest = axis;
            break;
        }
    }
    loop->cut = longest;
}

/* The array with the axes of the loop: those it lacks are 1 long. */
static struct foray_array view_of(const struct foray__eval_loop *loop,
                                  const struct foray_array *array)
{
    struct foray_array view = *array;
    int more = loop->ndim - array->ndim;

    view.ndim = loop->ndim;
    for (int axis = 0; axis < loop->ndim; axis++) {
        view.shape[axis] = axis < more ? 1 : array->shape[axis - more];
        view.strides[axis] = axis < more ? 0 : array->strides[axis - more];
    }
    return view;
}

static enum foray__eval_layout layout_of(const struct foray__eval_loop *loop,
                                         const struct foray_array *view,
                                         bool is_output)
{
    bool single = view->shape[loop->inner] == 1;

    if (single)
        return is_output ? FORAY__EVAL_DENSE : FORAY__EVAL_FIXED;
    return view->strides[loop->inner] == (ptrdiff_t)view->itemsize
               ? FORAY__EVAL_DENSE
               : FORAY__EVAL_STRIDED;
}

/* Inputs that are as long as the loop along the axis that is cut are cut; all
 * others are there whole. There is to be room for `n_outputs`. */
static int add_input(struct foray__eval_loop *loop, int input, int n_outputs,
                     struct foray_error *err)
{
    const struct foray_array *array = loop->body.tree->in[input].array;
    struct foray_array view = view_of(loop, array);
    int k = loop->body.n_operands;

    if (k + n_outputs == FORAY__EVAL_MAX_OPERANDS)
        return foray__fail(err, FORAY_ETOOLARGE,
                           "the expression takes too many arrays: at most %d, "
                           "outputs counted; compute it in parts",
                           FORAY__EVAL_MAX_OPERANDS);
    loop->body.n_operands++;

    loop->body.operands[k] =
        (struct foray__eval_operand){.input = input,
                                     .dtype = array->dtype,
                                     .swapped = array->swapped,
                                     .layout = layout_of(loop, &view, false)};
    loop->views[k] = view;
    if (view.shape[loop->cut] == loop->shape[loop->cut]) {
        loop->places[k] = FORAY__EVAL_IN;
        loop->numbers[k] = loop->n_in++;
    } else {
        loop->places[k] = FORAY__EVAL_WHOLE;
        loop->numbers[k] = loop->n_whole++;
    }
    return 0;
}

static void add_output(struct foray__eval_loop *loop, int node,
                       const struct foray_array *array)
{
    int k = loop->body.n_operands++;
    struct foray__eval_operand *operand = &loop->body.operands[k];

    *operand = (struct foray__eval_operand){
        .input = -1,
        .node = node,
        .dtype = foray__eval_dtype_of(&loop->body.tree->nodes[node]),
        .layout = FORAY__EVAL_DENSE};
    loop->places[k] = FORAY__EVAL_OUT;
    if (loop->reduce) {
        operand->dtype = foray__eval_reduced(operand->dtype);
        loop->places[k] = FORAY__EVAL_BLOCK;
    } else {
        loop->numbers[k] = loop->n_out++;
    }
    if (array && !loop->reduce) {
        loop->views[k] = view_of(loop, array);
        operand->layout = layout_of(loop, &loop->views[k], true);
    }
}

int foray__eval_loop_plan(struct foray__eval_loop *out,
                          const struct foray__eval_tree *tree, const int *nodes,
                          int n, const struct foray_array *const *outputs,
                          enum foray_eval_reduce reduce,
                          struct foray_error *err)
{
    const struct foray__eval_node *node = &tree->nodes[nodes[0]];
    bool *needed = find_needed(tree, nodes, n);
    int code = 0;

    if (!needed)
        return foray__fail(err, FORAY_ENOMEM, "no memory for an expression");
    memset(out, 0, sizeof *out);
    out->body.tree = tree;
    out->reduce = reduce;
    out->ndim = node->ndim ? node->ndim : 1;
    out->shape[0] = 1;
    memcpy(out->shape, node->shape, (size_t)node->ndim * sizeof *out->shape);
    out->fortran_order =
        !reduce && foray__eval_in_fortran_order(tree, nodes, n);
    choose_axes(out);
    for (int k = 0; k < tree->n_in && !code; k++)
        if (tree->in[k].array && takes(tree, needed, k))
            code = add_input(out, k, n, err);
    for (int k = 0; k < n && !code; k++)
        add_output(out, nodes[k], outputs ? outputs[k] : NULL);
    free(needed);
    return code;
}

int foray__eval_loop_code(char **out, const struct foray__eval_loop *loop,
                          struct foray_error *err)
{
    bool *needed = calloc((size_t)loop->body.tree->n_nodes + 1, sizeof *needed);

    *out = NULL;
    if (needed) {
        foray__eval_needed(needed, &loop->body);
        *out = foray__eval_code(&loop->body, needed);
    }
    free(needed);
    return *out ? 0
                : foray__fail(err, FORAY_ENOMEM, "no memory for an expression");
}
