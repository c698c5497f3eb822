#include "shell/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/storage.h>

#include "hog/check.h"
#include "hog/options.h"
#include "hog/output.h"
#include "hog/run.h"
#include "hog/size.h"
#include "images/inputs.h"
#include "images/options.h"
#include "images/written.h"
#include "python/print_python.h"
#include "shell/message.h"
#include "shell/options.h"
#include "shell/parallel.h"

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n > m && !strcmp(text + n - m, end);
}

/* Images, or one stack of them. */
static int collect(struct hog_command *c, char **operands, int n)
{
    c->inputs.skips = c->parallel.on_error == FORAY_SKIP;
    if (inputs_collect(&c->inputs, &c->where, operands, n))
        return STATUS_FAILED;
    for (size_t i = 0; i < c->inputs.n; i++)
        if (ends_with(c->inputs.paths[i], ".npy") && c->inputs.n > 1)
            return options_wrong("%s: a stack of images stands alone, not "
                                 "among %zu inputs",
                                 c->inputs.paths[i], c->inputs.n);
    return 0;
}

/* The rows of this part, of n: together the parts are all, each once, and as
 * long as one another or by one longer. */
static struct foray_slice part_of(const struct hog_command *c, size_t n)
{
    size_t k = c->shard[0], parts = c->shard[1];
    size_t each = parts ? n / parts : n, more = parts ? n % parts : 0;
    size_t before = k ? k - 1 : 0;
    struct foray_slice part = {.start = before * each +
                                        (before < more ? before : more)};

    part.stop = part.start + each + (before < more);
    return part;
}

/* This part of n images: 0, or STATUS_FAILED after a message if it is empty. */
static int find_part(struct foray_slice *out, const struct hog_command *c,
                     size_t n)
{
    *out = part_of(c, n);
    if (!c->shard[1] || out->start < out->stop)
        return 0;
    message("--shard %zu/%zu has none of %zu images", c->shard[0], c->shard[1],
            n);
    return STATUS_FAILED;
}

static int take_files(struct hog_command *c, struct hog_run *run)
{
    struct foray_slice part;
    int status = find_part(&part, c, c->inputs.n);

    if (status)
        return status;
    run->paths = c->inputs.paths + part.start;
    run->batch.paths = (const char *const *)run->paths;
    run->batch.n = part.stop - part.start;
    if (!c->ragged)
        return 0;
    run->batch.places = c->places = calloc(run->batch.n, sizeof *c->places);
    if (c->places)
        return 0;
    message("out of memory");
    return STATUS_FAILED;
}

/* What is no stack of images is left to the plan, which says so. */
static int take_stack(struct hog_command *c, struct hog_run *run)
{
    struct foray_slice part = {0};
    struct foray_error err;
    int status = 0;

    if (c->update)
        return options_wrong("--update is for files: the images of the stack "
                             "%s have no time of change; make a stack of the "
                             "new ones, and join the outputs by foray convert",
                             c->inputs.paths[0]);
    if (c->ragged)
        return options_wrong("--ragged is for files: the images of the stack "
                             "%s have one size",
                             c->inputs.paths[0]);
    if (foray_array_open(&c->stack, c->inputs.paths[0], "r", &err)) {
        message("%s", err.msg);
        return STATUS_FAILED;
    }
    if (c->stack.ndim)
        status = find_part(&part, c, c->stack.shape[0]);
    if (status)
        return status;
    c->part = c->stack;
    if (c->shard[1] && c->stack.ndim &&
        foray_array_slice(&c->part, &c->stack, 0, (ptrdiff_t)part.start,
                          (ptrdiff_t)part.stop, 1, &err)) {
        message("%s", err.msg);
        return STATUS_FAILED;
    }
    run->stack = c->inputs.paths[0];
    run->first = part.start;
    run->batch.stack = &c->part;
    return 0;
}

/* "OUT.npy", or "OUT.h5", with another end. NULL after a message. Owner: the
 * caller. */
static char *beside(const char *output, const char *end)
{
    char *path;

    if (asprintf(&path, "%.*s%s", (int)(strrchr(output, '.') - output), output,
                 end) >= 0)
        return path;
    message("out of memory");
    return NULL;
}

/* Whether OUT.csv is the index of an OUT.npy beside the HDF5 file. */
static bool is_of_npy(const char *output)
{
    char *npy = beside(output, ".npy");
    bool there = npy && !access(npy, F_OK);

    free(npy);
    return there;
}

/* That index is not touched. */
static int needs_name(const struct hog_command *c)
{
    if (!c->update || c->index)
        return 0;
    return options_wrong("%s is the index of the .npy file beside %s: --update "
                         "needs another, --index FILE",
                         c->default_index, c->output);
}

/* An HDF5 file tells by itself where its features come from, and which image
 * has which row; what an update needs to know beyond that it does not. */
static int choose_index(struct hog_command *c, struct hog_run *run)
{
    bool is_hdf5 = hog_output_is_hdf5(c->output);

    run->index = c->index;
    if (!is_hdf5) {
        run->provenance = c->provenance = beside(c->output, ".json");
        if (!c->provenance)
            return STATUS_FAILED;
    }
    if (!is_hdf5 && c->index && !strcmp(c->index, c->provenance))
        return options_wrong("--index %s: what the features come from is "
                             "written there; .jsonl is free",
                             c->index);
    c->default_index = beside(c->output, ".csv");
    if (!c->default_index)
        return STATUS_FAILED;
    if (is_hdf5 && is_of_npy(c->output))
        return needs_name(c);
    if (!c->index && !c->no_index && (!is_hdf5 || c->update))
        run->index = c->default_index;
    else if (!c->index || !written_same_name(c->index, c->default_index))
        run->old_index = c->default_index;
    return 0;
}

/* No two of the files that are written have one name, or that of an input. */
static int check_names(const struct hog_command *c, const struct hog_run *run,
                       char **operands, int n)
{
    const struct written files[] = {{"-o", run->output},
                                    {"--index", run->index},
                                    {"-o", run->provenance},
                                    {"--trace", run->trace},
                                    {"--report", run->report}};
    const size_t n_files = sizeof files / sizeof *files;

    for (size_t i = 1; i < n_files; i++)
        if (files[i].path && written_beside(files[i].path, run->output))
            return options_wrong("%s %s: names that begin with %s. are those "
                                 "of files that a run keeps while it goes on",
                                 files[i].option, files[i].path, run->output);
    return written_check(files, n_files, &c->inputs, &c->where, operands, n);
}

/* Of what is free; 0, any amount, when nothing says. */
static uint64_t half_of_memory(void)
{
    size_t nbytes = foray_memory_free();

    return nbytes < SIZE_MAX ? nbytes / 2 : 0;
}

/* What the options say by themselves, without the inputs. */
static struct hog_run run_of(const struct hog_command *c)
{
    struct hog_run run = {.output = c->output,
                          .batch =
                              {
                                  .image = c->image,
                                  .hog = {.method = c->method,
                                          .orientations = c->orientations,
                                          .cell_rows = c->cell[0],
                                          .cell_cols = c->cell[1],
                                          .block_rows = c->block[0],
                                          .block_cols = c->block[1],
                                          .norm = c->norm,
                                          .transform_sqrt = c->transform_sqrt},
                                  .dtype = c->dtype,
                                  .on_error = c->parallel.on_error,
                                  .visualize = c->visualize,
                                  .verify = c->resume == HOG_VERIFY,
                              },
                          .trace = c->trace,
                          .report = c->report,
                          .resume = c->resume,
                          .restart = c->restart,
                          .update = c->update,
                          .drops = c->drops,
                          .accept = c->accept};

    run.batch.image.rows = c->resize[0];
    run.batch.image.cols = c->resize[1];
    memcpy(run.shard, c->shard, sizeof run.shard);
    return run;
}

/* The inputs, and the names of all files. */
static int find_files(struct hog_command *c, struct hog_run *run,
                      char **operands, int n)
{
    int status = collect(c, operands, n);

    if (!status)
        status = choose_index(c, run);
    if (status)
        return status;
    if (asprintf(&c->journal, "%s.journal", c->output) < 0) {
        c->journal = NULL;
        message("out of memory");
        return STATUS_FAILED;
    }
    run->journal = run->batch.journal = c->journal;
    return check_names(c, run, operands, n);
}

static int run(struct hog_command *c, char **operands, int n)
{
    struct hog_run run = run_of(c);
    int status = hog_check_options(c, n);

    if (!status)
        status = hog_check_method(&run.batch.hog);
    if (!status && !c->print_python &&
        hog_size_folder(c->output, !c->parallel.dry_run))
        status = STATUS_FAILED;
    if (status)
        return status;
    parallel_begin(&c->parallel); /* lists and headers may take a while */
    status = find_files(c, &run, operands, n);
    if (status)
        return status;
    run.parallel = c->parallel;
    if (!run.parallel.memory)
        run.parallel.memory = half_of_memory();
    status = ends_with(c->inputs.paths[0], ".npy") ? take_stack(c, &run)
                                                   : take_files(c, &run);
    if (!status)
        status = c->print_python       ? print_python(&run, &c->where)
                 : c->parallel.dry_run ? hog_run_dry(&run)
                                       : hog_run(&run);
    foray_array_close(&c->stack, NULL);
    return status;
}

int cmd_hog(const struct command *command, int argc, char **argv)
{
    struct hog_command c = {.parallel.on_error = FORAY_STOP, .accept.most = -1};
    const struct option_table tables[] = {
        {"Files", hog_file_options, &c},
        {NULL, inputs_options, &c.where},
        {"Images", hog_image_options, &c},
        {NULL, image_options, &c.image},
        {"Features", hog_feature_options, &c},
        {"Work", parallel_options, &c.parallel},
    };
    int first = options_parse(command, tables, sizeof tables / sizeof *tables,
                              argc, argv);
    int status;

    if (first < 0)
        return first == OPTIONS_HELP ? STATUS_DONE : STATUS_USAGE;
    status = run(&c, argv + first, argc - first);
    free(c.places);
    free(c.default_index);
    free(c.provenance);
    free(c.journal);
    inputs_free(&c.inputs);
    return status;
}
