#include "shell/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/map_run.h"
#include "shell/message.h"
#include "shell/options.h"
#include "shell/values.h"

enum { MAX_PARAMS = 64 };

/* `field` of these is the struct map_run. */
static const char *read_input(void *field, const char *text)
{
    struct map_run *run = field;

    if (!*text)
        return "must not be empty";
    if (run->n_in == FORAY_MAX_ARRAYS)
        return "may be given 8 times";
    run->in[run->n_in++] = text;
    return NULL;
}

static const char *read_whole(void *field, const char *text)
{
    struct map_run *run = field;

    if (!*text)
        return "must not be empty";
    if (run->n_whole == FORAY_MAX_ARRAYS)
        return "may be given 8 times";
    run->whole[run->n_whole++] = text;
    return NULL;
}

static const char *read_output(void *field, const char *text)
{
    struct map_run *run = field;

    if (run->n_out == FORAY_MAX_ARRAYS)
        return "may be given 8 times";
    return map_output_read(&run->out[run->n_out++], text);
}

static const char *read_param(void *field, const char *text)
{
    struct map_run *run = field;

    if (run->n_params == MAX_PARAMS)
        return "may be given 64 times";
    run->params[run->n_params++] = text;
    return NULL;
}

static const char *read_axis(void *field, const char *text)
{
    if (text[0] < '0' || text[0] > '9' || strlen(text) > 2)
        return "must be a number, 0 or more";
    *(int *)field = atoi(text);
    return NULL;
}

static const struct option_spec map_options[] = {
    {"input", 'i', "ARRAY", read_input, 0,
     "an array that tasks get slices of, foray_task_in; repeatable"},
    {"whole", 'w', "ARRAY", read_whole, 0,
     "one that each sees entire, foray_task_whole; repeatable"},
    {"output", 'o', "OUT[:DTYPE[:SHAPE]]", read_output, 0,
     "foray_task_out; as the first input, or f64:ROWSx128"},
    {"param", 'p', "NAME=VALUE", read_param, 0,
     "for foray_task_number and foray_task_setting; repeatable"},
    {"axis", 0, "N", read_axis, offsetof(struct map_run, axis),
     "slices are of this axis (0)"},
    {"chunk", 0, "N", value_count, offsetof(struct map_run, chunk),
     "rows of a slice (by shape and type)"},
    {0}};

/* "KERNEL.c:fn": a file of the whole name wins. */
static int split_kernel(struct map_run *run, const char *operand)
{
    char *colon;

    run->kernel = strdup(operand);
    if (!run->kernel) {
        message("out of memory");
        return STATUS_FAILED;
    }
    run->function = "kernel";
    colon = strrchr(run->kernel, ':');
    if (colon && access(operand, F_OK) && colon[1] && !strchr(colon, '/')) {
        *colon = '\0';
        run->function = colon + 1;
    }
    return 0;
}

static int check(struct map_run *run, int n)
{
    if (n != 1)
        return options_wrong(n ? "one kernel at a time"
                               : "no kernel: foray map KERNEL.c -i x.npy -o "
                                 "y.npy:f64");
    if (!run->n_in)
        return options_wrong("-i ARRAY is needed: what tasks get slices of");
    if (!run->n_out)
        return options_wrong("-o OUT.npy is needed: where the results go");
    for (int k = 0; k < run->n_out; k++)
        for (int other = 0; other < k; other++)
            if (!strcmp(run->out[k].path, run->out[other].path))
                return options_wrong("-o %s is given twice", run->out[k].path);
    return parallel_check(&run->parallel);
}

int cmd_map(const struct command *command, int argc, char **argv)
{
    struct map_run run = {.parallel.on_error = FORAY_STOP};
    const struct option_table tables[] = {
        {"Arrays", map_options, &run},
        {"Parallel options", parallel_options, &run.parallel},
    };
    int first = options_parse(command, tables, sizeof tables / sizeof *tables,
                              argc, argv);
    int status = first == OPTIONS_HELP ? STATUS_DONE : STATUS_USAGE;

    if (first >= 0) {
        status = check(&run, argc - first);
        if (!status)
            status = split_kernel(&run, argv[first]);
        if (!status)
            status = map_run(&run);
    }
    for (int k = 0; k < run.n_out; k++)
        free(run.out[k].path);
    free(run.kernel);
    return status;
}
