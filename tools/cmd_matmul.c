/* foray matmul and foray gram */
#include "shell/command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <foray/storage.h>

#include "data/dataset.h"
#include "data/linalg_door.h"
#include "data/output.h"
#include "shell/message.h"
#include "shell/options.h"
#include "shell/parallel.h"
#include "shell/stop.h"
#include "shell/values.h"

struct product_command {
    struct parallel parallel;
    const char *output;
    bool columns; /* gram: of columns */
};

static const struct option_spec matmul_options[] = {
    {"output", 'o', "OUT", value_text, offsetof(struct product_command, output),
     "OUT.npy or OUT.h5[:/dataset]; needed"},
    {0}};

static const struct option_spec gram_options[] = {
    {"output", 'o', "OUT", value_text, offsetof(struct product_command, output),
     "OUT.npy or OUT.h5[:/dataset]; needed"},
    {"columns", 0, NULL, value_flag, offsetof(struct product_command, columns),
     "of columns, X'X, instead of rows, XX'"},
    {0}};

/* What a product is made of, and what it will be. */
struct product {
    struct dataset names[2];
    struct foray_array inputs[2];
    int n_inputs;
    struct output output;
    struct foray_pool *pool;
};

static int open_inputs(struct product *product, bool columns,
                       struct foray_error *err)
{
    for (int k = 0; k < product->n_inputs; k++)
        if (dataset_open(&product->inputs[k], &product->names[k], product->pool,
                         "r", err))
            return err->code;
    if (columns)
        return foray_array_transpose(&product->inputs[0], &product->inputs[0],
                                     NULL, err);
    return 0;
}

/* What the library would refuse, when it is not asked. */
static int check_inputs(const struct product *product, struct foray_error *err)
{
    const struct foray_array *a = &product->inputs[0];
    const struct foray_array *b = &product->inputs[product->n_inputs - 1];

    if (a->ndim == 2 && b->ndim == 2 &&
        (product->n_inputs == 1 || a->shape[1] == b->shape[0]))
        return 0;
    return message_error(err, FORAY_ESHAPE,
                         "there is no product: two matrices are needed, and as "
                         "many columns of the first as rows of the second");
}

/* Wrong inputs are for the library to refuse: they get an output of some
 * shape. */
static int make_output(struct product *product, bool is_dry,
                       struct foray_error *err)
{
    const struct foray_array *a = &product->inputs[0];
    const struct foray_array *b = &product->inputs[product->n_inputs - 1];
    bool is_gram = product->n_inputs == 1;
    bool is_f32 = a->dtype == FORAY_F32 && b->dtype == FORAY_F32;
    size_t shape[2] = {a->ndim == 2 ? a->shape[0] : 1,
                       b->ndim == 2 ? b->shape[!is_gram] : 1};

    return (is_dry ? output_plan : output_make)(
        &product->output, is_f32 ? FORAY_F32 : FORAY_F64, 2, shape, err);
}

static int multiply(struct product *product, struct foray_error *err)
{
    const struct linalg_door *linalg = linalg_door(err);

    if (!linalg)
        return FORAY_ENOTSUP;
    if (product->n_inputs == 1)
        return linalg->gram(product->pool, &product->inputs[0],
                            &product->output.array, err);
    return linalg->matmul(product->pool, &product->inputs[0],
                          &product->inputs[1], &product->output.array, err);
}

static void say(const struct output *output, bool is_dry)
{
    const struct foray_array *array = &output->array;
    char bytes[MESSAGE_BYTES_SIZE], text[128];

    snprintf(text, sizeof text, "(%zu, %zu) %s, %s", array->shape[0],
             array->shape[1], foray_dtype_name(array->dtype),
             message_bytes(bytes, foray_array_nbytes(array)));
    if (is_dry)
        printf("%s: %s\n", output->text, text);
    else
        message("%s: %s", output->text, text);
}

static int make_product(struct product *product, struct product_command *c,
                        struct foray_error *err)
{
    int code = 0;

    if (!linalg_door(err)) /* before workers are: they have it from here */
        return FORAY_ENOTSUP;
    stop_install();
    if (!c->parallel.dry_run)
        code = parallel_open(&product->pool, &c->parallel, 0, err);
    if (!code)
        code = open_inputs(product, c->columns, err);
    if (!code && c->parallel.dry_run)
        code = check_inputs(product, err);
    if (!code)
        code = make_output(product, c->parallel.dry_run, err);
    if (!code && !c->parallel.dry_run)
        code = multiply(product, err);
    if (!code && !c->parallel.dry_run)
        code = parallel_whole(err);
    if (!code && !c->parallel.dry_run)
        code = output_commit(&product->output, product->pool, err);
    return code;
}

static int run(struct product *product, struct product_command *c)
{
    struct foray_error err = {0};
    int code = output_name(&product->output, c->output, &err);

    if (!code)
        code = make_product(product, c, &err);
    if (code && !stop_signal())
        message("%s", err.msg);
    else if (!code && !c->parallel.quiet)
        say(&product->output, c->parallel.dry_run);
    parallel_close(product->pool);
    output_end(&product->output);
    for (int k = 0; k < product->n_inputs; k++)
        foray_array_close(&product->inputs[k], NULL);
    if (code && stop_signal())
        return stop_status();
    return code ? STATUS_FAILED : STATUS_DONE;
}

static int command_of(const struct command *command,
                      const struct option_spec *specs, int n_inputs, int argc,
                      char **argv)
{
    struct product_command c = {0};
    const struct option_table tables[] = {
        {"Options", specs, &c},
        {"Parallel options", parallel_options, &c.parallel}};
    struct product product = {.n_inputs = n_inputs};
    int i = options_parse(command, tables, 2, argc, argv), status;

    if (i < 0)
        return i == OPTIONS_HELP ? STATUS_DONE : STATUS_USAGE;
    if (argc - i != n_inputs)
        return options_wrong("name %s",
                             n_inputs == 1 ? "one matrix" : "two matrices");
    if (!c.output)
        return options_wrong("say where to: -o OUT.npy");
    status = parallel_check(&c.parallel);
    for (int k = 0; k < n_inputs && status == STATUS_DONE; k++)
        status = dataset_find(&product.names[k], argv[i + k]);
    if (status == STATUS_DONE)
        status = run(&product, &c);
    for (int k = 0; k < n_inputs; k++)
        dataset_free(&product.names[k]);
    return status;
}

int cmd_matmul(const struct command *command, int argc, char **argv)
{
    return command_of(command, matmul_options, 2, argc, argv);
}

int cmd_gram(const struct command *command, int argc, char **argv)
{
    return command_of(command, gram_options, 1, argc, argv);
}
