/* Arrays into datasets: mapped and copied, or compressed by all workers. */
#include "hdf5/save.h"

#include <stdio.h>
#include <string.h>

#include <foray/hdf5.h>
#include <foray/storage.h>

#include "base/error.h"
#include "hdf5/dataset.h"
#include "hdf5/save_task.h"

/* Bytes of a round, of chunks that are compressed before they are written; and
 * of a task of it. */
enum { ROUND_BYTES = 32 << 20, TASK_BYTES = 1 << 20 };

int foray__h5_share(struct foray_array *out, struct foray_array *copy,
                    const struct foray_array *array, bool in_order,
                    struct foray_error *err)
{
    struct foray_dataset like = {.dtype = array->dtype,
                                 .swapped = array->swapped,
                                 .ndim = array->ndim,
                                 .itemsize = array->itemsize};
    int code;

    memset(copy, 0, sizeof *copy);
    *out = *array;
    /* What a mapping of mode c changed is in this process only. */
    if (array->segment && array->mode != FORAY_COPY &&
        (!in_order || foray_array_is_contiguous(array, FORAY_C_ORDER)))
        return 0;
    memcpy(like.shape, array->shape, sizeof like.shape);
    FORAY_TRY(foray_array_create_like(copy, NULL, &like, NULL, err));
    code = foray_array_copy(copy, array, err);
    if (code)
        foray_array_close(copy, NULL);
    *out = *copy;
    return code;
}

/* Encoded chunks and their sizes, of one round. */
struct round {
    struct foray_array encoded, sizes;
};

static int round_make(struct round *round, size_t n, size_t slot,
                      struct foray_error *err)
{
    size_t shape[2] = {n, slot};

    FORAY_TRY(
        foray_array_create(&round->encoded, NULL, FORAY_U8, 2, shape, err));
    shape[1] = 2;
    return foray_array_create(&round->sizes, NULL, FORAY_U64, 2, shape, err);
}

static void round_close(struct round *round)
{
    foray_array_close(&round->encoded, NULL);
    foray_array_close(&round->sizes, NULL);
}

/* Chunks of a round: enough for all workers to have some. */
static size_t size_round(const struct foray__h5_crew *crew, size_t chunk_nbytes)
{
    size_t n = ROUND_BYTES / (chunk_nbytes + 1) + 1;
    size_t workers =
        (size_t)(crew->own ? crew->n_jobs : foray_pool_n_jobs(crew->pool));

    return n < 4 * workers ? 4 * workers : n;
}

/* While a round is encoded, one worker writes the round before. */
static int run_rounds(struct foray__h5_crew *crew, struct foray__h5_save *save,
                      size_t n_chunks, size_t most, struct round *rounds,
                      const struct foray_array *array, struct foray_error *err)
{
    for (int turn = 0;; turn = !turn) {
        struct round *now = &rounds[turn], *before = &rounds[!turn];
        struct foray_for tasks = {.fn = foray__h5_save_task,
                                  .whole = {NULL, array, &now->encoded,
                                            &now->sizes, &before->encoded,
                                            &before->sizes},
                                  .params = save,
                                  .params_size = sizeof *save};

        save->n = n_chunks - save->begin;
        if (save->n > most)
            save->n = most;
        if (!save->n && !save->n_before)
            return 0;
        tasks.n = 1 + (save->n + save->group - 1) / save->group;
        FORAY_TRY(foray__h5_crew_each(crew, &tasks, err));
        save->before = save->begin;
        save->n_before = save->n;
        save->begin += save->n;
    }
}

int foray__h5_save_chunks(struct foray__h5_crew *crew,
                          const struct foray__h5_edit *edit, const char *name,
                          const struct foray__h5_plan *plan, size_t first,
                          const struct foray_array *array,
                          struct foray_error *err)
{
    struct foray__h5_save save = {.plan = *plan, .first = first};
    size_t n =
        foray_array_nitems(array) ? foray__h5_plan_chunks(plan, first) : 0;
    size_t most = size_round(crew, plan->chunk_nbytes);
    struct round rounds[2] = {{{0}, {0}}, {{0}, {0}}};
    int code = 0;

    if (!n)
        return 0;
    if (most > n)
        most = n;
    save.group = TASK_BYTES / (plan->chunk_nbytes + 1) + 1;
    snprintf(save.path, sizeof save.path, "%s", edit->working);
    snprintf(save.name, sizeof save.name, "%s", name);
    for (int k = 0; k < 2 && !code; k++)
        code = round_make(&rounds[k], most, foray__h5_slot(plan), err);
    if (!code)
        code = run_rounds(crew, &save, n, most, rounds, array, err);
    round_close(&rounds[0]);
    round_close(&rounds[1]);
    return code;
}

static int create(uint64_t *offset, struct foray__h5_crew *crew,
                  const struct foray__h5_edit *edit, const char *name,
                  const struct foray__h5_plan *plan, struct foray_error *err)
{
    struct foray_result result;

    FORAY_TRY(foray__h5_crew_call(
        crew,
        foray_delayed(foray__h5_create_task, edit->working, edit->is_new, name,
                      FORAY_BYTES(plan, sizeof *plan)),
        &result, err));
    *offset = foray_result_u64(&result, 0);
    foray_result_free(&result);
    return 0;
}

static struct foray_dataset dataset_of(const struct foray__h5_plan *plan,
                                       uint64_t offset)
{
    struct foray_dataset dataset = {.dtype = plan->dtype,
                                    .swapped = plan->swapped,
                                    .ndim = plan->ndim,
                                    .offset = offset};

    memcpy(dataset.shape, plan->shape, sizeof dataset.shape);
    return dataset;
}

/* The elements of a dataset in one piece: the array's, or zeros. */
static int store(struct foray__h5_edit *edit, const struct foray__h5_plan *plan,
                 uint64_t offset, const struct foray_array *array,
                 struct foray_error *err)
{
    struct foray_dataset dataset = dataset_of(plan, offset);
    struct foray_array place;
    int code;

    if (!offset)
        return 0; /* no elements */
    FORAY_TRY(foray_array_map(&place, edit->working, "r+", &dataset, err));
    code = foray__h5_edit_fill(edit, offset, foray_array_nbytes(&place), err);
    if (!code && array)
        code = foray_array_copy(&place, array, err);
    else if (!code && !edit->is_new)
        memset(place.data, 0, foray_array_nbytes(&place));
    if (code) {
        foray_array_close(&place, NULL);
        return code;
    }
    return foray_array_close(&place, err);
}

static int check_name(const char *name, struct foray_error *err)
{
    if (strlen(name) < sizeof(((struct foray__h5_save *)0)->name))
        return 0;
    return foray__fail(err, FORAY_EINVAL,
                       "the name of a dataset is too long: %.60s...", name);
}

/* Everything but the elements of chunks; `array` NULL: zeros. */
static int make(struct foray__h5_crew *crew, struct foray__h5_edit *edit,
                const char *name, const struct foray__h5_plan *plan,
                const struct foray_array *like, const struct foray_array *array,
                struct foray_error *err)
{
    uint64_t offset = 0;

    FORAY_TRY(
        foray__h5_edit_reserve(edit, foray_array_nbytes(like) * 9 / 8, err));
    FORAY_TRY(create(&offset, crew, edit, name, plan, err));
    if (!plan->chunked)
        return store(edit, plan, offset, array, err);
    return foray__h5_save_chunks(crew, edit, name, plan, 0, array, err);
}

int foray_hdf5_save(struct foray_pool *pool, const char *path,
                    const char *dataset, const struct foray_array *array,
                    const struct foray_hdf5_options *options,
                    struct foray_error *err)
{
    const char *name = foray__h5_given(dataset);
    struct foray_array shared, copy = {0};
    struct foray__h5_crew crew;
    struct foray__h5_edit edit;
    struct foray__h5_plan plan;
    int code;

    FORAY_TRY(foray__h5_plan_make(&plan, array, options, name, err));
    FORAY_TRY(check_name(name, err));
    FORAY_TRY(foray__h5_crew_open(&crew, pool, path, err));
    shared = *array;
    code =
        plan.chunked ? foray__h5_share(&shared, &copy, array, false, err) : 0;
    if (!code)
        code = foray__h5_edit_begin(&edit, crew.path, false, err);
    if (!code) {
        code = make(&crew, &edit, name, &plan, array, &shared, err);
        code = foray__h5_edit_end(&edit, code, err);
    }
    foray_array_close(&copy, NULL);
    foray__h5_crew_close(&crew);
    return code;
}

/* Map what was just made, under its own name. */
static int map_made(struct foray_array *out, struct foray__h5_crew *crew,
                    const char *name, struct foray_error *err)
{
    return foray_hdf5_open(out, crew->pool, crew->path, name, "r+", NULL, err);
}

int foray_hdf5_create(struct foray_array *out, struct foray_pool *pool,
                      const char *path, const char *dataset,
                      enum foray_dtype dtype, int ndim, const size_t *shape,
                      const struct foray_hdf5_options *options,
                      struct foray_error *err)
{
    const char *name = foray__h5_given(dataset);
    struct foray_array like;
    struct foray__h5_crew crew;
    struct foray__h5_edit edit;
    struct foray__h5_plan plan;
    int code;

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray_array_wrap(&like, NULL, dtype, ndim, shape, err));
    FORAY_TRY(foray__h5_plan_make(&plan, &like, options, name, err));
    FORAY_TRY(check_name(name, err));
    if (plan.chunked)
        return foray__fail(err, FORAY_EINVAL,
                           "%s: a dataset that is mapped has no chunks and no "
                           "filters",
                           name);
    FORAY_TRY(foray__h5_crew_open(&crew, pool, path, err));
    code = foray__h5_edit_begin(&edit, crew.path, false, err);
    if (!code) {
        code = make(&crew, &edit, name, &plan, &like, NULL, err);
        code = foray__h5_edit_end(&edit, code, err);
    }
    if (!code)
        code = map_made(out, &crew, name, err);
    foray__h5_crew_close(&crew);
    return code;
}
