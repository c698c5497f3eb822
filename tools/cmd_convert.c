#include "command.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/map.h>
#include <foray/storage.h>

#include "convert_in.h"
#include "convert_out.h"
#include "message.h"
#include "options.h"
#include "parallel.h"
#include "stop.h"
#include "values.h"

struct convert_command {
    struct parallel parallel;
    struct convert_raw raw; /* dtype also of other outputs */
    struct convert_out out;
    enum foray_order order; /* any: as it is */
};

static const char *read_dtype(void *field, const char *text)
{
    struct convert_raw *raw = field;

    return foray_dtype_parse(&raw->dtype, &raw->swapped, text, NULL)
               ? "must be bool i8..i64 u8..u64 f16 f32 f64 c64 c128, or as "
                 "NumPy has it, such as '>f4'"
               : NULL;
}

/* "3x4x5"; "" has no axes. -1: it is none. */
static int read_lengths(size_t *lengths, const char *text)
{
    int n = 0;

    for (; *text; n++) {
        char *end;
        unsigned long long length = strtoull(text, &end, 10);

        if (!isdigit((unsigned char)*text) || n == FORAY_MAX_NDIM ||
            length > PTRDIFF_MAX || (*end && *end != 'x' && *end != 'X'))
            return -1;
        lengths[n] = (size_t)length;
        text = *end ? end + 1 : end;
        if (*end && !*text)
            return -1;
    }
    return n;
}

static const char *read_shape(void *field, const char *text)
{
    struct convert_raw *raw = field;

    raw->ndim = read_lengths(raw->shape, text);
    return raw->ndim < 0 ? "must be lengths such as 3x4x5" : NULL;
}

static const char *read_chunk(void *field, const char *text)
{
    return read_lengths(field, text) <= 0 ? "must be lengths such as 100x100"
                                          : NULL;
}

static const char *read_order(void *field, const char *text)
{
    static const char *const words[] = {"C", "F", NULL};
    int i = value_word(text, words);

    if (i < 0)
        return "must be C or F";
    *(enum foray_order *)field = i ? FORAY_F_ORDER : FORAY_C_ORDER;
    return NULL;
}

static const char *read_level(void *field, const char *text)
{
    if (!isdigit((unsigned char)*text) || text[1])
        return "must be 0 to 9";
    *(int *)field = *text - '0';
    return NULL;
}

static const char *read_compressor(void *field, const char *text)
{
    static const char *const words[] = {"zlib", "gzip", "bz2", "xz",
                                        "lzma", "lz4",  NULL};

    if (value_word(text, words) < 0)
        return "must be zlib, gzip, bz2, xz, lzma or lz4";
    *(const char **)field = text;
    return NULL;
}

#define AT(field) offsetof(struct convert_command, field)

static const struct option_spec convert_options[] = {
    {"dtype", 0, "TYPE", read_dtype, AT(raw),
     "of the output, by a cast; of raw inputs what they are"},
    {"shape", 0, "AxBxC", read_shape, AT(raw), "of raw inputs"},
    {"order", 0, "C|F", read_order, AT(order),
     "rows or columns one behind the other (as it is)"},
    {"chunk", 0, "AxBxC", read_chunk, AT(out.hdf5.chunk),
     "HDF5: the shape of chunks (about 1 MiB if there must be some)"},
    {"deflate", 0, "0-9", read_level, AT(out.hdf5.deflate),
     "HDF5, npz: compress, 1 fast to 9 small (0)"},
    {"shuffle", 0, NULL, value_flag, AT(out.hdf5.shuffle),
     "HDF5: bytes of like weight together"},
    {"fletcher32", 0, NULL, value_flag, AT(out.hdf5.fletcher32),
     "HDF5: a checksum of each chunk"},
    {"overwrite", 0, NULL, value_flag, AT(out.hdf5.overwrite),
     "HDF5: replace the dataset if it is there"},
    {"append", 0, NULL, value_flag, AT(out.append),
     "HDF5: add rows to the dataset that is there"},
    {"compress", 0, "METHOD", read_compressor, AT(out.compress),
     "joblib: zlib, gzip, bz2, xz, lzma or lz4"},
    {0}};

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
                       const struct convert_command *c, char **texts,
                       bool has_raw, struct foray_error *err)
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
                        const struct convert_command *c)
{
    const struct foray_array *input = &conversion->inputs[0];

    return conversion->n_inputs == 1 && input->dtype == conversion->dtype &&
           (c->order == FORAY_ANY_ORDER ||
            foray_array_is_contiguous(input, c->order));
}

static int copy_slice(struct foray_task *task)
{
    struct foray_error err;

    if (foray_array_copy(foray_task_out(task, 0), foray_task_in(task, 0), &err))
        return foray_task_raise(task, &err);
    return 0;
}

/* Slices along the axis whose steps are the longest lie in one piece. */
static int outer_axis(const struct foray_array *array)
{
    int outer = 0;

    for (int k = 1; k < array->ndim; k++)
        if (array->strides[k] > array->strides[outer])
            outer = k;
    return outer;
}

static int copy_in(const struct conversion *conversion,
                   const struct foray_array *place,
                   const struct foray_array *input, struct foray_error *err)
{
    struct foray_map map = {.fn = copy_slice,
                            .in = {input},
                            .out = {place},
                            .axis = outer_axis(place),
                            .on_error = FORAY_STOP};

    if (!place->ndim || !conversion->pool)
        return foray_array_copy(place, input, err);
    return foray_map(conversion->pool, &map, NULL, err);
}

/* All inputs, one behind the other, as the new array: with a path the file
 * itself, beside its name. */
static int assemble(struct conversion *conversion,
                    const struct convert_command *c, const char *path,
                    struct foray_error *err)
{
    struct foray_placement placement = {.partial = path != NULL};
    ptrdiff_t row = 0;
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
        struct foray_array place = conversion->whole;

        if (place.ndim) {
            place.data = foray_row(&place, (size_t)row);
            place.shape[0] = input->shape[0];
            row += (ptrdiff_t)input->shape[0];
        }
        code = copy_in(conversion, &place, input, err);
    }
    return code;
}

static int write_output(struct conversion *conversion,
                        const struct convert_command *c,
                        struct foray_error *err)
{
    bool as_it_is = is_as_it_is(conversion, c);
    int code;

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
                const struct convert_command *c, FILE *file)
{
    char bytes[MESSAGE_BYTES_SIZE];
    size_t nbytes = conversion->dtype ? foray_dtype_size(conversion->dtype)
                                      : conversion->inputs[0].itemsize;

    for (int k = 0; k < conversion->ndim; k++)
        nbytes *= conversion->shape[k];
    fprintf(file, "%s: ", c->out.path);
    message_shape(file, conversion->shape, conversion->ndim, false);
    fprintf(file, " %s, %s\n", foray_dtype_name(conversion->dtype),
            message_bytes(bytes, nbytes));
}

static int convert(struct conversion *conversion, struct convert_command *c,
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
    if (!code && !c->parallel.dry_run)
        code = write_output(conversion, c, &err);
    if (code) {
        message("%s", err.msg);
        return stop_signal() ? stop_status() : STATUS_FAILED;
    }
    if (c->parallel.dry_run)
        say(conversion, c, stdout);
    else if (!c->parallel.quiet)
        say(conversion, c, stderr);
    return STATUS_DONE;
}

static int run(struct convert_command *c, char **texts, int n_inputs)
{
    struct conversion conversion = {.n_inputs = n_inputs};
    int status;

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

int cmd_convert(const struct command *command, int argc, char **argv)
{
    struct convert_command c = {.raw = {.ndim = -1}};
    const struct option_table tables[] = {
        {"Options", convert_options, &c},
        {"Parallel options", parallel_options, &c.parallel}};
    int i = options_parse(command, tables, 2, argc, argv), status;

    if (i < 0)
        return i == OPTIONS_HELP ? STATUS_DONE : STATUS_USAGE;
    if (argc - i < 2)
        return options_wrong("name what to read, and at the end what to write");
    status = parallel_check(&c.parallel);
    if (status == STATUS_DONE)
        status = convert_out_name(&c.out, argv[argc - 1]);
    if (status == STATUS_DONE)
        status = run(&c, argv + i, argc - i - 1);
    free(c.out.path);
    return status;
}
