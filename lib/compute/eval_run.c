#include "compute/eval_run.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base/error.h"
#include "compute/eval_apply.h"
#include "compute/eval_module.h"
#include "compute/eval_reduce.h"
#include "compute/eval_task.h"
#include "compute/reduce.h"

_Static_assert((int)FORAY__EVAL_MAX_OPERANDS < (int)FORAY__MAX_ARGS,
               "a place for the arrays of a loop, and the run's own");

static void fill_lists(struct foray__map_arrays *arrays,
                       const struct foray__eval_loop *loop)
{
    for (int k = 0; k < loop->body.n_operands; k++) {
        const struct foray_array **list =
            loop->places[k] == FORAY__EVAL_IN      ? arrays->in
            : loop->places[k] == FORAY__EVAL_WHOLE ? arrays->whole
            : loop->places[k] == FORAY__EVAL_OUT   ? arrays->out
                                                   : NULL;

        if (list)
            list[loop->numbers[k]] = &loop->views[k];
    }
}

static void add_report(struct foray_report *into,
                       const struct foray_report *from)
{
    into->tasks += from->tasks;
    into->ok += from->ok;
    into->failed += from->failed;
    into->crashed += from->crashed;
    into->not_run += from->not_run;
    into->timed_out += from->timed_out;
    into->retried += from->retried;
    into->replaced += from->replaced;
    into->seconds += from->seconds;
    if (from->workers > into->workers)
        into->workers = from->workers;
    if (from->peak_bytes > into->peak_bytes)
        into->peak_bytes = from->peak_bytes;
}

static void add_counts(void *into, const void *from, const void *params)
{
    uint64_t *left = into;
    const uint64_t *right = from;

    (void)params;
    for (int k = 0; k < FORAY__EVAL_N_COUNTS; k++)
        left[k] += right[k];
}

static void combine(void *into, const void *from, const void *params)
{
    (void)params;
    foray__eval_partial_join(into, from);
}

static int run_map(struct foray_pool *pool, const struct foray__eval_loop *loop,
                   const void *order, size_t size, enum foray_on_error on_error,
                   struct foray_eval_report *report, struct foray_error *err)
{
    uint64_t counts[FORAY__EVAL_N_COUNTS];
    struct foray_reduce reduce = {.fn = foray__eval_compute_slice,
                                  .axis = loop->cut,
                                  .params = order,
                                  .params_size = size,
                                  .size = sizeof counts,
                                  .combine = add_counts,
                                  .on_error = on_error};
    struct foray__map_arrays arrays = {0};
    struct foray_report now = {0};

    fill_lists(&arrays, loop);
    FORAY_TRY(foray__reduce(pool, &reduce, &arrays, counts, &now, err));
    add_report(&report->run, &now);
    report->zero_divisions += counts[FORAY__EVAL_ZEROS];
    return 0;
}

static size_t size_of(const struct foray__eval_loop *loop)
{
    size_t n = 1;

    for (int axis = 0; axis < loop->ndim; axis++)
        n *= loop->shape[axis];
    return n;
}

static int check_elements(const struct foray__eval_loop *loop,
                          struct foray_error *err)
{
    if (size_of(loop) ||
        (loop->reduce != FORAY_EVAL_MIN && loop->reduce != FORAY_EVAL_MAX))
        return 0;
    return foray__fail(err, FORAY_ESHAPE,
                       "there is no %s: the expression has no elements",
                       loop->reduce == FORAY_EVAL_MIN ? "minimum" : "maximum");
}

static int run_reduce(struct foray_pool *pool,
                      const struct foray__eval_loop *loop, const void *order,
                      size_t size, const struct foray_array *output,
                      struct foray_eval_report *report, struct foray_error *err)
{
    const struct foray__eval_operand *operands = loop->body.operands;
    struct foray_reduce reduce = {.fn = foray__eval_reduce_slice,
                                  .axis = loop->cut,
                                  .params = order,
                                  .params_size = size,
                                  .size = sizeof(struct foray__eval_partial),
                                  .combine = combine,
                                  .on_error = FORAY_STOP};
    struct foray__eval_partial partial;
    struct foray_report now = {0};
    struct foray__map_arrays arrays = {0};
    struct foray_array nothing;
    char byte = 0;
    int node = operands[loop->body.n_operands - 1].node;

    FORAY_TRY(check_elements(loop, err));
    fill_lists(&arrays, loop);
    if (!loop->n_in) { /* numbers alone: one task, and something to cut */
        FORAY_TRY(
            foray_array_wrap(&nothing, &byte, FORAY_U8, 1, (size_t[]){1}, err));
        arrays.in[0] = &nothing;
    }
    FORAY_TRY(foray__reduce(pool, &reduce, &arrays, &partial, &now, err));
    add_report(&report->run, &now);
    report->zero_divisions += partial.counts[FORAY__EVAL_ZEROS];
    return foray__eval_partial_store(
        output, &partial, loop->reduce,
        foray__eval_dtype_of(&loop->body.tree->nodes[node]), size_of(loop),
        err);
}

int foray__eval_loop_run(struct foray_pool *pool,
                         const struct foray__eval_loop *loop, const char *path,
                         enum foray_on_error on_error,
                         const struct foray_array *const *outputs,
                         struct foray_eval_report *report,
                         struct foray_error *err)
{
    void *order;
    foray__eval_fn fn;
    void *module;
    size_t size;
    int code;

    /* Loaded here as long as the run takes: workers that are forked from here
     * have it, threads find it. */
    FORAY_TRY(foray__eval_module_load(&module, &fn, path, err));
    order = foray__eval_order_new(&size, loop, path);
    if (!order)
        code = foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    else if (loop->reduce)
        code = run_reduce(pool, loop, order, size, outputs[0], report, err);
    else
        code = run_map(pool, loop, order, size, on_error, report, err);
    free(order);
    dlclose(module);
    return code;
}
