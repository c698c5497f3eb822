/* A foray_map with one array more: behind those of `whole`, an array of bytes
 * with a row for each task, its partial result, and a last one, what each of
 * them begins with. Rows are whole cache lines, so that no two tasks write the
 * same one. */
#include "compute/reduce.h"

#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "base/error.h"
#include "base/size.h"
#include "compute/map.h"
#include "engine/pool_once.h"
#include "engine/task_body.h"

enum { LINE = 64 };

/* What partials begin with: behind those of all tasks. */
static void *initial_of(const struct foray_array *partials)
{
    return foray_row(partials, partials->shape[0] - 1);
}

void *foray_task_partial(struct foray_task *task)
{
    void *partial = foray__task_partial(task);

    if (!partial)
        foray_task_fail(task,
                        "the task asked for its partial result, but the run "
                        "has none: use foray_reduce");
    return partial;
}

static int check(const struct foray_reduce *reduce, struct foray_error *err)
{
    if (!reduce->size)
        return foray__fail(err, FORAY_EINVAL,
                           "the reduction's results have no bytes: set .size");
    if (reduce->size > PTRDIFF_MAX)
        return foray__fail(err, FORAY_ERANGE,
                           "a result of %zu bytes is larger than memory can be",
                           reduce->size);
    if (!reduce->combine)
        return foray__fail(err, FORAY_EINVAL,
                           "the reduction cannot combine its results: set "
                           ".combine");
    return 0;
}

static void fill_map(struct foray_map *map, const struct foray_reduce *reduce)
{
    *map = (struct foray_map){
        .fn = reduce->fn,
        .axis = reduce->axis,
        .chunk = reduce->chunk,
        .blocks = reduce->blocks,
        .params = reduce->params,
        .params_size = reduce->params_size,
        .access = reduce->access,
        .on_error = reduce->on_error,
        .status = reduce->status,
        .failed = reduce->failed,
        .failed_arg = reduce->failed_arg,
    };
}

/* Give the run an array of partial results, each as a task is to find it. */
static int open_partials(struct foray_array *partials,
                         struct foray__map_arrays *arrays,
                         const struct foray_reduce *reduce, size_t n_tasks,
                         const char *folder, struct foray_error *err)
{
    struct foray_placement placement = {.folder = folder};
    size_t shape[2] = {n_tasks + 1, foray__round_up(reduce->size, LINE)};
    int k = 0;

    FORAY_TRY(foray_array_create_at(partials, NULL, FORAY_U8, 2, shape,
                                    &placement, err));
    for (size_t i = 0; reduce->initial && i < n_tasks; i++)
        memcpy(foray_row(partials, i), reduce->initial, reduce->size);
    if (reduce->initial)
        memcpy(initial_of(partials), reduce->initial, reduce->size);
    while (arrays->whole[k])
        k++;
    arrays->whole[k] = partials;
    return 0;
}

/* The tree of reduce.h from its leaves up: the node over `span` tasks from
 * task i on is kept in partial i. `status` says which nodes are not empty. */
static void combine_all(const struct foray_reduce *reduce,
                        const struct foray_array *partials, uint8_t *status,
                        size_t n_tasks)
{
    for (size_t half = 1; half < n_tasks; half *= 2)
        for (size_t i = 0; i + half < n_tasks; i += 2 * half) {
            void *into = foray_row(partials, i);
            const void *from = foray_row(partials, i + half);

            if (status[i + half] != FORAY_TASK_OK)
                continue;
            if (status[i] == FORAY_TASK_OK)
                reduce->combine(into, from, reduce->params);
            else
                memcpy(into, from, reduce->size);
            status[i] = FORAY_TASK_OK;
        }
}

static void finish(const struct foray_reduce *reduce, void *result,
                   const struct foray_array *partials, uint8_t *status,
                   size_t n_tasks)
{
    combine_all(reduce, partials, status, n_tasks);
    if (n_tasks && status[0] == FORAY_TASK_OK)
        memcpy(result, foray_row(partials, 0), reduce->size);
    else if (reduce->initial)
        memcpy(result, reduce->initial, reduce->size);
    else
        memset(result, 0, reduce->size);
}

/* The run over n tasks, and the tree that combines what they found. */
static int run_tasks(struct foray_pool *pool, const struct foray_reduce *reduce,
                     struct foray_map *map, struct foray__map_arrays *arrays,
                     size_t n_tasks, void *result, struct foray_report *report,
                     struct foray_error *err)
{
    struct foray_array partials = {0};
    uint8_t *status = calloc(n_tasks + 1, 1); /* ours: the tree writes to it */
    int code;

    if (!status)
        return foray__fail(err, FORAY_ENOMEM,
                           "no memory for the status of %zu tasks", n_tasks);
    code = open_partials(&partials, arrays, reduce, n_tasks,
                         pool->config.temp_folder, err);
    if (!code) {
        map->status = reduce->status ? reduce->status : status;
        code = foray__map_partials(pool, map, arrays, report, err);
    }
    if (!code) {
        if (reduce->status)
            memcpy(status, reduce->status, n_tasks);
        finish(reduce, result, &partials, status, n_tasks);
    }
    foray_array_close(&partials, NULL);
    free(status);
    return code;
}

int foray__reduce(struct foray_pool *pool, const struct foray_reduce *reduce,
                  const struct foray__map_arrays *arrays, void *result,
                  struct foray_report *report, struct foray_error *err)
{
    struct foray__map_arrays all = *arrays;
    struct foray_pool *used;
    struct foray_map map;
    size_t n_tasks;
    int code;

    FORAY_TRY(check(reduce, err));
    fill_map(&map, reduce);
    FORAY_TRY(foray__map_tasks(&n_tasks, &map, &all, err));
    FORAY_TRY(foray__pool_for_run(&used, pool, n_tasks, err));
    code = run_tasks(used, reduce, &map, &all, n_tasks, result, report, err);
    foray__pool_after_run(used, pool);
    return code;
}

int foray_reduce(struct foray_pool *pool, const struct foray_reduce *reduce,
                 void *result, struct foray_report *report,
                 struct foray_error *err)
{
    struct foray__map_arrays arrays = {0};

    memcpy(arrays.in, reduce->in, sizeof reduce->in);
    memcpy(arrays.whole, reduce->whole, sizeof reduce->whole);
    return foray__reduce(pool, reduce, &arrays, result, report, err);
}
