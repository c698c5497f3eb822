#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "compute/arguments.h"
#include "compute/chunk.h"
#include "compute/map.h"
#include "engine/checks.h"
#include "engine/pool_once.h"

/* A run of foray_map or foray_for once their structs are read. */
struct plan {
    struct foray__arguments arguments;
    struct foray__run run;
};

static int check_common(const struct foray__run *run, struct foray_error *err)
{
    if (!run->fn)
        return foray__fail(err, FORAY_EINVAL,
                           "the run has no function: set .fn");
    if (run->params_size > FORAY__MAX_PARAMS)
        return foray__fail(err, FORAY_EINVAL,
                           "params_size is %zu: at most %d bytes, pass more as "
                           "an array in `whole`",
                           run->params_size, FORAY__MAX_PARAMS);
    if (run->params_size && !run->params)
        return foray__fail(err, FORAY_EINVAL,
                           "params is NULL, but params_size is %zu",
                           run->params_size);
    return foray__check_on_error(run->on_error, err);
}

/* Tasks are the slices of the arrays that are cut. */
static int plan_slices(struct plan *plan, const struct foray_map *map,
                       struct foray_error *err)
{
    struct foray__arguments *arguments = &plan->arguments;
    struct foray__run *run = &plan->run;
    int n_cut = arguments->first[FORAY__WHOLE];

    if (!n_cut)
        return foray__fail(err, FORAY_EINVAL,
                           "the run has no array to cut: set .in, .inout or "
                           ".out, or use foray_for");
    FORAY_TRY(foray__arguments_check(arguments, map->axis, err));
    run->axis = map->axis;
    run->n_rows = arguments->arrays[0]->shape[map->axis];
    run->chunk = map->chunk
                     ? map->chunk
                     : foray__chunk_rows(arguments->arrays, n_cut, map->axis);
    run->n_tasks = run->n_rows / run->chunk + (run->n_rows % run->chunk != 0);
    return 0;
}

/* Tasks are the indices below `n`; no array is cut. */
static int plan_indices(struct plan *plan, size_t n, struct foray_error *err)
{
    FORAY_TRY(foray__arguments_check(&plan->arguments, 0, err));
    plan->run.n_rows = plan->run.n_tasks = n;
    plan->run.chunk = 1;
    return 0;
}

static int fill_plan(struct plan *plan, const struct foray_map *map,
                     const size_t *n_indices, struct foray_error *err)
{
    struct foray__run *run = &plan->run;

    foray__arguments_add(&plan->arguments, FORAY__IN, map->in);
    foray__arguments_add(&plan->arguments, FORAY__INOUT, map->inout);
    foray__arguments_add(&plan->arguments, FORAY__OUT, map->out);
    foray__arguments_add(&plan->arguments, FORAY__WHOLE, map->whole);
    FORAY_TRY(n_indices ? plan_indices(plan, *n_indices, err)
                        : plan_slices(plan, map, err));
    run->fn = map->fn;
    run->params = map->params;
    run->params_size = map->params_size;
    run->on_error = map->on_error;
    run->status = map->status;
    run->failed = map->failed;
    run->failed_arg = map->failed_arg;
    return check_common(run, err);
}

/* `n_indices`: NULL for a run over slices. Owner: the caller, free(). */
static int new_plan(struct plan **out, const struct foray_map *map,
                    const size_t *n_indices, struct foray_error *err)
{
    int code;

    *out = calloc(1, sizeof **out);
    if (!*out)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    code = fill_plan(*out, map, n_indices, err);
    if (code)
        free(*out);
    return code;
}

/* What a try left in `inout` would be what the next one begins with. */
static int check_retries(const struct foray_pool *pool, const struct plan *plan,
                         bool repeatable, struct foray_error *err)
{
    const int *first = plan->arguments.first;

    if (!pool->config.retries || repeatable ||
        first[FORAY__INOUT] == first[FORAY__INOUT + 1])
        return 0;
    return foray__fail(err, FORAY_EINVAL,
                       "the pool has %d retries, and a task that is tried "
                       "again would find its `inout` slice half done: set "
                       ".repeatable if that does no harm, or retries to "
                       "FORAY_NO_RETRIES",
                       pool->config.retries);
}

static int execute(struct foray_pool *pool, struct plan *plan,
                   struct foray_report *report, struct foray_error *err)
{
    int code, late;

    code = foray__arguments_open(&plan->arguments, &plan->run,
                                 pool->backend->private_arrays, pool->inherits,
                                 pool->config.temp_folder, err);
    if (code) {
        foray__arguments_close(&plan->arguments, false, NULL);
        return code;
    }
    code = foray__run_execute(pool, &plan->run, report, err);
    late = foray__arguments_close(&plan->arguments, true, code ? NULL : err);
    return code ? code : late;
}

static int plan_and_execute(struct foray_pool *pool,
                            const struct foray_map *map,
                            const size_t *n_indices, bool partials,
                            struct foray_report *report,
                            struct foray_error *err)
{
    struct foray_pool *used;
    struct plan *plan;
    int code;

    FORAY_TRY(new_plan(&plan, map, n_indices, err));
    plan->run.partials = partials;
    code = foray__pool_for_run(&used, pool, plan->run.n_tasks, err);
    if (!code) {
        code = check_retries(used, plan, map->repeatable, err);
        if (!code)
            code = execute(used, plan, report, err);
        foray__pool_after_run(used, pool);
    }
    free(plan);
    return code;
}

int foray__map_partials(struct foray_pool *pool, const struct foray_map *map,
                        struct foray_report *report, struct foray_error *err)
{
    return plan_and_execute(pool, map, NULL, true, report, err);
}

int foray_map(struct foray_pool *pool, const struct foray_map *map,
              struct foray_report *report, struct foray_error *err)
{
    return plan_and_execute(pool, map, NULL, false, report, err);
}

int foray_map_tasks(size_t *out, const struct foray_map *map,
                    struct foray_error *err)
{
    struct plan *plan;

    FORAY_TRY(new_plan(&plan, map, NULL, err));
    *out = plan->run.n_tasks;
    free(plan);
    return 0;
}

int foray_for(struct foray_pool *pool, const struct foray_for *loop,
              struct foray_report *report, struct foray_error *err)
{
    struct foray_map map = {
        .fn = loop->fn,
        .params = loop->params,
        .params_size = loop->params_size,
        .on_error = loop->on_error,
        .status = loop->status,
        .failed = loop->failed,
        .failed_arg = loop->failed_arg,
    };

    memcpy(map.whole, loop->whole, sizeof map.whole);
    return plan_and_execute(pool, &map, &loop->n, false, report, err);
}
