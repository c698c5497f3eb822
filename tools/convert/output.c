#include "convert/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/joblib.h>
#include <foray/npz.h>

#include "data/beside.h"
#include "data/hdf5_door.h"
#include "data/output.h"
#include "shell/command.h"
#include "shell/message.h"
#include "shell/options.h"
#include "shell/stop.h"

static const struct {
    const char *suffix;
    enum convert_format format;
    bool has_members;
} suffixes[] = {
    {".npy", CONVERT_NPY, false},       {".npz", CONVERT_NPZ, true},
    {".joblib", CONVERT_JOBLIB, false}, {".pkl", CONVERT_JOBLIB, false},
    {".h5", CONVERT_HDF5, true},        {".hdf5", CONVERT_HDF5, true},
    {".raw", CONVERT_RAW, false},       {".csv", CONVERT_CSV, false}};

enum { N_SUFFIXES = sizeof suffixes / sizeof *suffixes };

static bool find_format(struct convert_out *out, bool with_member)
{
    for (int k = 0; k < N_SUFFIXES; k++)
        if (output_has_suffix(out->path, suffixes[k].suffix) &&
            (!with_member || suffixes[k].has_members)) {
            out->format = suffixes[k].format;
            return true;
        }
    return false;
}

static int check(const struct convert_out *out)
{
    bool is_hdf5 = out->format == CONVERT_HDF5, has_chunk = false;

    for (int k = 0; k < FORAY_MAX_NDIM; k++)
        has_chunk |= out->hdf5.chunk[k] != 0;
    if (!is_hdf5 && (has_chunk || out->hdf5.shuffle || out->hdf5.fletcher32 ||
                     out->hdf5.overwrite || out->append))
        return options_wrong(
            "--chunk, --shuffle, --fletcher32, --overwrite and "
            "--append are of HDF5 files");
    if (out->hdf5.deflate && !is_hdf5 && out->format != CONVERT_NPZ)
        return options_wrong("--deflate is of HDF5 and npz files; joblib files "
                             "have --compress");
    if (out->compress && out->format != CONVERT_JOBLIB)
        return options_wrong("--compress is of joblib files; HDF5 and npz have "
                             "--deflate");
    if (out->append && out->hdf5.overwrite)
        return options_wrong("--append and --overwrite contradict each other");
    return STATUS_DONE;
}

int convert_out_name(struct convert_out *out, const char *text)
{
    char *colon;

    out->path = strdup(text);
    if (!out->path) {
        message("out of memory");
        return STATUS_FAILED;
    }
    if (find_format(out, false))
        return check(out);
    colon = strrchr(out->path, ':');
    if (colon) {
        *colon = '\0';
        out->member = colon + 1;
        if (find_format(out, true))
            return check(out);
    }
    return options_wrong("%s: the suffix says what to write: .npy .npz .joblib "
                         ".pkl .h5 .hdf5 .raw .csv",
                         text);
}

/* The name, if all went well. */
static int finish(FILE *file, char *beside, const char *path,
                  struct foray_error *err)
{
    bool failed = ferror(file) || fflush(file) || fsync(fileno(file));
    int code = 0;

    failed |= fclose(file) != 0;
    if (failed || rename(beside, path))
        code = message_error(err, errno == ENOSPC ? FORAY_ENOSPC : FORAY_EIO,
                             "cannot write %s: %s", path, strerror(errno));
    if (code)
        unlink(beside);
    free(beside);
    return code;
}

/* Ctrl-C between two rows. */
static int heed_stop(struct foray_error *err)
{
    return stop_signal() ? message_error(err, FORAY_ECANCELED, "stopped") : 0;
}

/* Rows of a matrix, or single elements, as many at a time as fit. */
static int write_part(FILE *file, const struct foray_array *part, void *buffer,
                      struct foray_error *err)
{
    struct foray_array block;
    int code = 0;

    if (part->dtype == FORAY_OPAQUE)
        return message_error(err, FORAY_EDTYPE,
                             "elements without a type cannot be written");
    code = heed_stop(err);
    if (!code)
        code = foray_array_wrap(&block, buffer, part->dtype, part->ndim,
                                part->shape, err);
    if (!code)
        code = foray_array_copy(&block, part, err);
    if (!code)
        fwrite(buffer, 1, foray_array_nbytes(&block), file);
    return code;
}

static int write_raw(FILE *file, const struct foray_array *array, void *buffer,
                     size_t room, struct foray_error *err)
{
    size_t rows = array->ndim ? array->shape[0] : 1;
    size_t each = rows ? foray_array_nbytes(array) / rows : 0;
    size_t at_once = each && each <= room ? room / each : 1;
    int code = 0;

    if (!each)
        return 0;
    for (size_t i = 0; i < rows && !code; i += at_once) {
        struct foray_array part;

        if (each > room) {
            code = foray_array_index(&part, array, 0, i, err);
            if (!code)
                code = write_raw(file, &part, buffer, room, err);
            continue;
        }
        part = *array;
        if (array->ndim) {
            part.data = foray_row(array, i);
            part.shape[0] = rows - i < at_once ? rows - i : at_once;
        }
        code = write_part(file, &part, buffer, err);
    }
    return code;
}

static void write_number(FILE *file, double value)
{
    char text[32];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fputs(text, file);
}

/* A line of a table: a row as f64, or as integers, which have more digits. */
static int write_line(FILE *file, const struct foray_array *row, void *buffer,
                      struct foray_error *err)
{
    bool is_float = row->dtype >= FORAY_F16;
    enum foray_dtype dtype = is_float                  ? FORAY_F64
                             : row->dtype == FORAY_U64 ? FORAY_U64
                                                       : FORAY_I64;
    struct foray_array line;
    int code =
        foray_array_wrap(&line, buffer, dtype, row->ndim, row->shape, err);

    if (!code)
        code = foray_array_copy(&line, row, err);
    for (size_t j = 0; !code && j < foray_array_nitems(row); j++) {
        if (j)
            fputc(',', file);
        if (dtype == FORAY_F64)
            write_number(file, ((const double *)buffer)[j]);
        else if (dtype == FORAY_I64)
            fprintf(file, "%lld", (long long)((const int64_t *)buffer)[j]);
        else
            fprintf(file, "%llu",
                    (unsigned long long)((const uint64_t *)buffer)[j]);
    }
    fputc('\n', file);
    return code;
}

static int write_csv(FILE *file, const struct foray_array *array,
                     struct foray_error *err)
{
    size_t rows = array->ndim ? array->shape[0] : 1;
    size_t cols = array->ndim > 1 ? array->shape[1] : 1;
    void *buffer;
    int code = 0;

    if (array->ndim > 2)
        return message_error(err, FORAY_ESHAPE,
                             "a table has 2 axes, this array has %d",
                             array->ndim);
    if (array->dtype == FORAY_OPAQUE || array->dtype >= FORAY_C64)
        return message_error(err, FORAY_EDTYPE,
                             "elements of type %s are no numbers of a table",
                             foray_dtype_name(array->dtype));
    buffer = calloc(cols + 1, 8);
    if (!buffer)
        return message_error(err, FORAY_ENOMEM, "no memory for a line");
    for (size_t i = 0; i < rows && !code && !ferror(file); i++) {
        struct foray_array row = *array;

        code = heed_stop(err);
        if (!code && array->ndim)
            code = foray_array_index(&row, array, 0, i, err);
        if (!code)
            code = write_line(file, &row, buffer, err);
    }
    free(buffer);
    return code;
}

static int save_plain(const struct convert_out *out,
                      const struct foray_array *array, struct foray_error *err)
{
    enum { ROOM = 1 << 20 };
    char *beside;
    FILE *file = beside_open(&beside, out->path, err);
    void *buffer = file ? malloc(ROOM) : NULL;
    int code;

    if (!file)
        return err->code;
    if (!buffer)
        code = message_error(err, FORAY_ENOMEM, "no memory for %s", out->path);
    else
        code = out->format == CONVERT_RAW
                   ? write_raw(file, array, buffer, ROOM, err)
                   : write_csv(file, array, err);
    free(buffer);
    if (!code)
        return finish(file, beside, out->path, err);
    fclose(file);
    unlink(beside);
    free(beside);
    return code;
}

static int save_hdf5(const struct convert_out *out,
                     const struct foray_array *array, struct foray_pool *pool,
                     struct foray_error *err)
{
    const struct hdf5_door *hdf5 = hdf5_door(err);

    if (!hdf5)
        return FORAY_ENOTSUP;
    if (out->append)
        return hdf5->append(pool, out->path, out->member, array, err);
    return hdf5->save(pool, out->path, out->member, array, &out->hdf5, err);
}

int convert_out_save(const struct convert_out *out,
                     const struct foray_array *array, struct foray_pool *pool,
                     struct foray_error *err)
{
    struct foray_named_array named = {out->member, array};
    struct foray_npz_options npz = {.deflate = out->hdf5.deflate};
    struct foray_joblib_options joblib = {.compress = out->compress};

    switch (out->format) {
    case CONVERT_NPZ:
        return foray_npz_save(out->path, &named, 1, &npz, err);
    case CONVERT_JOBLIB:
        return foray_joblib_save(out->path, &named, 1, &joblib, err);
    case CONVERT_HDF5:
        return save_hdf5(out, array, pool, err);
    default:
        return save_plain(out, array, err);
    }
}

void convert_out_say(const struct convert_out *out, bool is_dry,
                     const size_t *shape, int ndim, enum foray_dtype dtype,
                     size_t itemsize)
{
    char bytes[MESSAGE_BYTES_SIZE], *text = NULL;
    size_t nbytes = itemsize, size;
    FILE *line = open_memstream(&text, &size);

    if (!line)
        return;
    for (int k = 0; k < ndim; k++)
        nbytes *= shape[k];
    fprintf(line, "%s: ", out->path);
    message_shape(line, shape, ndim, false);
    fprintf(line, " %s, %s", foray_dtype_name(dtype),
            message_bytes(bytes, nbytes));
    if (fclose(line))
        return;
    if (is_dry)
        puts(text);
    else
        message("%s", text);
    free(text);
}
