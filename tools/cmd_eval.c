#include "shell/command.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/eval_run.h"
#include "shell/message.h"
#include "shell/options.h"
#include "shell/values.h"

struct eval_command {
    const char *outputs[FORAY_MAX_ARRAYS]; /* as they were given */
    struct eval_run run;
    int n_outputs;
    char *names[FORAY_EVAL_MAX_NAMES +
                FORAY_MAX_ARRAYS]; /* copies, to be freed */
    int n_names;
};

static const char *read_output(void *field, const char *text)
{
    struct eval_command *c = field;

    if (!*text)
        return "must be NAME=OUT";
    if (c->n_outputs == FORAY_MAX_ARRAYS)
        return "may be given 8 times";
    c->outputs[c->n_outputs++] = text;
    return NULL;
}

static const char *read_reduce(void *field, const char *text)
{
    static const char *const words[] = {"sum", "mean", "min", "max", NULL};
    int i = value_word(text, words);

    if (i < 0)
        return "must be sum, mean, min or max";
    *(enum foray_eval_reduce *)field =
        (enum foray_eval_reduce)(FORAY_EVAL_SUM + i);
    return NULL;
}

static const struct option_spec eval_options[] = {
    {"output", 'o', "[NAME=]OUT", read_output, 0,
     "write NAME's value, or that of the last statement; repeatable"},
    {"reduce", 0, "sum|mean|min|max", read_reduce,
     offsetof(struct eval_command, run.eval.reduce),
     "of all elements: printed; -o: 0-d"},
    {0}};

/* How many characters of a name and a "=" the text begins with; 0: none. */
static size_t name_length(const char *text)
{
    size_t n = 0;

    if (isdigit((unsigned char)*text))
        return 0;
    while (isalnum((unsigned char)text[n]) || text[n] == '_')
        n++;
    return text[n] == '=' ? n : 0;
}

/* A copy of the name; NULL without memory. Owner: the command. */
static const char *keep_name(struct eval_command *c, const char *text)
{
    char *name = strndup(text, name_length(text));

    if (name)
        c->names[c->n_names++] = name;
    else
        message("out of memory");
    return name;
}

static int name_output(struct eval_command *c, int k)
{
    const char *text = c->outputs[k];
    size_t n = name_length(text);
    struct foray_error err;

    if (!n && c->n_outputs > 1)
        return options_wrong("-o %s: with several outputs each needs its name, "
                             "NAME=OUT.npy",
                             text);
    if (n && !(c->run.eval.out[k] = keep_name(c, text)))
        return STATUS_FAILED;
    text += n ? n + 1 : 0;
    if (!*text)
        return options_wrong("-o %s names no file", c->outputs[k]);
    for (int other = 0; other < k; other++)
        if (!strcmp(c->run.outputs[other].text, text))
            return options_wrong("-o %s is given twice", text);
    if (output_name(&c->run.outputs[k], text, &err)) {
        message("%s", err.msg);
        return STATUS_FAILED;
    }
    return 0;
}

/* NAME=ARRAY or NAME=NUMBER; a file of that name wins. */
static int add_input(struct eval_command *c, int k, const char *text)
{
    size_t n = name_length(text);
    const char *value = text + n + 1;
    struct foray_eval_name *in = &c->run.eval.in[k];

    if (!n || !*value)
        return options_wrong("%s: must be NAME=ARRAY or NAME=NUMBER", text);
    in->name = keep_name(c, text);
    if (!in->name)
        return STATUS_FAILED;
    if (!strchr("0123456789.+-", *value) || !access(value, F_OK) ||
        strchr(value, '/'))
        return dataset_find(&c->run.inputs[k], value);
    in->number = value;
    return 0;
}

static int check(struct eval_command *c, char **operands, int n)
{
    const struct parallel *parallel = &c->run.parallel;
    int status = 0;

    if (!n)
        return options_wrong("no expression: foray eval 'y=a*x+b' a=2 b=1 "
                             "x=x.npy -o y=y.npy");
    if (n - 1 > FORAY_EVAL_MAX_NAMES)
        return options_wrong("more than %d names", FORAY_EVAL_MAX_NAMES);
    if (!c->n_outputs && !c->run.eval.reduce)
        return options_wrong("-o NAME=OUT.npy is needed, or --reduce: where "
                             "the values go");
    if (c->run.eval.reduce && parallel->on_error == FORAY_SKIP)
        return options_wrong("--reduce and --on-error skip contradict each "
                             "other");
    c->run.eval.text = operands[0];
    for (int k = 1; k < n && !status; k++)
        status = add_input(c, k - 1, operands[k]);
    for (int k = 0; k < c->n_outputs && !status; k++)
        status = name_output(c, k);
    return status ? status : parallel_check(parallel);
}

int cmd_eval(const struct command *command, int argc, char **argv)
{
    struct eval_command c = {.run.parallel.on_error = FORAY_STOP};
    const struct option_table tables[] = {
        {"Values", eval_options, &c},
        {"Parallel options", parallel_options, &c.run.parallel},
    };
    int first = options_parse(command, tables, sizeof tables / sizeof *tables,
                              argc, argv);
    int status;

    if (first < 0)
        return first == OPTIONS_HELP ? STATUS_DONE : STATUS_USAGE;
    status = check(&c, argv + first, argc - first);
    c.run.eval.on_error = c.run.parallel.on_error;
    if (!status)
        status = eval_run(&c.run);
    for (int k = 0; k < FORAY_EVAL_MAX_NAMES; k++)
        dataset_free(&c.run.inputs[k]);
    for (int k = 0; k < FORAY_MAX_ARRAYS; k++)
        output_end(&c.run.outputs[k]);
    for (int k = 0; k < c.n_names; k++)
        free(c.names[k]);
    return status;
}
