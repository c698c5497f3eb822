#include "convert/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "convert/copy.h"
#include "convert/parts_join.h"
#include "shell/command.h"
#include "shell/message.h"
#include "shell/stop.h"

/* The inputs, and what they are together. */
struct conversion {
    struct foray_array *inputs;
    int n_inputs;
    struct foray_array whole; /* made of them, if it has to be */
    size_t shape[FORAY_MAX_NDIM];
    int ndim;
    enum foray_dtype dtype;
    struct foray_pool *pool;
};

static int join_shapes(struct conversion *conversion, char **texts,
                       struct foray_error *err)
{
    const struct foray_array *first = &conversion->inputs[0];

    conversion->ndim = first->ndim;
    memcpy(conversion->shape, first->shape, sizeof conversion->shape);
    for (int k = 1; k < conversion->n_inputs; k++) {
        const struct foray_array *other = &conversion->inputs[k];

        if (!first->ndim || other->ndim != first->ndim ||
            memcmp(other->shape + 1, first->shape + 1,
                   (size_t)(first->ndim - 1) * sizeof *first->shape) != 0)
            return message_error(
                err, FORAY_ESHAPE,
                "%s and %s cannot be put one behind the other: "
                "only the first axis may differ",
                texts[0], texts[k]);
        if (__builtin_add_overflow(conversion->shape[0], other->shape[0],
                                   &conversion->shape[0]))
            return message_error(err, FORAY_ERANGE, "too many rows");
    }
    return 0;
}

static int join_dtypes(struct conversion *conversion,
                       const struct convert_run *c, char **texts, bool has_raw,
                       struct foray_error *err)
{
    conversion->dtype = conversion->inputs[0].dtype;
    if (c->raw.dtype && !has_raw) {
        conversion->dtype = c->raw.dtype;
        return 0;
    }
    for (int k = 1; k < conversion->n_inputs; k++)
        if (conversion->inputs[k].dtype != conversion->dtype)
            return message_error(err, FORAY_EDTYPE,
                                 "%s is of type %s, %s of type %s: say --dtype",
                                 texts[0], foray_dtype_name(conversion->dtype),
                                 texts[k],
                                 foray_dtype_name(conversion->inputs[k].dtype));
    return 0;
}

/* Whether the one input can be saved as it is. */
static bool is_as_it_is(const struct conversion *conversion,
                        const struct convert_run *c)
{
    const struct foray_array *input = &conversion->inputs[0];

    return conversion->n_inputs == 1 && input->dtype == conversion->dtype &&
           (c->order == FORAY_ANY_ORDER ||
            foray_array_is_contiguous(input, c->order));
}

/* All inputs, one behind the other, as the new array: with a path the file
 * itself, beside its name. */
static int assemble(struct conversion *conversion, const struct convert_run *c,
                    const char *path, struct foray_error *err)
{
    struct foray_placement placement = {.partial = path != NULL};
    size_t row = 0;
    int code;

    if (conversion->dtype == FORAY_OPAQUE)
        return message_error(err, FORAY_EDTYPE,
                             "elements without a type can only be copied as "
                             "they are: one input, no --order");
    placement.fortran_order =
        c->order == FORAY_F_ORDER ||
        (c->order == FORAY_ANY_ORDER && conversion->n_inputs == 1 &&
         foray_array_is_contiguous(&conversion->inputs[0], FORAY_F_ORDER) &&
         !foray_array_is_contiguous(&conversion->inputs[0], FORAY_C_ORDER));
    code = foray_array_create_at(&conversion->whole, path, conversion->dtype,
                                 conversion->ndim, conversion->shape,
                                 &placement, err);
    for (int k = 0; k < conversion->n_inputs && !code; k++) {
        const struct foray_array *input = &conversion->inputs[k];

        code = convert_copy_rows(&conversion->whole, row, input,
                                 conversion->pool, err);
        row += input->ndim ? input->shape[0] : 0;
    }
    return code;
}

static int write_output(struct conversion *conversion,
                        const struct convert_run *c, struct foray_error *err)
{
    bool as_it_is = is_as_it_is(conversion, c);
    int code;

    if (c->out.format == CONVERT_NPY || c->out.format == CONVERT_RAW ||
        c->out.format == CONVERT_CSV)
        stop_install(); /* what is beside the name does not stay */
    if (c->out.format == CONVERT_NPY) {
        if (as_it_is && (conversion->dtype == FORAY_OPAQUE ||
                         conversion->inputs[0].swapped))
            return foray_array_save(&conversion->inputs[0], c->out.path, err);
        code = assemble(conversion, c, c->out.path, err);
        return code ? code : foray_array_commit(&conversion->whole, err);
    }
    if (as_it_is)
        return convert_out_save(&c->out, &conversion->inputs[0],
                                conversion->pool, err);
    code = assemble(conversion, c, NULL, err);
    return code ? code
                : convert_out_save(&c->out, &conversion->whole,
                                   conversion->pool, err);
}

static void say(const struct conversion *conversion,
                const struct convert_run *c)
{
    size_t itemsize = conversion->dtype ? foray_dtype_size(conversion->dtype)
                                        : conversion->inputs[0].itemsize;

    if (c->parallel.dry_run || !c->parallel.quiet)
        convert_out_say(&c->out, c->parallel.dry_run, conversion->shape,
                        conversion->ndim, conversion->dtype, itemsize);
}

static int convert(struct conversion *conversion, struct convert_run *c,
                   char **texts)
{
    struct foray_error err = {0};
    bool has_raw = false;
    int status = STATUS_DONE, code = 0;

    if (!c->parallel.dry_run)
        code = parallel_open(&conversion->pool, &c->parallel, 0, &err);
    for (int k = 0; !code && k < conversion->n_inputs; k++) {
        has_raw |= convert_is_raw(texts[k]);
        status = convert_open(&conversion->inputs[k], texts[k], &c->raw,
                              conversion->pool);
        if (status != STATUS_DONE)
            return stop_signal() ? stop_status() : status;
    }
    if (!code)
        code = join_shapes(conversion, texts, &err);
    if (!code)
        code = join_dtypes(conversion, c, texts, has_raw, &err);
    if (!code)
        code = parallel_whole(&err);
    if (!code && !c->parallel.dry_run)
        code = write_output(conversion, c, &err);
    if (code && stop_signal())
        return stop_status();
    if (code) {
        message("%s", err.msg);
        return STATUS_FAILED;
    }
    say(conversion, c);
    return STATUS_DONE;
}

int convert_run(struct convert_run *c, char **texts, int n_inputs)
{
    struct conversion conversion = {.n_inputs = n_inputs};
    int status;

    if (c->out.format == CONVERT_HDF5) /* workers write it beside its name */
        stop_install();
    if (parts_are(c, texts))
        return parts_join(c, texts, (size_t)n_inputs);
    conversion.inputs = calloc((size_t)n_inputs, sizeof *conversion.inputs);
    if (!conversion.inputs) {
        message("out of memory");
        return STATUS_FAILED;
    }
    status = convert(&conversion, c, texts);
    parallel_close(conversion.pool);
    foray_array_close(&conversion.whole, NULL);
    for (int k = 0; k < n_inputs; k++)
        foray_array_close(&conversion.inputs[k], NULL);
    free(conversion.inputs);
    return status;
}
