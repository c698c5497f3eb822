#include "shell/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images/inputs.h"
#include "images/options.h"
#include "images/written.h"
#include "resize/run.h"
#include "shell/options.h"
#include "shell/values.h"

struct resize_command {
    const char *folder, *index, *format, *trace;
    bool gray, resume, restart;
    int quality;
    size_t size[2];
    struct foray_image_options image; /* but for size and colour */
    struct parallel parallel;
    struct inputs_options where;
    struct inputs inputs;
};

#define AT(field) offsetof(struct resize_command, field)

static const char *const formats[] = {"png", "jpg", "ppm", "pgm", NULL};
static const enum foray_image_format meant[] = {
    FORAY_IMAGE_PNG, FORAY_IMAGE_JPEG, FORAY_IMAGE_PNM, FORAY_IMAGE_PNM};

static const char *read_format(void *field, const char *text)
{
    int i = value_word(text, formats);

    if (i < 0)
        return "must be png, jpg, ppm or pgm";
    *(const char **)field = formats[i];
    return NULL;
}

static const char *read_quality(void *field, const char *text)
{
    int quality = 0;

    if (value_count(&quality, text) || quality > 100)
        return "must be a number from 1 to 100";
    *(int *)field = quality;
    return NULL;
}

static const struct option_spec file_options[] = {
    {"output", 'o', "DIR", value_text, AT(folder),
     "where the images go; made when it is missing (needed)"},
    {"index", 0, "FILE", value_text, AT(index),
     "what became of each image, CSV or JSON lines (none)"},
    {"trace", 0, "FILE", value_text, AT(trace),
     "when each worker did what, for Perfetto (JSON)"},
    {"format", 0, "png|jpg|ppm|pgm", read_format, AT(format),
     "suffix of each name (the input's own)"},
    {"quality", 0, "N", read_quality, AT(quality),
     "of JPEG files, 1 to 100 (75)"},
    {"resume", 0, NULL, value_flag, AT(resume),
     "only go on with an interrupted run"},
    {"restart", 0, NULL, value_flag, AT(restart),
     "begin anew, whatever an interrupted run left"},
    {0}};

static const struct option_spec color_options[] = {
    {"gray", 0, NULL, value_flag, AT(gray),
     "reduce to gray, as Pillow's mode L"},
    {0}};

static int check_options(struct resize_command *c, char **operands, int n)
{
    const char *wrong;

    if (!n)
        return options_wrong("no size: foray resize ROWSxCOLUMNS -o DIR "
                             "IMAGE...");
    wrong = value_extent(c->size, operands[0]);
    if (wrong)
        return options_wrong("the size %s %s", operands[0], wrong);
    if (!c->folder)
        return options_wrong("-o DIR is needed: where the images go");
    if (c->resume && c->restart)
        return options_wrong("--resume and --restart contradict each other");
    if (inputs_check(&c->where, n - 1))
        return STATUS_USAGE;
    return parallel_check(&c->parallel);
}

static int check_names(const struct resize_command *c, char **operands, int n)
{
    const struct written files[] = {{"--index", c->index},
                                    {"--trace", c->trace}};

    return written_check(files, sizeof files / sizeof *files, &c->inputs,
                         &c->where, operands, n);
}

static int run(struct resize_command *c, char **operands, int n)
{
    int status = check_options(c, operands, n);
    struct resize_run run = {.image = c->image,
                             .suffix = c->format,
                             .quality = c->quality,
                             .folder = c->folder,
                             .index = c->index,
                             .trace = c->trace};

    if (status)
        return status;
    parallel_begin(&c->parallel); /* lists may take a while */
    c->inputs.skips = c->parallel.on_error == FORAY_SKIP;
    status = inputs_collect(&c->inputs, &c->where, operands + 1, n - 1);
    if (!status)
        status = check_names(c, operands + 1, n - 1);
    if (status)
        return status;
    run.image.rows = c->size[0];
    run.image.cols = c->size[1];
    if (c->gray || (c->format && !strcmp(c->format, "pgm")))
        run.image.color = FORAY_COLOR_GRAY;
    if (c->format)
        run.format = meant[value_word(c->format, formats)];
    run.paths = c->inputs.paths;
    run.n = c->inputs.n;
    run.parallel = c->parallel;
    run.resume = c->resume;
    run.restart = c->restart;
    return resize_run(&run);
}

int cmd_resize(const struct command *command, int argc, char **argv)
{
    struct resize_command c = {.parallel.on_error = FORAY_STOP};
    const struct option_table tables[] = {
        {"Files", file_options, &c},
        {NULL, inputs_options, &c.where},
        {"Images", color_options, &c},
        {NULL, image_options, &c.image},
        {"Work", parallel_options, &c.parallel},
    };
    int first = options_parse(command, tables, sizeof tables / sizeof *tables,
                              argc, argv);
    int status;

    if (first < 0)
        return first == OPTIONS_HELP ? STATUS_DONE : STATUS_USAGE;
    status = run(&c, argv + first, argc - first);
    inputs_free(&c.inputs);
    return status;
}
