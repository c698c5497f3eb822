#include "shell/command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/npz.h>
#include <foray/storage.h>

#include "data/beside.h"
#include "data/dataset.h"
#include "data/hdf5_door.h"
#include "data/linalg_door.h"
#include "data/output.h"
#include "shell/message.h"
#include "shell/options.h"
#include "shell/parallel.h"
#include "shell/stop.h"
#include "shell/values.h"

struct knn_command {
    struct parallel parallel;
    const char *output;
    int k;
    enum foray_metric metric;
};

static const char *read_metric(void *field, const char *text)
{
    static const char *const words[] = {"euclidean", "cosine", NULL};
    int i = value_word(text, words);

    if (i < 0)
        return "must be euclidean or cosine";
    *(enum foray_metric *)field = (enum foray_metric)i;
    return NULL;
}

static const struct option_spec knn_options[] = {
    {"output", 'o', "OUT", value_text, offsetof(struct knn_command, output),
     "OUT.h5 or OUT.npz: arrays indices and distances; needed"},
    {"neighbours", 'k', "N", value_count, offsetof(struct knn_command, k),
     "how many nearest rows; needed"},
    {"metric", 0, "euclidean|cosine", read_metric,
     offsetof(struct knn_command, metric), "what near means (euclidean)"},
    {0}};

struct search {
    struct dataset names[2]; /* the rows; the queries */
    struct foray_array rows, queries, indices, distances;
    bool has_queries;
    struct foray_pool *pool;
};

static int open_arrays(struct search *search, size_t k, struct foray_error *err)
{
    const struct foray_array *queries =
        search->has_queries ? &search->queries : &search->rows;
    size_t shape[2] = {0, k};
    bool is_f32;

    if (dataset_open(&search->rows, &search->names[0], search->pool, "r",
                     err) ||
        (search->has_queries &&
         dataset_open(&search->queries, &search->names[1], search->pool, "r",
                      err)))
        return err->code;
    is_f32 = search->rows.dtype == FORAY_F32 && queries->dtype == FORAY_F32;
    shape[0] = queries->ndim ? queries->shape[0] : 0;
    if (foray_array_create(&search->indices, NULL, FORAY_I64, 2, shape, err))
        return err->code;
    return foray_array_create(&search->distances, NULL,
                              is_f32 ? FORAY_F32 : FORAY_F64, 2, shape, err);
}

static int save_hdf5(const struct search *search, const char *path,
                     struct foray_error *err)
{
    const struct hdf5_door *hdf5 = hdf5_door(err);
    int code;

    if (!hdf5)
        return FORAY_ENOTSUP;
    code =
        hdf5->save(search->pool, path, "/indices", &search->indices, NULL, err);
    if (!code)
        code = hdf5->save(search->pool, path, "/distances", &search->distances,
                          NULL, err);
    return code;
}

/* Both arrays, beside the name first: the file appears whole. */
static int save_beside(const struct search *search, const char *path,
                       struct foray_error *err)
{
    char *beside;
    int code;

    if (beside_check(path, err))
        return err->code;
    beside = beside_name(path, err);
    if (!beside)
        return FORAY_ENOMEM;
    unlink(beside);
    code = save_hdf5(search, beside, err);
    if (!code && rename(beside, path))
        code = message_error(err, FORAY_EIO, "%s: %s", path, strerror(errno));
    if (code)
        unlink(beside);
    free(beside);
    return code;
}

static int save(const struct search *search, const char *path,
                struct foray_error *err)
{
    const struct foray_named_array arrays[2] = {
        {"indices", &search->indices}, {"distances", &search->distances}};

    if (output_has_suffix(path, ".npz"))
        return foray_npz_save(path, arrays, 2, NULL, err);
    return save_beside(search, path, err);
}

static int find(struct search *search, struct knn_command *c,
                struct foray_error *err)
{
    const struct linalg_door *linalg = linalg_door(err);
    int code = 0;

    if (!linalg)
        return FORAY_ENOTSUP;
    stop_install();
    if (!c->parallel.dry_run)
        code = parallel_open(&search->pool, &c->parallel, 0, err);
    if (!code)
        code = open_arrays(search, (size_t)c->k, err);
    if (code || c->parallel.dry_run)
        return code;
    code = linalg->knn(search->pool, &search->rows,
                       search->has_queries ? &search->queries : NULL, c->metric,
                       &search->indices, &search->distances, err);
    if (!code)
        code = parallel_whole(err);
    return code ? code : save(search, c->output, err);
}

static int run(struct search *search, struct knn_command *c)
{
    struct foray_error err = {0};
    int code = find(search, c, &err);

    if (code && !stop_signal())
        message("%s", err.msg);
    else if (!code && !c->parallel.quiet)
        message("%s: %zu x %d nearest of %zu rows", c->output,
                search->indices.shape[0], c->k, search->rows.shape[0]);
    parallel_close(search->pool);
    foray_array_close(&search->distances, NULL);
    foray_array_close(&search->indices, NULL);
    foray_array_close(&search->queries, NULL);
    foray_array_close(&search->rows, NULL);
    if (code && stop_signal())
        return stop_status();
    return code ? STATUS_FAILED : STATUS_DONE;
}

static int check(const struct knn_command *c, int n_arrays)
{
    if (n_arrays != 1 && n_arrays != 2)
        return options_wrong("name a matrix, and perhaps one of queries");
    if (!c->output)
        return options_wrong("say where to: -o OUT.h5");
    if (!output_has_suffix(c->output, ".h5") &&
        !output_has_suffix(c->output, ".hdf5") &&
        !output_has_suffix(c->output, ".npz"))
        return options_wrong("-o must end in .h5 or .npz: two arrays are "
                             "written");
    if (!c->k)
        return options_wrong("say how many: -k N");
    return parallel_check(&c->parallel);
}

int cmd_knn(const struct command *command, int argc, char **argv)
{
    struct knn_command c = {0};
    const struct option_table tables[] = {
        {"Options", knn_options, &c},
        {"Parallel options", parallel_options, &c.parallel}};
    struct search search = {0};
    int i = options_parse(command, tables, 2, argc, argv), status;

    if (i < 0)
        return i == OPTIONS_HELP ? STATUS_DONE : STATUS_USAGE;
    search.has_queries = argc - i == 2;
    status = check(&c, argc - i);
    for (int k = 0; k < argc - i && status == STATUS_DONE; k++)
        status = dataset_find(&search.names[k], argv[i + k]);
    if (status == STATUS_DONE)
        status = run(&search, &c);
    dataset_free(&search.names[0]);
    dataset_free(&search.names[1]);
    return status;
}
