#include "shell/command.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>

#include "convert/input.h"
#include "convert/run.h"
#include "shell/options.h"
#include "shell/values.h"

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

#define AT(field) offsetof(struct convert_run, field)

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
    {"compress", 0, "zlib|gzip|bz2|xz|lzma|lz4", read_compressor,
     AT(out.compress), "joblib: by this method"},
    {0}};

/* What is said of raw inputs, and would be passed over without one. */
static int check_raw(const struct convert_raw *raw, char **texts, int n)
{
    for (int k = 0; k < n; k++)
        if (convert_is_raw(texts[k]))
            return STATUS_DONE;
    if (raw->ndim >= 0)
        return options_wrong("--shape is of .raw inputs, and there is none");
    if (raw->swapped)
        return options_wrong("--dtype with an order of bytes is of .raw "
                             "inputs; outputs have that of this machine");
    return STATUS_DONE;
}

int cmd_convert(const struct command *command, int argc, char **argv)
{
    struct convert_run c = {.raw = {.ndim = -1}};
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
        status = check_raw(&c.raw, argv + i, argc - i - 1);
    if (status == STATUS_DONE)
        status = convert_run(&c, argv + i, argc - i - 1);
    free(c.out.path);
    return status;
}
