/* Expressions: their outputs are computed by one loop for each shape. */
#include <foray/eval.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "compute/eval_apply.h"
#include "compute/eval_loop.h"
#include "compute/eval_module.h"
#include "compute/eval_parse.h"
#include "compute/eval_reduce.h"
#include "compute/eval_run.h"

/* A parsed text and the nodes whose values are wanted. */
struct wanted {
    struct foray__eval_tree *tree;
    int n, nodes[FORAY_MAX_ARRAYS];
    char names[FORAY_MAX_ARRAYS][FORAY__EVAL_MAX_NAME + 1];
};

static int check_reduce(const struct wanted *wanted,
                        const struct foray_eval *eval, struct foray_error *err)
{
    if (eval->reduce < FORAY_EVAL_ELEMENTS || eval->reduce > FORAY_EVAL_MAX)
        return foray__fail(err, FORAY_EINVAL, "there is no reduction %d",
                           (int)eval->reduce);
    for (int k = 0; k < wanted->n; k++) {
        enum foray_dtype dtype =
            foray__eval_dtype_of(&wanted->tree->nodes[wanted->nodes[k]]);

        if (foray__eval_result(dtype, eval->reduce) == FORAY_OPAQUE)
            return foray__fail(err, FORAY_EDTYPE,
                               "complex numbers have no minimum and no "
                               "maximum: take that of abs() or real()");
    }
    return 0;
}

static int find_wanted(struct wanted *wanted, const struct foray_eval *eval,
                       struct foray_error *err)
{
    for (int k = 0; k < FORAY_MAX_ARRAYS && eval->out[k]; k++) {
        FORAY_TRY(foray__eval_find(&wanted->nodes[k], wanted->tree,
                                   eval->out[k], err));
        snprintf(wanted->names[k], sizeof wanted->names[k], "%s", eval->out[k]);
        wanted->n = k + 1;
    }
    if (!wanted->n) {
        wanted->n = 1;
        FORAY_TRY(foray__eval_find(&wanted->nodes[0], wanted->tree, NULL, err));
        strcpy(wanted->names[0], wanted->tree->last_name);
    }
    return check_reduce(wanted, eval, err);
}

/* Owner: the caller, foray__eval_tree_free(wanted->tree). */
static int parse(struct wanted *wanted, const struct foray_eval *eval,
                 struct foray_error *err)
{
    int code;

    memset(wanted, 0, sizeof *wanted);
    FORAY_TRY(foray__eval_parse(&wanted->tree, eval, err));
    code = find_wanted(wanted, eval, err);
    if (code)
        foray__eval_tree_free(wanted->tree);
    return code;
}

static int plan_output(struct foray_eval_output *out, size_t *n_elements,
                       const struct wanted *wanted, int k,
                       enum foray_eval_reduce reduce, struct foray_error *err)
{
    const struct foray__eval_node *node =
        &wanted->tree->nodes[wanted->nodes[k]];
    size_t nbytes;

    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "%s", wanted->names[k]);
    out->dtype = foray__eval_result(foray__eval_dtype_of(node), reduce);
    if (!foray__shape_nbytes(&nbytes, 16, node->ndim, node->shape))
        return foray__fail(err, FORAY_ERANGE,
                           "the result has more elements than memory can hold");
    *n_elements += nbytes / 16;
    if (reduce)
        return 0;
    out->ndim = node->ndim;
    memcpy(out->shape, node->shape, (size_t)node->ndim * sizeof *out->shape);
    out->fortran_order =
        foray__eval_in_fortran_order(wanted->tree, &wanted->nodes[k], 1);
    return 0;
}

int foray_eval_plan(struct foray_eval_plan *out, const struct foray_eval *eval,
                    struct foray_error *err)
{
    struct wanted wanted;
    int code = 0;

    memset(out, 0, sizeof *out);
    FORAY_TRY(parse(&wanted, eval, err));
    out->n = wanted.n;
    for (int k = 0; k < wanted.n && !code; k++)
        code = plan_output(&out->out[k], &out->n_elements, &wanted, k,
                           eval->reduce, err);
    foray__eval_tree_free(wanted.tree);
    return code;
}

static bool same_shape(const struct foray__eval_node *a,
                       const struct foray__eval_node *b)
{
    return a->ndim == b->ndim &&
           !memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof *a->shape);
}

/* What the loops are made for. */
struct job {
    struct foray_pool *pool;
    enum foray_on_error on_error;
    const struct foray_array *const *outputs; /* NULL: only compile */
    struct foray_eval_report *report;
};

static int do_loop(const struct job *job, const struct foray__eval_loop *loop,
                   const struct foray_array *const *outputs,
                   struct foray_error *err)
{
    struct foray__module module;
    char *source;
    int code;

    FORAY_TRY(foray__eval_loop_code(&source, loop, err));
    code = foray__eval_module_make(&module, source, err);
    free(source);
    if (code)
        return code;
    if (job->outputs)
        code = foray__eval_loop_run(job->pool, loop, module.path, job->on_error,
                                    outputs, job->report, err);
    foray__module_release(&module);
    return code;
}

/* The loop of output `first` and of those behind it that have its shape; a
 * reduction has one of its own. `done` is marked. */
static int do_shape(const struct job *job, const struct wanted *wanted,
                    int first, enum foray_eval_reduce reduce, bool *done,
                    struct foray__eval_loop *loop, struct foray_error *err)
{
    const struct foray__eval_node *nodes = wanted->tree->nodes;
    const struct foray_array *outputs[FORAY_MAX_ARRAYS];
    int chosen[FORAY_MAX_ARRAYS], n = 0;

    for (int k = first; k < wanted->n; k++) {
        if (done[k] || (reduce && n) ||
            !same_shape(&nodes[wanted->nodes[first]], &nodes[wanted->nodes[k]]))
            continue;
        done[k] = true;
        outputs[n] = job->outputs ? job->outputs[k] : NULL;
        chosen[n++] = wanted->nodes[k];
    }
    FORAY_TRY(foray__eval_loop_plan(loop, wanted->tree, chosen, n,
                                    job->outputs ? outputs : NULL, reduce,
                                    err));
    return do_loop(job, loop, outputs, err);
}

static int do_all(const struct job *job, const struct wanted *wanted,
                  enum foray_eval_reduce reduce, struct foray_error *err)
{
    struct foray__eval_loop *loop = malloc(sizeof *loop);
    bool done[FORAY_MAX_ARRAYS] = {false};
    int code = 0;

    if (!loop)
        return foray__fail(err, FORAY_ENOMEM, "no memory for an expression");
    for (int k = 0; k < wanted->n && !code; k++)
        if (!done[k])
            code = do_shape(job, wanted, k, reduce, done, loop, err);
    free(loop);
    return code;
}

int foray_eval_compile(const struct foray_eval *eval, struct foray_error *err)
{
    struct wanted wanted;
    struct job job = {0};
    int code;

    FORAY_TRY(parse(&wanted, eval, err));
    code = do_all(&job, &wanted, eval->reduce, err);
    foray__eval_tree_free(wanted.tree);
    return code;
}

static int check_outputs(const struct foray_eval_plan *plan,
                         const struct foray_array *const *outputs,
                         struct foray_error *err)
{
    for (int k = 0; k < plan->n; k++) {
        const struct foray_eval_output *out = &plan->out[k];

        FORAY_TRY(foray_array_require(outputs[k], out->dtype, out->ndim,
                                      FORAY_ANY_ORDER, err));
        if (memcmp(outputs[k]->shape, out->shape,
                   (size_t)out->ndim * sizeof *out->shape) != 0)
            return foray__fail(err, FORAY_ESHAPE,
                               "output %d has another shape than the "
                               "expression's value",
                               k);
    }
    return 0;
}

int foray_eval(struct foray_pool *pool, const struct foray_eval *eval,
               const struct foray_array *const *outputs,
               struct foray_eval_report *report, struct foray_error *err)
{
    struct foray_eval_report unseen = {0}, *told = report ? report : &unseen;
    struct foray_eval_plan plan;
    struct job job = {pool, eval->on_error, outputs, told};
    struct wanted wanted;
    int code;

    memset(told, 0, sizeof *told);
    FORAY_TRY(foray_eval_plan(&plan, eval, err));
    FORAY_TRY(check_outputs(&plan, outputs, err));
    FORAY_TRY(parse(&wanted, eval, err));
    code = do_all(&job, &wanted, eval->reduce, err);
    foray__eval_tree_free(wanted.tree);
    return code;
}
