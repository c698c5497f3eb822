#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "compute/arguments.h"
#include "compute/chunk.h"
#include "compute/journalled.h"
#include "compute/map.h"
#include "engine/backend.h"
#include "engine/checks.h"
#include "engine/pool_once.h"

/* A run of foray_map or foray_for once their structs are read. */
struct plan {
    struct foray__arguments arguments;
    struct foray__run run;
    struct foray_blocks blocks; /* as the caller says, with all that is cut */
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

static int check_axes(const struct foray_blocks *blocks,
                      struct foray_error *err)
{
    for (int c = 0; c < blocks->n_axes; c++)
        for (int other = 0; other < c; other++)
            if (blocks->axes[c] == blocks->axes[other])
                return foray__fail(err, FORAY_EINVAL,
                                   "blocks.axes names axis %d twice: each is "
                                   "cut once",
                                   blocks->axes[c]);
    return 0;
}

/* The axes that a map is cut along: its `blocks`, or its one axis. */
static int name_axes(struct foray_blocks *blocks, const struct foray_map *map,
                     struct foray_error *err)
{
    *blocks = map->blocks;
    if (blocks->n_axes < 0 || blocks->n_axes > FORAY_MAX_CUTS)
        return foray__fail(err, FORAY_EINVAL,
                           "blocks.n_axes is %d: arrays are cut along 1 to %d "
                           "axes",
                           blocks->n_axes, FORAY_MAX_CUTS);
    if (blocks->n_axes && (map->axis || map->chunk))
        return foray__fail(err, FORAY_EINVAL,
                           "axis and chunk are of maps without blocks.n_axes: "
                           "set blocks.axes and blocks.chunks alone");
    if (blocks->n_axes)
        return check_axes(blocks, err);
    blocks->n_axes = 1;
    blocks->axes[0] = map->axis;
    if (map->chunk)
        blocks->chunks[0] = map->chunk;
    return 0;
}

/* Rows of a block along the cuts. */
static void choose_chunks(struct foray__cut *cuts,
                          const struct foray_blocks *blocks,
                          const struct foray_array *const *arrays, int n)
{
    for (int c = 0; c < blocks->n_axes; c++)
        cuts[c] = (struct foray__cut){
            .axis = blocks->axes[c],
            .length = arrays[0]->shape[blocks->axes[c]],
            .chunk = blocks->chunks[c],
            .halo = blocks->halo[c],
        };
    if (blocks->n_axes > 1) {
        foray__chunk_blocks(cuts, blocks->n_axes, arrays, n);
    } else if (!cuts[0].chunk) {
        cuts[0].chunk = foray__chunk_rows(arrays, n, cuts[0].axis);
        if (cuts[0].chunk < cuts[0].halo)
            cuts[0].chunk = cuts[0].halo;
    }
}

static int cut_blocks(struct foray__run *run, const struct foray_blocks *blocks,
                      const struct foray_array *const *arrays, int n,
                      struct foray_error *err)
{
    struct foray__cut cuts[FORAY_MAX_CUTS] = {{.chunk = 0}};

    choose_chunks(cuts, blocks, arrays, n);
    for (int c = 0; c < blocks->n_axes; c++)
        foray__grid_add(&run->grid, cuts[c].axis, cuts[c].length, cuts[c].chunk,
                        cuts[c].halo);
    if (!foray__grid_count(&run->n_tasks, &run->grid))
        return foray__fail(err, FORAY_ERANGE,
                           "the arrays have more blocks than can be counted: "
                           "set larger blocks.chunks");
    return 0;
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
    FORAY_TRY(name_axes(&plan->blocks, map, err));
    FORAY_TRY(foray__arguments_check(arguments, &plan->blocks, err));
    return cut_blocks(run, &plan->blocks, arguments->cut, n_cut, err);
}

/* Tasks are the indices below `n`; no array is cut. */
static int plan_indices(struct plan *plan, size_t n, struct foray_error *err)
{
    FORAY_TRY(foray__arguments_check(&plan->arguments, &plan->blocks, err));
    foray__grid_add(&plan->run.grid, 0, n, 1, 0);
    plan->run.n_tasks = n;
    return 0;
}

static void add_arrays(struct foray__arguments *to, const struct foray_map *map,
                       const struct foray__map_arrays *arrays)
{
    int most = arrays ? FORAY__MAX_ARGS : FORAY_MAX_ARRAYS;

    foray__arguments_add(to, FORAY__IN, arrays ? arrays->in : map->in, most);
    foray__arguments_add(to, FORAY__INOUT, map->inout, FORAY_MAX_ARRAYS);
    foray__arguments_add(to, FORAY__OUT, arrays ? arrays->out : map->out,
                         FORAY_MAX_ARRAYS);
    foray__arguments_add(to, FORAY__WHOLE, arrays ? arrays->whole : map->whole,
                         most);
}

static int fill_plan(struct plan *plan, const struct foray_map *map,
                     const struct foray__map_arrays *arrays,
                     const size_t *n_indices, struct foray_error *err)
{
    struct foray__run *run = &plan->run;

    add_arrays(&plan->arguments, map, arrays);
    FORAY_TRY(n_indices ? plan_indices(plan, *n_indices, err)
                        : plan_slices(plan, map, err));
    run->fn = map->fn;
    run->params = map->params;
    run->params_size = map->params_size;
    run->access = map->access;
    run->on_error = map->on_error;
    run->status = map->status;
    run->failed = map->failed;
    run->failed_arg = map->failed_arg;
    return check_common(run, err);
}

/* `arrays`: NULL for those of `map`; `n_indices`: NULL for a run over slices.
 * Owner: the caller, free(). */
static int new_plan(struct plan **out, const struct foray_map *map,
                    const struct foray__map_arrays *arrays,
                    const size_t *n_indices, struct foray_error *err)
{
    int code;

    *out = calloc(1, sizeof **out);
    if (!*out)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    code = fill_plan(*out, map, arrays, n_indices, err);
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

/* With a journal or without: behind foray__arguments_open. */
static int execute_open(struct foray_pool *pool, const struct foray_map *map,
                        struct plan *plan, struct foray_report *report,
                        struct foray_error *err)
{
    struct foray__journalled journalled;
    int code;

    if ((map->journal || map->done) && !pool->backend->shares_memory &&
        pool->backend->carrier)
        return foray__fail(err, FORAY_ENOTSUP,
                           "the workers of the backend \"%s\" have no memory "
                           "of this program: they cannot keep %s",
                           pool->backend->name,
                           map->journal ? "a journal" : "what is .done");
    FORAY_TRY(foray__journalled_open(&journalled, map, &plan->arguments,
                                     &plan->run, pool->config.temp_folder,
                                     err));
    code = foray__run_execute(pool, &plan->run, report, err);
    if (report)
        report->resumed = journalled.n_resumed;
    foray__journalled_close(&journalled, map, !code);
    return code;
}

static int execute(struct foray_pool *pool, const struct foray_map *map,
                   struct plan *plan, struct foray_report *report,
                   struct foray_error *err)
{
    int code, late;

    code = foray__arguments_open(&plan->arguments, &plan->run,
                                 pool->backend->private_arrays, pool->inherits,
                                 pool->config.temp_folder, err);
    if (code) {
        foray__arguments_close(&plan->arguments, false, NULL);
        return code;
    }
    code = execute_open(pool, map, plan, report, err);
    late = foray__arguments_close(&plan->arguments, true, code ? NULL : err);
    return code ? code : late;
}

static int plan_and_execute(struct foray_pool *pool,
                            const struct foray_map *map,
                            const struct foray__map_arrays *arrays,
                            const size_t *n_indices, bool partials,
                            struct foray_report *report,
                            struct foray_error *err)
{
    struct foray_pool *used;
    struct plan *plan;
    int code;

    FORAY_TRY(new_plan(&plan, map, arrays, n_indices, err));
    plan->run.partials = partials;
    code = foray__pool_for_run(&used, pool, plan->run.n_tasks, err);
    if (!code) {
        code = check_retries(used, plan, map->repeatable, err);
        if (!code)
            code = execute(used, map, plan, report, err);
        foray__pool_after_run(used, pool);
    }
    free(plan);
    return code;
}

int foray__map_partials(struct foray_pool *pool, const struct foray_map *map,
                        const struct foray__map_arrays *arrays,
                        struct foray_report *report, struct foray_error *err)
{
    return plan_and_execute(pool, map, arrays, NULL, true, report, err);
}

int foray_map(struct foray_pool *pool, const struct foray_map *map,
              struct foray_report *report, struct foray_error *err)
{
    return plan_and_execute(pool, map, NULL, NULL, false, report, err);
}

int foray_map_tasks(size_t *out, const struct foray_map *map,
                    struct foray_error *err)
{
    return foray__map_tasks(out, map, NULL, err);
}

int foray__map_tasks(size_t *out, const struct foray_map *map,
                     const struct foray__map_arrays *arrays,
                     struct foray_error *err)
{
    struct plan *plan;

    FORAY_TRY(new_plan(&plan, map, arrays, NULL, err));
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
        .access = loop->access,
        .on_error = loop->on_error,
        .status = loop->status,
        .failed = loop->failed,
        .failed_arg = loop->failed_arg,
        .done = loop->done,
    };

    memcpy(map.whole, loop->whole, sizeof map.whole);
    return plan_and_execute(pool, &map, NULL, &loop->n, false, report, err);
}
