#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs.h"
#include "message.h"
#include "options.h"
#include "resize_run.h"
#include "values.h"

struct resize_command {
    const char *folder, *from, *index, *format;
    bool nul, recursive, gray, exif;
    int quality;
    size_t size[2];
    enum foray_filter filter;
    enum foray_fit fit;
    enum foray_jpeg_scale jpeg_scale;
    uint64_t max_pixels;
    struct parallel parallel;
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
    {"from", 0, "FILE", value_text, AT(from),
     "read paths from FILE, a line each; - standard input"},
    {"null", '0', NULL, value_flag, AT(nul),
     "paths of --from end in NUL, as find -print0 writes"},
    {"recursive", 0, NULL, value_flag, AT(recursive),
     "look for images below a DIR too"},
    {"index", 0, "FILE", value_text, AT(index),
     "what became of each image, CSV or JSON lines (none)"},
    {"format", 0, "png|jpg|ppm|pgm", read_format, AT(format),
     "suffix of each name (the input's own)"},
    {"quality", 0, "N", read_quality, AT(quality),
     "of JPEG files, 1 to 100 (75)"},
    {0}};

static const struct option_spec image_options[] = {
    {"gray", 0, NULL, value_flag, AT(gray),
     "reduce to gray, as Pillow's mode L"},
    {"exif", 0, NULL, value_flag, AT(exif),
     "turn upright as the EXIF orientation says"},
    {"filter", 0, "bilinear|box|bicubic|lanczos", value_filter, AT(filter),
     "how to resample (bilinear)"},
    {"fit", 0, "stretch|crop|pad", value_fit, AT(fit),
     "if the shape is another (stretch); pad with black"},
    {"jpeg-scale", 0, "auto|1", value_jpeg_scale, AT(jpeg_scale),
     "auto: decode JPEG smaller: faster, other pixels (1)"},
    {"max-pixels", 0, "N", value_size, AT(max_pixels),
     "refuse larger images (256M)"},
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
    if (n == 1 && !c->from)
        return options_wrong("no images: name files or folders, or --from a "
                             "list");
    if (c->nul && !c->from)
        return options_wrong("-0 is for the paths of --from FILE");
    return parallel_check(&c->parallel);
}

static int collect(struct resize_command *c, char **operands, int n)
{
    for (int i = 1; i < n; i++)
        if (inputs_add(&c->inputs, operands[i], c->recursive))
            return STATUS_FAILED;
    if (c->from && inputs_add_list(&c->inputs, c->from, c->nul, c->recursive))
        return STATUS_FAILED;
    if (c->inputs.n)
        return 0;
    message("%s: no paths in this list", c->from);
    return STATUS_FAILED;
}

static int run(struct resize_command *c, char **operands, int n)
{
    int status = check_options(c, operands, n);
    struct resize_run run = {
        .image = {.color = c->gray || (c->format && !strcmp(c->format, "pgm"))
                               ? FORAY_COLOR_GRAY
                               : FORAY_COLOR_DEFAULT,
                  .exif = c->exif,
                  .rows = c->size[0],
                  .cols = c->size[1],
                  .max_pixels = c->max_pixels,
                  .filter = c->filter,
                  .fit = c->fit,
                  .jpeg_scale = c->jpeg_scale},
        .suffix = c->format,
        .quality = c->quality,
        .folder = c->folder,
        .index = c->index};

    if (!status)
        status = collect(c, operands, n);
    if (status)
        return status;
    if (c->format)
        run.format = meant[value_word(c->format, formats)];
    run.paths = c->inputs.paths;
    run.n = c->inputs.n;
    run.parallel = c->parallel;
    return resize_run(&run);
}

int cmd_resize(const struct command *command, int argc, char **argv)
{
    struct resize_command c = {.parallel.on_error = FORAY_STOP};
    const struct option_table tables[] = {
        {"Files", file_options, &c},
        {"Images", image_options, &c},
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
