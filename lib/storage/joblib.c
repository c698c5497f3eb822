/* Files of joblib.dump: list, open, load. */
#include <foray/joblib.h>
#include <foray/storage.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "storage/dataset.h"
#include "storage/existing.h"
#include "storage/joblib_file.h"

/* Whether the elements lie in the file as they are, and are to be mapped. */
static bool is_in_place(const struct foray__joblib_file *file,
                        const struct foray__pickle_array *array)
{
    return file->codec == FORAY__STORED && array->may_map;
}

static void describe(struct foray_dataset *out,
                     const struct foray__joblib_file *file,
                     const struct foray__pickle_array *array)
{
    bool in_place = is_in_place(file, array);

    foray__dataset_of_header(out, &array->header);
    out->mappable = in_place;
    out->offset = in_place ? array->offset : 0;
    out->stored = in_place ? out->nbytes : 0;
    snprintf(out->layout, sizeof out->layout, "%s",
             foray__codec_name(file->codec));
}

/* Python objects are there, but for nobody to open. */
static void describe_objects(struct foray_dataset *out,
                             const struct foray__npy_header *header)
{
    out->ndim = header->ndim;
    memcpy(out->shape, header->shape, sizeof out->shape);
    out->fortran_order = header->fortran_order;
    snprintf(out->descr, sizeof out->descr, "|O");
    snprintf(out->layout, sizeof out->layout, "Python objects");
}

static int list(struct foray_dataset_list *out, struct foray__joblib_file *file,
                struct foray_error *err)
{
    FORAY_TRY(foray__joblib_check(file, err));
    out->items = calloc(file->n + 1, sizeof *out->items);
    if (!out->items)
        return foray__fail(err, FORAY_ENOMEM, "no memory to list %s",
                           file->label);
    for (; out->n < file->n; out->n++) {
        struct foray__joblib_entry *entry = &file->entries[out->n];

        if (entry->array->of_objects)
            describe_objects(&out->items[out->n], &entry->array->header);
        else
            describe(&out->items[out->n], file, entry->array);
        out->items[out->n].name = entry->name;
        entry->name = NULL;
    }
    return 0;
}

int foray_joblib_list(struct foray_dataset_list *out, const char *path,
                      struct foray_error *err)
{
    struct foray__joblib_file file = {.fd = -1};
    int code;

    memset(out, 0, sizeof *out);
    code = foray__joblib_read(&file, path, false, NULL, NULL, err);
    if (!code)
        code = list(out, &file, err);
    foray__joblib_close(&file);
    return code;
}

/* What an array's elements come from. */
struct source {
    struct foray__input *input;
    uint64_t nbytes;
};

static int read_bytes(void *from, void *bytes, size_t nbytes,
                      struct foray_error *err)
{
    return foray__input_read(from, bytes, nbytes, err);
}

/* A foray__fill_fn. */
static int fill(const struct foray__sink *sink, size_t offset, const void *arg,
                struct foray_error *err)
{
    const struct source *source = arg;

    return foray__sink_pull(sink, offset, (size_t)source->nbytes, read_bytes,
                            source->input, err);
}

static int make(struct foray_array *out, struct foray__input *input,
                const struct foray__pickle_array *array,
                struct foray_error *err)
{
    struct source source = {input, array->header.nbytes};
    struct foray__layout layout;

    foray__layout_of_header(&layout, &array->header);
    return foray__make(out, &layout, NULL, NULL, fill, &source,
                       FORAY_READ_WRITE, err);
}

/* What is wanted of a file. */
struct wanted {
    struct foray__joblib_file file;
    struct foray_array *out;
    const char *name;
    bool map;
    enum foray_mode mode;
    const struct foray__pickle_array *taken; /* out is this one already */
};

/* The array that is all of a compressed file is read when it comes by; of
 * others it is not known yet what they are called. One that says it is much
 * larger than most data is compressed has to be there first, before anything is
 * reserved for it. */
static int take(struct foray__pickle *pickle,
                const struct foray__pickle_array *array, bool is_all,
                bool *taken, void *arg, struct foray_error *err)
{
    enum { PLAUSIBLE = 1000 };
    struct wanted *wanted = arg;
    const struct foray__joblib_file *file = &wanted->file;

    if (!is_all || (wanted->name && *wanted->name) || wanted->taken ||
        file->codec == FORAY__STORED ||
        array->header.nbytes / PLAUSIBLE > file->size)
        return 0;
    *taken = true;
    wanted->taken = array;
    return make(wanted->out, pickle->input, array, err);
}

static int read_again(struct wanted *wanted,
                      const struct foray__pickle_array *array,
                      struct foray_error *err)
{
    struct foray__joblib_file *file = &wanted->file;
    struct foray__input input;
    int code;

    FORAY_TRY(foray__input_open(&input, file->fd, 0, file->size, file->codec,
                                file->label, err));
    code = foray__input_skip(&input, array->offset, err);
    if (!code)
        code = make(wanted->out, &input, array, err);
    foray__input_close(&input);
    return code;
}

static int get(struct wanted *wanted, struct foray_error *err)
{
    struct foray__joblib_file *file = &wanted->file;
    const struct foray__joblib_entry *entry;
    struct foray__layout layout;
    int code;

    FORAY_TRY(foray__joblib_find(&entry, file, wanted->name, err));
    if (wanted->taken == entry->array)
        return 0;
    if (wanted->taken) /* of a pickle that leaves things over */
        FORAY_TRY(foray_array_close(wanted->out, err));
    if (!wanted->map || !is_in_place(file, entry->array))
        return read_again(wanted, entry->array, err);
    foray__layout_of_header(&layout, &entry->array->header);
    code = foray__existing_map(wanted->out, file->fd, file->path, &layout,
                               entry->array->offset,
                               entry->array->header.nbytes, wanted->mode, err);
    if (!code)
        file->fd = -1; /* the segment's */
    return code;
}

static int find_and_get(struct wanted *wanted, const char *path,
                        struct foray_error *err)
{
    bool writable = wanted->map && wanted->mode == FORAY_READ_WRITE;
    int code;

    wanted->file.fd = -1;
    memset(wanted->out, 0, sizeof *wanted->out);
    code = foray__joblib_read(&wanted->file, path, writable, take, wanted, err);
    if (!code && writable && wanted->file.codec != FORAY__STORED)
        code = foray__fail(err, FORAY_ENOTSUP,
                           "%s is compressed: what is stored in its array in "
                           "mode r+ could not reach the file, use c",
                           wanted->file.label);
    if (!code)
        code = get(wanted, err);
    foray__joblib_close(&wanted->file);
    if (code)
        foray_array_close(wanted->out, NULL);
    return code;
}

int foray_joblib_open(struct foray_array *out, const char *path,
                      const char *name, const char *mode,
                      struct foray_error *err)
{
    struct wanted wanted = {.out = out, .name = name, .map = true};

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray__existing_mode(&wanted.mode, mode, err));
    return find_and_get(&wanted, path, err);
}

int foray_joblib_load(struct foray_array *out, const char *path,
                      const char *name, struct foray_error *err)
{
    struct wanted wanted = {.out = out, .name = name};

    return find_and_get(&wanted, path, err);
}
