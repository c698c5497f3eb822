#include "data/dataset.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/joblib.h>
#include <foray/npz.h>
#include <foray/storage.h>

#include "data/hdf5_door.h"
#include "data/output.h"
#include "shell/command.h"
#include "shell/message.h"
#include "shell/options.h"

const char *dataset_format_name(enum dataset_format format)
{
    static const char *const names[] = {"npy", "npz", "joblib", "hdf5"};

    return names[format];
}

/* HDF5's signature is at the start, or behind a user block of 512 bytes, 1024,
 * and so on. */
static bool is_hdf5(int fd)
{
    static const char signature[8] = "\x89HDF\r\n\x1a\n";
    char bytes[8];

    for (off_t at = 0; pread(fd, bytes, 8, at) == 8; at = at ? 2 * at : 512)
        if (!memcmp(bytes, signature, 8))
            return true;
    return false;
}

/* What is no other format is taken for .npy, whose reader says what is wrong
 * with it. */
static enum dataset_format format_of(const char *path)
{
    static const struct {
        const char *bytes;
        size_t n;
        enum dataset_format format;
    } starts[] = {{"\x93NUMPY", 6, DATASET_NPY},
                  {"PK\3\4", 4, DATASET_NPZ},
                  {"PK\5\6", 4, DATASET_NPZ},
                  {"\x80\2", 2, DATASET_JOBLIB},
                  {"\x80\3", 2, DATASET_JOBLIB},
                  {"\x80\4", 2, DATASET_JOBLIB},
                  {"\x80\5", 2, DATASET_JOBLIB},
                  {"ZF", 2, DATASET_JOBLIB},
                  {"\x78", 1, DATASET_JOBLIB},
                  {"\x1f\x8b", 2, DATASET_JOBLIB},
                  {"BZh", 3, DATASET_JOBLIB},
                  {"\xfd"
                   "7zXZ",
                   5, DATASET_JOBLIB},
                  {"\x5d\0\0", 3, DATASET_JOBLIB},
                  {"\4\"M\x18", 4, DATASET_JOBLIB}};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    enum dataset_format format = DATASET_NPY;
    char bytes[8] = "";
    ssize_t n;

    if (fd < 0)
        return format;
    n = pread(fd, bytes, sizeof bytes, 0);
    for (size_t k = 0; n > 0 && k < sizeof starts / sizeof *starts; k++)
        if ((size_t)n >= starts[k].n &&
            !memcmp(bytes, starts[k].bytes, starts[k].n)) {
            close(fd);
            return starts[k].format;
        }
    if (is_hdf5(fd))
        format = DATASET_HDF5;
    close(fd);
    return format;
}

static bool is_file(const char *path)
{
    struct stat st;

    return !stat(path, &st);
}

/* The last ":" before which there is the name of a file: it ends there. */
static bool split_member(struct dataset *dataset)
{
    for (char *colon = strrchr(dataset->path, ':'); colon;) {
        char *before;

        *colon = '\0';
        if (is_file(dataset->path)) {
            dataset->member = strdup(colon + 1);
            return dataset->member != NULL;
        }
        before = strrchr(dataset->path, ':');
        *colon = ':';
        colon = before;
    }
    return false;
}

/* Path and member, without the brackets at the end of `text` if `part` says
 * where they begin. */
static bool split(struct dataset *dataset, const char *part)
{
    size_t length = part ? (size_t)(part - dataset->text) : SIZE_MAX;

    free(dataset->path);
    dataset->path = strndup(dataset->text, length);
    if (!dataset->path)
        return false;
    if (!is_file(dataset->path) && !split_member(dataset))
        return false;
    if (part) {
        dataset->part = strdup(part);
        return dataset->part != NULL;
    }
    return true;
}

/* A member of the file has a name that ends in brackets: it is meant. */
static bool is_member(const struct dataset *dataset)
{
    struct foray_dataset_list list = {0};
    bool is_there;

    if (!dataset->member || dataset_list(&list, dataset, NULL, NULL))
        return false;
    is_there = foray_dataset_find(&list, dataset->member) != NULL;
    foray_dataset_list_free(&list);
    return is_there;
}

/* The whole text is looked for first, then what stands before the brackets. */
static bool find_file(struct dataset *dataset, const char *part)
{
    if (split(dataset, NULL)) {
        dataset->format = format_of(dataset->path);
        if (!part || !dataset->member || is_member(dataset))
            return true;
        free(dataset->member);
        dataset->member = NULL;
    }
    if (!part || !split(dataset, part))
        return false;
    dataset->format = format_of(dataset->path);
    return true;
}

/* Whether a file neither is nor is called an array. */
static bool is_strange(const struct dataset *dataset)
{
    static const char magic[] = "\x93NUMPY";
    char bytes[sizeof magic] = "";
    FILE *file;
    struct stat st;

    if (dataset->format != DATASET_NPY ||
        output_has_suffix(dataset->path, ".npy") || stat(dataset->path, &st) ||
        !S_ISREG(st.st_mode))
        return false;
    file = fopen(dataset->path, "re");
    if (!file)
        return false;
    (void)!fread(bytes, 1, sizeof magic - 1, file);
    fclose(file);
    return strcmp(bytes, magic) != 0;
}

int dataset_find(struct dataset *out, const char *text)
{
    const char *part = slices_begin(text), *wrong = NULL;

    memset(out, 0, sizeof *out);
    out->text = text;
    if (!find_file(out, part)) {
        message("%s: no such file", text);
        dataset_free(out);
        return STATUS_FAILED;
    }
    if (is_strange(out)) {
        message("%s: no array: neither .npy nor .npz, joblib or HDF5", text);
        dataset_free(out);
        return STATUS_FAILED;
    }
    if (out->part)
        wrong = slices_parse(&out->slices, out->part);
    if (wrong) {
        options_wrong("%s: %s", text, wrong);
        dataset_free(out);
        return STATUS_USAGE;
    }
    return STATUS_DONE;
}

void dataset_free(struct dataset *dataset)
{
    free(dataset->path);
    free(dataset->member);
    free(dataset->part);
    memset(dataset, 0, sizeof *dataset);
}

static int list_npy(struct foray_dataset_list *out, const char *path,
                    struct foray_error *err)
{
    struct foray_npy_info info;
    struct foray_dataset *item;
    int code = foray_npy_info(&info, path, err);

    if (code)
        return code;
    item = calloc(1, sizeof *item);
    if (!item)
        return message_error(err, FORAY_ENOMEM, "no memory for %s", path);
    item->dtype = info.dtype;
    item->swapped = info.swapped;
    item->fortran_order = info.fortran_order;
    item->mappable = true;
    item->ndim = info.ndim;
    item->itemsize = info.itemsize;
    memcpy(item->shape, info.shape, sizeof item->shape);
    item->offset = info.offset;
    item->nbytes = item->stored = info.nbytes;
    snprintf(item->descr, sizeof item->descr, "%s", info.descr);
    snprintf(item->layout, sizeof item->layout, "npy %d.0", info.version);
    out->items = item;
    out->n = 1;
    return 0;
}

int dataset_list(struct foray_dataset_list *out, const struct dataset *dataset,
                 struct foray_pool *pool, struct foray_error *err)
{
    const struct hdf5_door *hdf5;

    memset(out, 0, sizeof *out);
    switch (dataset->format) {
    case DATASET_NPZ:
        return foray_npz_list(out, dataset->path, err);
    case DATASET_JOBLIB:
        return foray_joblib_list(out, dataset->path, err);
    case DATASET_HDF5:
        hdf5 = hdf5_door(err);
        return hdf5 ? hdf5->list(out, pool, dataset->path, err) : FORAY_ENOTSUP;
    default:
        return list_npy(out, dataset->path, err);
    }
}

/* Refuse a member of a file that is one array. */
static int open_npy(struct foray_array *out, const struct dataset *dataset,
                    const char *mode, struct foray_error *err)
{
    if (!dataset->member)
        return foray_array_open(out, dataset->path, mode, err);
    return message_error(err, FORAY_ENOENT,
                         "%s is one array: there is no \"%s\" in it",
                         dataset->path, dataset->member);
}

int dataset_open(struct foray_array *out, const struct dataset *dataset,
                 struct foray_pool *pool, const char *mode,
                 struct foray_error *err)
{
    int code;

    memset(out, 0, sizeof *out);
    switch (dataset->format) {
    case DATASET_NPZ:
        code = foray_npz_open(out, dataset->path, dataset->member, mode, err);
        break;
    case DATASET_JOBLIB:
        code =
            foray_joblib_open(out, dataset->path, dataset->member, mode, err);
        break;
    case DATASET_HDF5: /* knows what part is wanted */
        return hdf5_open_part(out, dataset, pool, mode, err);
    default:
        code = open_npy(out, dataset, mode, err);
    }
    if (!code && dataset->part)
        code = slices_apply(out, &dataset->slices, dataset->text, err);
    if (code)
        foray_array_close(out, NULL);
    return code;
}
